// Pipeline send: a chain of stages, one per rank, through which M micro-batches travel with no compute between.
//
// pipeline_forward: every stage receives an activation of the payload's size from the stage before and passes it on to
// the next, micro-batch after micro-batch. The last stage must hold what the first one sent.
//
// pipeline_forward_backward: the same, with a gradient of the same size coming back for every micro-batch, in
// Megatron's 1F1B order (megatron/core/pipeline_parallel/schedules.py): stage i of S first passes min(S - 1 - i, M)
// activations on, then alternates one forward and one backward, sending one way and receiving the other at the same
// time, and last drains the remaining gradients. The last stage returns what it received, so the first stage must get
// back what it sent.
//
// A sample is the whole run on the slowest rank, divided by the steps of the chain (pipeline_steps()), which makes it
// comparable with the time of one message.
#include <algorithm>
#include <memory>

#include "plan/case.hpp"
#include "transport/transport.hpp"

namespace hockney {
namespace {

class Pipeline : public Trial {
 public:
  Pipeline(Verbs& verbs, const Case& point)
      : verbs_(verbs),
        element_(point.element),
        micro_batches_(point.micro_batches),
        stage_(verbs.rank()),
        stages_(verbs.ranks()),
        activation_(verbs.allocate(point.payload)),
        gradient_(verbs.allocate(point.payload)) {
    if (is_first()) {
      verbs_.fill(activation_->bytes(), element_, Pattern::of_rank(0));
    }
  }

  void refill() override {}
  void poison() override {
    if (!is_first()) {
      verbs_.poison(activation_->bytes());
    }
    verbs_.poison(gradient_->bytes());
  }

 protected:
  bool is_first() const { return stage_ == 0; }
  bool is_last() const { return stage_ + 1 == stages_; }

  void receive_forward() {
    if (!is_first()) {
      verbs_.receive(activation_->bytes(), stage_ - 1);
    }
  }
  void send_forward() {
    if (!is_last()) {
      verbs_.send(activation_->bytes(), stage_ + 1);
    }
  }
  std::uint64_t wrong_activation() { return verbs_.count_wrong(activation_->bytes(), element_, Pattern::of_rank(0)); }
  std::uint64_t wrong_gradient() { return verbs_.count_wrong(gradient_->bytes(), element_, Pattern::of_rank(0)); }

  Verbs& verbs_;
  Element element_;
  std::uint32_t micro_batches_;
  std::uint32_t stage_;
  std::uint32_t stages_;
  std::unique_ptr<Memory> activation_;
  std::unique_ptr<Memory> gradient_;
};

class Forward final : public Pipeline {
 public:
  using Pipeline::Pipeline;

  void run() override {
    for (std::uint32_t i = 0; i < micro_batches_; ++i) {
      receive_forward();
      send_forward();
    }
  }
  std::uint64_t count_wrong() override { return wrong_activation(); }
};

class ForwardBackward final : public Pipeline {
 public:
  using Pipeline::Pipeline;

  void run() override {
    const std::uint32_t ahead = std::min(stages_ - 1 - stage_, micro_batches_);
    const std::uint32_t steady = micro_batches_ - ahead;
    for (std::uint32_t i = 0; i < ahead; ++i) {
      receive_forward();
      send_forward();
    }
    if (steady > 0) {
      receive_forward();
    }
    for (std::uint32_t i = 0; i < steady; ++i) {
      send_forward_receive_backward();
      if (i + 1 < steady) {
        send_backward_receive_forward();
      } else {
        send_backward();
      }
    }
    for (std::uint32_t i = 0; i < ahead; ++i) {
      receive_backward();
      send_backward();
    }
  }
  std::uint64_t count_wrong() override { return wrong_activation() + (is_last() ? 0 : wrong_gradient()); }

 private:
  // The last stage has no gradient of its own to wait for: it returns the activation.
  Verbs::ConstBuffer outgoing_gradient() { return is_last() ? activation_->bytes() : gradient_->bytes(); }

  void receive_backward() {
    if (!is_last()) {
      verbs_.receive(gradient_->bytes(), stage_ + 1);
    }
  }
  void send_backward() {
    if (!is_first()) {
      verbs_.send(outgoing_gradient(), stage_ - 1);
    }
  }
  void send_forward_receive_backward() {
    if (!is_last()) {
      verbs_.exchange(activation_->bytes(), stage_ + 1, gradient_->bytes(), stage_ + 1);
    }
  }
  void send_backward_receive_forward() {
    if (is_last()) {
      // the buffer that goes out is the one that comes in: not both at once
      send_backward();
      receive_forward();
    } else if (!is_first()) {
      verbs_.exchange(gradient_->bytes(), stage_ - 1, activation_->bytes(), stage_ - 1);
    }
  }
};

}  // namespace

std::unique_ptr<Trial> make_pipeline_send(Verbs& verbs, const Case& point) {
  if (point.operation == Operation::pipeline_forward_backward) {
    return std::make_unique<ForwardBackward>(verbs, point);
  }
  return std::make_unique<Forward>(verbs, point);
}

}  // namespace hockney
