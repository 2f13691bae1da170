#include "experiments/collective_trial.hpp"

#include <utility>

namespace hockney {
namespace {

class OutOfPlace final : public Trial {
 public:
  OutOfPlace(Verbs& verbs, const Case& point, Collective collective)
      : verbs_(verbs),
        element_(point.element),
        collective_(std::move(collective)),
        input_(verbs.allocate(send_bytes(point.operation, point.payload, point.group.ranks))),
        output_(verbs.allocate(receive_bytes(point.operation, point.payload, point.group.ranks))) {
    collective_.fill_input(verbs_, input_->bytes());
  }

  void refill() override {}
  void run() override { (verbs_.*collective_.run)(input_->bytes(), output_->bytes(), element_); }
  void poison() override { verbs_.poison(output_->bytes()); }
  std::uint64_t count_wrong() override { return collective_.count_wrong(verbs_, output_->bytes()); }

 private:
  Verbs& verbs_;
  Element element_;
  Collective collective_;
  std::unique_ptr<Memory> input_;
  std::unique_ptr<Memory> output_;
};

class InPlace final : public Trial {
 public:
  InPlace(Verbs& verbs, const Case& point, Collective collective)
      : verbs_(verbs),
        element_(point.element),
        collective_(std::move(collective)),
        pristine_(verbs.allocate(point.payload)),
        buffer_(verbs.allocate(point.payload)) {
    verbs_.poison(pristine_->bytes());
    collective_.fill_input(verbs_, collective_.input_in_place(verbs_, pristine_->bytes()));
  }

  void refill() override { verbs_.copy(pristine_->bytes(), buffer_->bytes()); }
  void run() override { result_ = (verbs_.*collective_.run_in_place)(buffer_->bytes(), element_); }
  void poison() override {}  // refill() overwrites any earlier result before every sample
  std::uint64_t count_wrong() override { return collective_.count_wrong(verbs_, result_); }

 private:
  Verbs& verbs_;
  Element element_;
  Collective collective_;
  std::unique_ptr<Memory> pristine_;
  std::unique_ptr<Memory> buffer_;
  Verbs::Buffer result_;
};

}  // namespace

std::unique_ptr<Trial> make_collective_trial(Verbs& verbs, const Case& point, Collective collective) {
  if (point.in_place) {
    return std::make_unique<InPlace>(verbs, point, std::move(collective));
  }
  return std::make_unique<OutOfPlace>(verbs, point, std::move(collective));
}

}  // namespace hockney
