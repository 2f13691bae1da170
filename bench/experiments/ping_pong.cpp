// Ping-pong: two ranks, one message of the payload's size at a time.
//
// ping_pong: rank 0 sends, rank 1 answers, K/2 round trips between two clock readings on both ranks; a sample divided
// by K is half a round trip. The data that came back must be what rank 0 sent.
//
// one_way_stream: rank 0 sends K + 1 messages back to back. The clock of each rank starts when its first message is
// through, so that a sample is t(K + 1) - t(1): divided by K it is the gap between messages, without the latency of the
// first (netgauge's PRTT difference, timed at the receiver). The last message must be what rank 0 sent.
#include <memory>

#include "plan/case.hpp"
#include "transport/transport.hpp"

namespace hockney {
namespace {

class PointToPoint : public Trial {
 public:
  PointToPoint(Verbs& verbs, const Case& point)
      : verbs_(verbs),
        element_(point.element),
        operations_(point.operations_per_sample),
        out_(verbs.allocate(point.payload)),
        in_(verbs.allocate(point.payload)) {
    verbs_.fill(out_->bytes(), element_, Pattern::of_rank(0));
  }

  void refill() override {}
  void poison() override { verbs_.poison(in_->bytes()); }

 protected:
  bool is_first() const { return verbs_.rank() == 0; }
  std::uint64_t wrong_in() { return verbs_.count_wrong(in_->bytes(), element_, Pattern::of_rank(0)); }

  Verbs& verbs_;
  Element element_;
  std::uint32_t operations_;
  std::unique_ptr<Memory> out_;
  std::unique_ptr<Memory> in_;
};

class PingPong final : public PointToPoint {
 public:
  using PointToPoint::PointToPoint;

  void run() override {
    for (std::uint32_t round_trip = 0; round_trip < operations_ / 2; ++round_trip) {
      if (is_first()) {
        verbs_.send(out_->bytes(), 1);
        verbs_.receive(in_->bytes(), 1);
      } else {
        verbs_.receive(in_->bytes(), 0);
        verbs_.send(in_->bytes(), 0);
      }
    }
  }
  std::uint64_t count_wrong() override { return wrong_in(); }
};

class OneWayStream final : public PointToPoint {
 public:
  using PointToPoint::PointToPoint;

  void run() override {
    for (std::uint32_t message = 0; message <= operations_; ++message) {
      if (is_first()) {
        verbs_.send(out_->bytes(), 1);
      } else {
        verbs_.receive(in_->bytes(), 0);
      }
      if (message == 0) {
        verbs_.restart_clock();
      }
    }
  }
  std::uint64_t count_wrong() override { return is_first() ? 0 : wrong_in(); }
};

}  // namespace

std::unique_ptr<Trial> make_ping_pong(Verbs& verbs, const Case& point) {
  if (point.operation == Operation::one_way_stream) {
    return std::make_unique<OneWayStream>(verbs, point);
  }
  return std::make_unique<PingPong>(verbs, point);
}

}  // namespace hockney
