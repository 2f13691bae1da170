// Ping-pong: two ranks, one message of the payload's size at a time.
//
// ping_pong: rank 0 sends, rank 1 answers, K/2 round trips between two clock readings on both ranks; a sample divided
// by K is half a round trip. The data that came back must be what rank 0 sent.
//
// one_way_stream: rank 0 sends K + 1 messages back to back. The clock of each rank starts when its first message is
// through, so that a sample is t(K + 1) - t(1): divided by K it is the gap between messages, without the latency of the
// first (netgauge's PRTT difference, timed at the receiver). The last message must be what rank 0 sent.
#include <memory>
#include <vector>

#include "experiments/moved_data.hpp"
#include "experiments/turns.hpp"
#include "plan/case.hpp"
#include "transport/transport.hpp"

namespace hockney::bench::experiments {
namespace {

class PointToPoint : public transport::Trial {
 public:
  PointToPoint(transport::Verbs& verbs, const Case& point)
      : verbs_(verbs),
        data_(moved_data(verbs, point.element, 0)),
        turns_(buffer_sets(point, verbs.cache_size()), point.mode) {
    for (std::uint32_t set = 0; set < turns_.sets(); ++set) {
      out_.push_back(verbs.allocate(point.payload));
      in_.push_back(verbs.allocate(point.payload));
      verbs.fill(out_.back()->bytes(), data_);
    }
  }

  std::uint32_t sets() const override { return turns_.sets(); }
  void refill() override {}
  void poison() override {
    for (const std::size_t set : turns_.written()) {
      verbs_.poison(in_[set]->bytes());
    }
    turns_.reset();
  }

 protected:
  bool is_first() const { return verbs_.rank() == 0; }
  std::uint64_t wrong_in() {
    std::uint64_t wrong = 0;
    for (const std::size_t set : turns_.used()) {
      wrong += verbs_.count_wrong(in_[set]->bytes(), data_);
    }
    return wrong;
  }

  transport::Verbs& verbs_;
  pattern::Pattern data_;
  Turns turns_;
  std::vector<std::unique_ptr<transport::Memory>> out_;
  std::vector<std::unique_ptr<transport::Memory>> in_;
};

class PingPong final : public PointToPoint {
 public:
  using PointToPoint::PointToPoint;

  void run(std::uint32_t operations) override {
    turns_.begin_run();
    for (std::uint32_t messages = 0; messages < operations; messages += 2) {
      const std::size_t set = turns_.next();
      if (is_first()) {
        verbs_.send(out_[set]->bytes(), 1);
        verbs_.receive(in_[set]->bytes(), 1);
      } else {
        verbs_.receive(in_[set]->bytes(), 0);
        verbs_.send(in_[set]->bytes(), 0);
      }
    }
  }
  std::uint64_t count_wrong() override { return wrong_in(); }
};

class OneWayStream final : public PointToPoint {
 public:
  using PointToPoint::PointToPoint;

  void run(std::uint32_t operations) override {
    turns_.begin_run();
    for (std::uint32_t message = 0; message <= operations; ++message) {
      const std::size_t set = turns_.next();
      if (is_first()) {
        verbs_.send(out_[set]->bytes(), 1);
      } else {
        verbs_.receive(in_[set]->bytes(), 0);
      }
      if (message == 0) {
        verbs_.restart_clock();
      }
    }
  }
  std::uint64_t count_wrong() override { return is_first() ? 0 : wrong_in(); }
};

}  // namespace

std::unique_ptr<transport::Trial> make_ping_pong(transport::Verbs& verbs, const Case& point) {
  if (point.operation == Operation::one_way_stream) {
    return std::make_unique<OneWayStream>(verbs, point);
  }
  return std::make_unique<PingPong>(verbs, point);
}

}  // namespace hockney::bench::experiments
