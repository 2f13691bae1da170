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
// Micro-batch m of a run takes the m-th set of buffers from the turn on. A sample is the whole run on the slowest rank,
// divided by the steps of the chain (pipeline_steps()), which makes it comparable with the time of one message.
#include <algorithm>
#include <memory>
#include <vector>

#include "experiments/moved_data.hpp"
#include "experiments/turns.hpp"
#include "plan/case.hpp"
#include "transport/transport.hpp"

namespace hockney::bench::experiments {
namespace {

class Pipeline : public transport::Trial {
 public:
  Pipeline(transport::Verbs& verbs, const Case& point)
      : verbs_(verbs),
        data_(moved_data(verbs, point.element, 0)),
        micro_batches_(point.micro_batches()),
        stage_(verbs.rank()),
        stages_(verbs.ranks()),
        steps_(pipeline_steps(point.operation, stages_, micro_batches_)),
        turns_(buffer_sets(point, verbs.cache_size()), point.mode),
        set_of_(micro_batches_) {
    for (std::uint32_t set = 0; set < turns_.sets(); ++set) {
      activations_.push_back(verbs.allocate(point.payload));
      gradients_.push_back(verbs.allocate(point.payload));
      if (is_first()) {
        verbs.fill(activations_.back()->bytes(), data_);
      }
    }
  }

  std::uint32_t sets() const override { return turns_.sets(); }
  void refill() override {}
  void run(std::uint32_t operations) override {
    turns_.begin_run();
    for (std::uint32_t steps = 0; steps < operations; steps += steps_) {
      std::generate(set_of_.begin(), set_of_.end(), [&] { return turns_.next(); });
      run_once();
    }
  }
  void poison() override {
    for (const std::size_t set : turns_.written()) {
      if (!is_first()) {
        verbs_.poison(activations_[set]->bytes());
      }
      verbs_.poison(gradients_[set]->bytes());
    }
    turns_.reset();
  }
  std::uint64_t count_wrong() override {
    std::uint64_t wrong = 0;
    for (const std::size_t set : turns_.used()) {
      wrong += count_wrong_in(set);
    }
    return wrong;
  }

 protected:
  virtual void run_once() = 0;
  virtual std::uint64_t count_wrong_in(std::size_t set) = 0;

  bool is_first() const { return stage_ == 0; }
  bool is_last() const { return stage_ + 1 == stages_; }
  transport::Verbs::Buffer activation(std::uint32_t micro_batch) { return activations_[set_of_[micro_batch]]->bytes(); }
  transport::Verbs::Buffer gradient(std::uint32_t micro_batch) { return gradients_[set_of_[micro_batch]]->bytes(); }

  void receive_forward(std::uint32_t micro_batch) {
    if (!is_first()) {
      verbs_.receive(activation(micro_batch), stage_ - 1);
    }
  }
  void send_forward(std::uint32_t micro_batch) {
    if (!is_last()) {
      verbs_.send(activation(micro_batch), stage_ + 1);
    }
  }
  std::uint64_t wrong_activation(std::size_t set) { return verbs_.count_wrong(activations_[set]->bytes(), data_); }
  std::uint64_t wrong_gradient(std::size_t set) { return verbs_.count_wrong(gradients_[set]->bytes(), data_); }

  transport::Verbs& verbs_;
  pattern::Pattern data_;
  std::uint32_t micro_batches_;
  std::uint32_t stage_;
  std::uint32_t stages_;

 private:
  std::uint32_t steps_;
  Turns turns_;
  std::vector<std::size_t> set_of_;  ///< of every micro-batch of the run
  std::vector<std::unique_ptr<transport::Memory>> activations_;
  std::vector<std::unique_ptr<transport::Memory>> gradients_;
};

class Forward final : public Pipeline {
 public:
  using Pipeline::Pipeline;

 private:
  void run_once() override {
    for (std::uint32_t i = 0; i < micro_batches_; ++i) {
      receive_forward(i);
      send_forward(i);
    }
  }
  std::uint64_t count_wrong_in(std::size_t set) override { return wrong_activation(set); }
};

class ForwardBackward final : public Pipeline {
 public:
  using Pipeline::Pipeline;

 private:
  void run_once() override {
    const std::uint32_t ahead = std::min(stages_ - 1 - stage_, micro_batches_);
    const std::uint32_t steady = micro_batches_ - ahead;
    for (std::uint32_t i = 0; i < ahead; ++i) {
      receive_forward(i);
      send_forward(i);
    }
    if (steady > 0) {
      receive_forward(ahead);
    }
    for (std::uint32_t i = 0; i < steady; ++i) {
      send_forward_receive_backward(ahead + i, i);
      if (i + 1 < steady) {
        send_backward_receive_forward(i, ahead + i + 1);
      } else {
        send_backward(i);
      }
    }
    for (std::uint32_t i = steady; i < micro_batches_; ++i) {
      receive_backward(i);
      send_backward(i);
    }
  }
  std::uint64_t count_wrong_in(std::size_t set) override {
    return wrong_activation(set) + (is_last() ? 0 : wrong_gradient(set));
  }

  // The last stage has no gradient of its own to wait for: it returns the activation.
  transport::Verbs::ConstBuffer outgoing_gradient(std::uint32_t micro_batch) {
    return is_last() ? activation(micro_batch) : gradient(micro_batch);
  }

  void receive_backward(std::uint32_t micro_batch) {
    if (!is_last()) {
      verbs_.receive(gradient(micro_batch), stage_ + 1);
    }
  }
  void send_backward(std::uint32_t micro_batch) {
    if (!is_first()) {
      verbs_.send(outgoing_gradient(micro_batch), stage_ - 1);
    }
  }
  void send_forward_receive_backward(std::uint32_t forward, std::uint32_t backward) {
    if (!is_last()) {
      verbs_.exchange(activation(forward), stage_ + 1, gradient(backward), stage_ + 1);
    }
  }
  void send_backward_receive_forward(std::uint32_t backward, std::uint32_t forward) {
    if (is_last()) {
      // the buffer that goes out may be the one that comes in: not both at once
      send_backward(backward);
      receive_forward(forward);
    } else if (!is_first()) {
      verbs_.exchange(gradient(backward), stage_ - 1, activation(forward), stage_ - 1);
    }
  }
};

}  // namespace

std::unique_ptr<transport::Trial> make_pipeline_send(transport::Verbs& verbs, const Case& point) {
  if (point.operation == Operation::pipeline_forward_backward) {
    return std::make_unique<ForwardBackward>(verbs, point);
  }
  return std::make_unique<Forward>(verbs, point);
}

}  // namespace hockney::bench::experiments
