#include "exchange.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <stdexcept>

#include "patience.hpp"

namespace hockney::gpu_double {
namespace {

// Goes before every message, so that two ranks that disagree are found out.
struct Envelope {
  std::uint64_t bytes;
  std::uint64_t tag;
};

struct Outgoing {
  Envelope envelope;
  const std::byte* data;
  std::size_t sent = 0;  ///< of envelope and data together

  bool advance(Ring& ring) {
    const std::size_t before = sent;
    if (sent < sizeof envelope) {
      sent += ring.push(std::as_bytes(std::span(&envelope, 1)).subspan(sent));
    }
    if (sent >= sizeof envelope) {
      const std::size_t at = sent - sizeof envelope;
      sent += ring.push({data + at, envelope.bytes - at});
    }
    return sent != before;
  }
  bool is_done() const { return sent == sizeof envelope + envelope.bytes; }
};

struct Incoming {
  Envelope expected;
  std::byte* data;
  Envelope envelope{};
  std::size_t received = 0;

  bool advance(Ring& ring) {
    const std::size_t before = received;
    if (received < sizeof envelope) {
      received += ring.pop(std::as_writable_bytes(std::span(&envelope, 1)).subspan(received));
      if (received == sizeof envelope && (envelope.bytes != expected.bytes || envelope.tag != expected.tag)) {
        throw std::logic_error("expects " + std::to_string(expected.bytes) + " bytes with tag " +
                               std::to_string(expected.tag) + ", gets " + std::to_string(envelope.bytes) +
                               " bytes with tag " + std::to_string(envelope.tag));
      }
    }
    if (received >= sizeof envelope) {
      const std::size_t at = received - sizeof envelope;
      received += ring.pop({data + at, envelope.bytes - at});
    }
    return received != before;
  }
  bool is_done() const { return received == sizeof envelope + expected.bytes; }
};

template <class Message>
bool advance(std::deque<Message>& lane, Ring& ring) {
  bool moved = false;
  while (!lane.empty()) {
    moved = lane.front().advance(ring) || moved;
    if (!lane.front().is_done()) {
      break;
    }
    lane.pop_front();
    moved = true;
  }
  return moved;
}

void copy_to_oneself(int rank, const std::vector<Send>& sends, const std::vector<Receive>& receives) {
  auto send = sends.begin();
  for (const Receive& receive : receives) {
    if (receive.peer != rank) {
      continue;
    }
    send = std::find_if(send, sends.end(), [rank](const Send& candidate) { return candidate.peer == rank; });
    if (send == sends.end() || send->bytes != receive.bytes) {
      throw std::logic_error("receives from itself what it does not send");
    }
    if (receive.bytes > 0) {
      std::memmove(receive.data, send->data, receive.bytes);
    }
    ++send;
  }
}

}  // namespace

bool exchange(Segment& segment, int rank, const std::vector<Send>& sends, const std::vector<Receive>& receives,
              std::uint64_t tag, const Segment::GiveUp& give_up) {
  copy_to_oneself(rank, sends, receives);
  std::map<int, std::deque<Outgoing>> outgoing;
  std::map<int, std::deque<Incoming>> incoming;
  for (const Send& send : sends) {
    if (send.peer != rank) {
      outgoing[send.peer].push_back({{send.bytes, tag}, send.data});
    }
  }
  for (const Receive& receive : receives) {
    if (receive.peer != rank) {
      incoming[receive.peer].push_back({{receive.bytes, tag}, receive.data});
    }
  }
  Patience patience;
  while (true) {
    bool moved = false;
    for (auto& [peer, lane] : outgoing) {
      moved = advance(lane, segment.from_me_to(peer)) || moved;
    }
    for (auto& [peer, lane] : incoming) {
      try {
        moved = advance(lane, segment.to_me_from(peer)) || moved;
      } catch (const std::logic_error& error) {
        throw std::logic_error("rank " + std::to_string(rank) + ", from rank " + std::to_string(peer) + ": " +
                               error.what());
      }
    }
    std::erase_if(outgoing, [](const auto& entry) { return entry.second.empty(); });
    std::erase_if(incoming, [](const auto& entry) { return entry.second.empty(); });
    if (outgoing.empty() && incoming.empty()) {
      return true;
    }
    if (give_up()) {
      return false;
    }
    if (moved) {
      patience.renew();
    } else {
      patience.wait();
    }
  }
}

}  // namespace hockney::gpu_double
