#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <simgrid/s4u.hpp>

#include "exports/synthetic_cluster.hpp"
#include "exports/writers.hpp"

// SimGrid itself reads the exported platform and runs transfers and ring all-reduces on it. It allows one engine per
// process, so that all are run one after the other in one simulation.
namespace hockney::exports {
namespace {

namespace s4u = simgrid::s4u;

const Cluster cluster = cluster_on_paper(8, 8, {.has_two_segments = false});
const std::array<std::uint32_t, 8> sizes_of_rings{2, 4, 8, 16, 24, 32, 48, 64};
const std::array<Bytes, 3> payloads{kibibytes(64), mebibytes(4), mebibytes(256)};

std::map<std::pair<std::uint32_t, Bytes>, double> rings;
std::map<std::pair<std::uint32_t, Bytes>, double> transfers;  // from GPU 0 to this one

s4u::Host* gpu(std::uint32_t rank) { return s4u::Host::by_name("gpu-" + std::to_string(rank)); }

// 2 (n - 1) steps; in each a rank sends a block to the next one and waits for that of the one before.
void take_part(std::uint32_t rank, std::uint32_t ranks, std::uint64_t block) {
  static char token = 0;
  for (std::uint32_t step = 0; step < 2 * (ranks - 1); ++step) {
    char* received = nullptr;
    const auto sent = s4u::Mailbox::by_name(std::to_string((rank + 1) % ranks))->put_async(&token, block);
    const auto arrived = s4u::Mailbox::by_name(std::to_string(rank))->get_async<char>(&received);
    sent->wait();
    arrived->wait();
  }
}

double ring(std::uint32_t ranks, Bytes payload) {
  const double start = s4u::Engine::get_clock();
  std::vector<s4u::ActorPtr> actors;
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    actors.push_back(s4u::Actor::create("rank", gpu(rank), [=] { take_part(rank, ranks, payload.count / ranks); }));
  }
  for (const s4u::ActorPtr& actor : actors) {
    actor->join();
  }
  return s4u::Engine::get_clock() - start;
}

double transfer(std::uint32_t to, Bytes payload) {
  const double start = s4u::Engine::get_clock();
  s4u::Comm::sendto(gpu(0), gpu(to), payload.count);
  return s4u::Engine::get_clock() - start;
}

void measure_all() {
  for (const Bytes payload : payloads) {
    for (const std::uint32_t ranks : sizes_of_rings) {
      rings[{ranks, payload}] = ring(ranks, payload);
    }
    for (const std::uint32_t to : {1U, 7U, 8U, 63U}) {
      transfers[{to, payload}] = transfer(to, payload);
    }
  }
}

class ExportedPlatform : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string file = testing::TempDir() + "/hockney-exported-platform.xml";
    std::ofstream(file) << simgrid.write(cluster).files.at(0).text;
    std::string name = "test";
    std::array<char*, 2> arguments{name.data(), nullptr};
    int count = 1;
    s4u::Engine engine(&count, arguments.data());
    engine.load_platform(file);
    s4u::Actor::create("conductor", gpu(0), measure_all);
    engine.run();
  }
};

TEST_F(ExportedPlatform, TransfersTakeWhatTheCurvesSay) {
  ASSERT_EQ(transfers.size(), 12U);
  for (const auto& [asked, time] : transfers) {
    const Group pair = asked.first < 8 ? pair_inside() : pair_across();
    EXPECT_NEAR(time / cluster.ask(Operation::ping_pong, pair, asked.second), 1, 0.01) << asked.first;
  }
}

TEST_F(ExportedPlatform, RingAllReducesTakeWhatTheCurvesSayFrom2To64Ranks) {
  ASSERT_EQ(rings.size(), 24U);
  for (const auto& [asked, time] : rings) {
    const double answer = cluster.ask(Operation::all_reduce, neighbours(cluster, asked.first), asked.second);
    EXPECT_NEAR(time / answer, 1, 0.05) << asked.first << " ranks, " << to_string(asked.second);
    RecordProperty(std::to_string(asked.first) + "_ranks_" + compact(asked.second), std::to_string(time / answer));
  }
}

}  // namespace
}  // namespace hockney::exports
