// Step replay: all that one training step communicates, in the order of Megatron-LM's 1F1B schedule (schedule_of()),
// with busy time in the place of compute. Every rank of the group plays its own part: tensor, pipeline, data and
// embedding groups are cut out of it as Megatron-LM numbers ranks.
//
// Collectives of one kind and size share one pair of buffers, messages of one direction one buffer, as in the
// experiments that time them alone. A stage passes on what it received, and the last one returns it, so that a message
// is as fresh in the sender's cache as in pipeline_send. Reduced buffers must hold what the summands of all ranks give;
// activations and gradients must be what the first stage sent.
#include <array>
#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "plan/case.hpp"
#include "plan/replay.hpp"
#include "transport/transport.hpp"
#include "workload/schedule.hpp"

namespace hockney::bench::experiments {
namespace {

using Buffer = transport::Verbs::Buffer;

class Replay final : public transport::Trial {
 public:
  Replay(transport::Verbs& verbs, const Case& point)
      : verbs_(verbs),
        mapping_(mapping_of(point)),
        place_(place_of(mapping_, verbs.rank())),
        element_(point.element),
        layer_forward_(point.step.compute_s) {
    if (verbs.ranks() != mapping_.gpus()) {
      throw Failure("a step was to be replayed on another number of ranks than its mapping has");
    }
    make_groups();
    for (const Action& action : schedule_of(transformer_of(point.step), mapping_, place_)) {
      program_.push_back(prepare(action));
    }
  }

  void refill() override {}

  void run(std::uint32_t operations) override {
    for (std::uint32_t step = 0; step < operations; ++step) {
      for (const Instruction& instruction : program_) {
        execute(instruction);
      }
    }
  }

  void poison() override {
    for (const Result& result : results_) {
      verbs_.poison(result.buffer);
    }
  }

  std::uint64_t count_wrong() override {
    std::uint64_t wrong = 0;
    for (const Result& result : results_) {
      wrong += verbs_.count_wrong(result.buffer, result.expected);
    }
    return wrong;
  }

 private:
  /// An action with everything looked up, so that nothing but the calls is on the clock.
  struct Instruction {
    Move move = Move::compute;
    transport::Verbs* group = nullptr;
    Buffer out;
    Buffer in;
    Element element = Element::float32;
    std::uint32_t to = 0;
    std::uint32_t from = 0;
    Seconds duration{0};
  };
  struct Result {
    Buffer buffer;
    pattern::Pattern expected;
  };
  struct Pair {
    Buffer out;
    Buffer in;
  };

  // Every rank cuts out the same kinds of groups in the same order.
  void make_groups() {
    const std::array<std::pair<StepGroup, std::uint64_t>, 4> sizes{{{StepGroup::tensor, mapping_.tensor},
                                                                    {StepGroup::pipeline, mapping_.pipeline},
                                                                    {StepGroup::data, mapping_.data},
                                                                    {StepGroup::embedding, mapping_.pipeline}}};
    for (const auto& [group, size] : sizes) {
      if (size > 1) {
        groups_[group] = verbs_.split(static_cast<std::uint32_t>(group_number(mapping_, place_, group)));
      }
    }
  }

  Buffer allocate(Bytes size) {
    memory_.push_back(verbs_.allocate(size));
    return memory_.back()->bytes();
  }

  Element element_of(StepData data) const {
    const bool is_half = mapping_.gradient_bytes == size_of(Element::bfloat16).count;
    switch (data) {
      case StepData::activation:
        return element_;
      case StepData::gradient:
        return is_half ? Element::bfloat16 : Element::float32;
      case StepData::cross_entropy:
        break;
    }
    return Element::float32;
  }

  Pair reduce_buffers(transport::Verbs& group, const Action& action) {
    const Element element = element_of(action.data);
    const auto [found, is_new] = reduced_.try_emplace({action.group, action.data, action.payload});
    if (is_new) {
      found->second = {allocate(action.payload), allocate(action.payload)};
      verbs_.fill(found->second.out, pattern::Pattern::summand(element, Reduction::sum, group.ranks(), group.rank()));
      results_.push_back({found->second.in, pattern::Pattern::reduced(element, Reduction::sum, group.ranks())});
    }
    return found->second;
  }

  Pair gather_buffers(transport::Verbs& group, const Action& action) {
    if (gathered_.in.empty()) {
      const Bytes block = action.payload / group.ranks();
      gathered_ = {allocate(block), allocate(action.payload)};
      verbs_.fill(gathered_.out, pattern::Pattern::moved(element_, group.rank()));
      for (std::uint32_t rank = 0; rank < group.ranks(); ++rank) {
        results_.push_back(
            {gathered_.in.subspan(rank * block.count, block.count), pattern::Pattern::moved(element_, rank)});
      }
    }
    return gathered_;
  }

  bool is_first() const { return place_.stage == 0; }
  bool is_last() const { return place_.stage + 1 == mapping_.pipeline; }

  // Every pipeline has data of its own: those of its rank in the first stage.
  pattern::Pattern passed_data() const {
    return pattern::Pattern::moved(element_,
                                   static_cast<std::uint32_t>(place_.replica * mapping_.tensor + place_.shard));
  }

  Buffer allocate_once(Buffer& buffer, Bytes size) {
    if (buffer.empty()) {
      buffer = allocate(size);
      if (is_first() && &buffer == &activation_) {
        verbs_.fill(buffer, passed_data());
      } else {
        results_.push_back({buffer, passed_data()});
      }
    }
    return buffer;
  }

  // An exchange of the last stage must not overwrite what it sends: of its two buffers one is out, the other in.
  Buffer activation_in(Bytes size) {
    if (is_last() && mapping_.pipeline > 2) {
      std::swap(activation_, other_activation_);
    }
    return allocate_once(activation_, size);
  }
  Buffer activation_out(Bytes size) { return allocate_once(activation_, size); }
  Buffer gradient_in(Bytes size) { return allocate_once(gradient_, size); }
  Buffer gradient_out(Bytes size) { return allocate_once(is_last() ? activation_ : gradient_, size); }

  Instruction prepare(const Action& action) {
    Instruction instruction;
    instruction.move = action.move;
    if (action.move == Move::compute) {
      instruction.duration = layer_forward_ * action.forward_units;
      return instruction;
    }
    transport::Verbs& group = *groups_.at(action.group);
    instruction.group = &group;
    instruction.element = element_of(action.data);
    instruction.to = instruction.from = group.rank();
    use_buffers(instruction, group, action);
    return instruction;
  }

  void use_buffers(Instruction& instruction, transport::Verbs& group, const Action& action) {
    const std::uint32_t next = group.rank() + 1;
    const std::uint32_t before = group.rank() - 1;
    switch (action.move) {
      case Move::all_reduce:
        std::tie(instruction.out, instruction.in) = as_tuple(reduce_buffers(group, action));
        break;
      case Move::all_gather:
        std::tie(instruction.out, instruction.in) = as_tuple(gather_buffers(group, action));
        break;
      case Move::send_forward:
        instruction.out = activation_out(action.payload);
        instruction.to = next;
        break;
      case Move::receive_forward:
        instruction.in = activation_in(action.payload);
        instruction.from = before;
        break;
      case Move::send_backward:
        instruction.out = gradient_out(action.payload);
        instruction.to = before;
        break;
      case Move::receive_backward:
        instruction.in = gradient_in(action.payload);
        instruction.from = next;
        break;
      case Move::send_forward_receive_backward:
        instruction.out = activation_out(action.payload);
        instruction.in = gradient_in(action.payload);
        instruction.to = instruction.from = next;
        break;
      case Move::send_backward_receive_forward:
        instruction.out = gradient_out(action.payload);
        instruction.in = activation_in(action.payload);
        instruction.to = instruction.from = before;
        break;
      case Move::compute:
        break;
    }
  }

  static std::tuple<Buffer, Buffer> as_tuple(Pair pair) { return {pair.out, pair.in}; }

  void execute(const Instruction& instruction) {
    switch (instruction.move) {
      case Move::compute:
        if (instruction.duration.count() > 0) {
          verbs_.busy(instruction.duration);
        }
        break;
      case Move::all_reduce:
      case Move::all_gather:
        instruction.group->collective(
            {.operation = instruction.move == Move::all_reduce ? Operation::all_reduce : Operation::all_gather,
             .send = instruction.out,
             .receive = instruction.in,
             .element = instruction.element});
        break;
      case Move::send_forward:
      case Move::send_backward:
        instruction.group->send(instruction.out, instruction.to);
        break;
      case Move::receive_forward:
      case Move::receive_backward:
        instruction.group->receive(instruction.in, instruction.from);
        break;
      case Move::send_forward_receive_backward:
      case Move::send_backward_receive_forward:
        instruction.group->exchange(instruction.out, instruction.to, instruction.in, instruction.from);
        break;
    }
  }

  transport::Verbs& verbs_;
  Mapping mapping_;
  StepRank place_;
  Element element_;
  Seconds layer_forward_;
  std::map<StepGroup, std::unique_ptr<transport::Verbs>> groups_;
  std::vector<std::unique_ptr<transport::Memory>> memory_;
  std::map<std::tuple<StepGroup, StepData, Bytes>, Pair> reduced_;
  Pair gathered_;
  Buffer activation_;
  Buffer other_activation_;
  Buffer gradient_;
  std::vector<Result> results_;
  std::vector<Instruction> program_;
};

}  // namespace

std::unique_ptr<transport::Trial> make_step_replay(transport::Verbs& verbs, const Case& point) {
  return std::make_unique<Replay>(verbs, point);
}

}  // namespace hockney::bench::experiments
