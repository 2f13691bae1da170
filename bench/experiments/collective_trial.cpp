#include "experiments/collective_trial.hpp"

#include <utility>
#include <vector>

#include "base/error.hpp"
#include "experiments/moved_data.hpp"
#include "experiments/turns.hpp"

namespace hockney::bench::experiments {
namespace {

using Buffer = transport::Verbs::Buffer;

pattern::Pattern input_of(const transport::Verbs& verbs, const Case& point) {
  return is_reduction(point.operation)
             ? pattern::Pattern::summand(point.element, point.reduction(), verbs.ranks(), verbs.rank())
             : moved_data(verbs, point.element, verbs.rank());
}

class CollectiveTrial : public transport::Trial {
 public:
  CollectiveTrial(transport::Verbs& verbs, const Case& point, Collective collective)
      : verbs_(verbs), collective_(std::move(collective)), turns_(buffer_sets(point, verbs.cache_size()), point.mode) {}

  void run(std::uint32_t operations) override {
    turns_.begin_run();
    for (std::uint32_t operation = 0; operation < operations; ++operation) {
      run_on(turns_.next());
    }
  }

  std::uint64_t count_wrong() override {
    std::uint64_t wrong = 0;
    for (const std::size_t set : turns_.used()) {
      wrong += collective_.count_wrong(verbs_, result_of(set));
    }
    return wrong;
  }

 protected:
  virtual void run_on(std::size_t set) = 0;
  virtual Buffer result_of(std::size_t set) = 0;

  transport::Verbs& verbs_;
  Collective collective_;
  Turns turns_;
};

class OutOfPlace final : public CollectiveTrial {
 public:
  OutOfPlace(transport::Verbs& verbs, const Case& point, Collective collective)
      : CollectiveTrial(verbs, point, std::move(collective)) {
    const std::uint32_t ranks = point.group.ranks;
    const Bytes receive = collective_.receive.value_or(receive_bytes(point.operation, point.payload, ranks));
    for (std::uint32_t set = 0; set < turns_.sets(); ++set) {
      inputs_.push_back(verbs.allocate(send_bytes(point.operation, point.payload, ranks)));
      outputs_.push_back(verbs.allocate(receive));
      verbs.fill(inputs_.back()->bytes(), input_of(verbs, point));
    }
  }

  void refill() override {}
  void poison() override {
    for (const std::size_t set : turns_.written()) {
      verbs_.poison(outputs_[set]->bytes());
    }
    turns_.reset();
  }

 private:
  void run_on(std::size_t set) override { collective_.run(verbs_, inputs_[set]->bytes(), outputs_[set]->bytes()); }
  Buffer result_of(std::size_t set) override { return outputs_[set]->bytes(); }

  std::vector<std::unique_ptr<transport::Memory>> inputs_;
  std::vector<std::unique_ptr<transport::Memory>> outputs_;
};

class InPlace final : public CollectiveTrial {
 public:
  InPlace(transport::Verbs& verbs, const Case& point, Collective collective)
      : CollectiveTrial(verbs, point, std::move(collective)),
        accumulates_(accumulates_in_place(point.operation)),
        pristine_(verbs.allocate_scratch(point.payload)) {
    verbs.poison(pristine_->bytes());
    const Buffer input = collective_.input_in_place(verbs, pristine_->bytes());
    if (!input.empty()) {
      verbs.fill(input, input_of(verbs, point));
    }
    for (std::uint32_t set = 0; set < turns_.sets(); ++set) {
      buffers_.push_back(verbs.allocate(point.payload));
      results_.push_back(buffers_.back()->bytes());
    }
  }

  void run(std::uint32_t operations) override {
    if (accumulates_ && operations > turns_.sets()) {
      throw Failure("more operations in place than sets of buffers: results would be reduced again");
    }
    CollectiveTrial::run(operations);
  }

  void refill() override {
    for (const std::size_t set : turns_.written()) {
      verbs_.copy(pristine_->bytes(), buffers_[set]->bytes());
    }
    turns_.reset();
  }
  void poison() override { refill(); }  // the pristine copy holds poison wherever the input is not

 private:
  void run_on(std::size_t set) override { results_[set] = collective_.run_in_place(verbs_, buffers_[set]->bytes()); }
  Buffer result_of(std::size_t set) override { return results_[set]; }

  bool accumulates_;
  std::unique_ptr<transport::Memory> pristine_;
  std::vector<std::unique_ptr<transport::Memory>> buffers_;
  std::vector<Buffer> results_;
};

}  // namespace

std::unique_ptr<transport::Trial> make_collective_trial(transport::Verbs& verbs, const Case& point,
                                                        Collective collective) {
  if (point.in_place) {
    return std::make_unique<InPlace>(verbs, point, std::move(collective));
  }
  return std::make_unique<OutOfPlace>(verbs, point, std::move(collective));
}

transport::Verbs::Buffer whole_buffer(transport::Verbs&, transport::Verbs::Buffer buffer) { return buffer; }

transport::Verbs::Buffer own_block(transport::Verbs& verbs, transport::Verbs::Buffer buffer) {
  const std::size_t block = buffer.size() / verbs.ranks();
  return buffer.subspan(verbs.rank() * block, block);
}

transport::Verbs::Buffer whole_buffer_on_root(transport::Verbs& verbs, transport::Verbs::Buffer buffer) {
  return verbs.rank() == 0 ? buffer : transport::Verbs::Buffer{};
}

std::uint64_t count_wrong_blocks(transport::Verbs& verbs, transport::Verbs::ConstBuffer result, Element element,
                                 std::uint64_t first_index) {
  const std::size_t block = result.size() / verbs.ranks();
  std::uint64_t wrong = 0;
  for (std::uint32_t rank = 0; rank < verbs.ranks(); ++rank) {
    wrong += verbs.count_wrong(result.subspan(rank * block, block), moved_data(verbs, element, rank, first_index));
  }
  return wrong;
}

}  // namespace hockney::bench::experiments
