#include "experiments/collective_trial.hpp"

#include <utility>

#include "base/error.hpp"
#include "experiments/moved_data.hpp"
#include "experiments/turns.hpp"

namespace hockney::bench::experiments {
namespace {

using Buffer = transport::Verbs::Buffer;

class CollectiveTrial final : public transport::Trial {
 public:
  CollectiveTrial(transport::Verbs& verbs, const Case& point, Collective collective)
      : verbs_(verbs),
        point_(point),
        collective_(std::move(collective)),
        turns_(buffer_sets(point, verbs.cache_size()), point.mode) {
    if (point.in_place) {
      make_pristine();
    }
    for (std::uint32_t set = 0; set < turns_.sets(); ++set) {
      calls_.push_back(point.in_place ? in_place_call() : out_of_place_call());
      results_.push_back(calls_.back().receive);
    }
  }

  void run(std::uint32_t operations) override {
    if (point_.in_place && accumulates_in_place(point_.operation) && operations > turns_.sets()) {
      throw Failure("more operations in place than sets of buffers: results would be reduced again");
    }
    turns_.begin_run();
    for (std::uint32_t operation = 0; operation < operations; ++operation) {
      const std::size_t set = turns_.next();
      results_[set] = verbs_.collective(calls_[set]);
    }
  }

  std::uint32_t sets() const override { return turns_.sets(); }
  void refill() override {
    if (point_.in_place) {
      for (const std::size_t set : turns_.written()) {
        verbs_.copy(pristine_->bytes(), memory_[set]->bytes());
      }
      turns_.reset();
    }
  }

  void poison() override {
    if (point_.in_place) {
      refill();  // the pristine copy holds poison wherever the input is not
      return;
    }
    for (const std::size_t set : turns_.written()) {
      verbs_.poison(calls_[set].receive);
    }
    turns_.reset();
  }

  std::uint64_t count_wrong() override {
    std::uint64_t wrong = 0;
    for (const std::size_t set : turns_.used()) {
      std::size_t at = 0;
      for (const Expected& expected : collective_.answer) {
        wrong += verbs_.count_wrong(results_[set].subspan(at, expected.size.count), expected.data);
        at += expected.size.count;
      }
    }
    return wrong;
  }

 private:
  Buffer allocate(Bytes size) {
    memory_.push_back(verbs_.allocate(size));
    return memory_.back()->bytes();
  }

  void fill_input(Buffer input) {
    verbs_.fill(input, is_reduction(point_.operation) ? pattern::Pattern::summand(point_.element, point_.reduction(),
                                                                                  verbs_.ranks(), verbs_.rank())
                                                      : moved_data(verbs_, point_.element, verbs_.rank()));
  }

  transport::Call call() const {
    transport::Call call;
    call.operation = point_.operation;
    call.element = point_.element;
    call.reduction = point_.reduction();
    call.native = point_.native;
    call.send_elements = collective_.sent;
    call.receive_elements = collective_.received;
    return call;
  }

  transport::Call out_of_place_call() {
    transport::Call made = call();
    const Buffer input = allocate(collective_.send);
    fill_input(input);
    made.send = input;
    made.receive = allocate(collective_.receive);
    return made;
  }

  transport::Call in_place_call() {
    transport::Call made = call();
    const Buffer buffer = allocate(point_.payload);
    made.send = own_part(buffer, collective_.send);
    made.receive = own_part(buffer, collective_.receive);
    return made;
  }

  Buffer own_part(Buffer buffer, Bytes size) const {
    return size.count == buffer.size() ? buffer : buffer.subspan(verbs_.rank() * size.count, size.count);
  }

  void make_pristine() {
    pristine_ = verbs_.allocate_scratch(point_.payload);
    verbs_.poison(pristine_->bytes());
    if (verbs_.rank() == 0 || !only_root_sends(point_.operation)) {
      fill_input(own_part(pristine_->bytes(), collective_.send));
    }
  }

  transport::Verbs& verbs_;
  Case point_;
  Collective collective_;
  Turns turns_;
  std::unique_ptr<transport::Memory> pristine_;             ///< in place only
  std::vector<std::unique_ptr<transport::Memory>> memory_;  ///< in place the one buffer of every set
  std::vector<transport::Call> calls_;                      ///< of every set
  std::vector<Buffer> results_;                             ///< of every set, where the last operation left them
};

}  // namespace

std::unique_ptr<transport::Trial> make_collective_trial(transport::Verbs& verbs, const Case& point,
                                                        Collective collective) {
  return std::make_unique<CollectiveTrial>(verbs, point, std::move(collective));
}

}  // namespace hockney::bench::experiments
