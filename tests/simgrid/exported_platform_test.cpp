#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <simgrid/s4u.hpp>

#include "exports/synthetic_cluster.hpp"
#include "exports/writers.hpp"
#include "simulate/contention.hpp"

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

std::vector<double> rings_together;

s4u::Host* gpu(std::uint32_t rank) { return s4u::Host::by_name("gpu-" + std::to_string(rank)); }

// An all-reduce over GPUs `stride` apart, from GPU 0 on.
struct Ring {
  std::uint32_t ranks;
  std::uint32_t stride;
  Bytes payload;
};

// 2 (n - 1) steps; in each a rank sends a block to the next one and waits for that of the one before.
void take_part(const std::string& ring, std::uint32_t rank, std::uint32_t ranks, std::uint64_t block) {
  static char token = 0;
  for (std::uint32_t step = 0; step < 2 * (ranks - 1); ++step) {
    char* received = nullptr;
    const auto sent = s4u::Mailbox::by_name(ring + std::to_string((rank + 1) % ranks))->put_async(&token, block);
    const auto arrived = s4u::Mailbox::by_name(ring + std::to_string(rank))->get_async<char>(&received);
    sent->wait();
    arrived->wait();
  }
}

// One GPU of each node: all bytes go through the same NICs.
const std::vector<Ring> rings_on_one_rail{{8, 8, mebibytes(64)}, {8, 8, mebibytes(256)}, {8, 8, mebibytes(256)}};

// Seconds of each when all start at the same time.
std::vector<double> run_rings(const std::vector<Ring>& rings_at_once) {
  const double start = s4u::Engine::get_clock();
  std::vector<double> times(rings_at_once.size());
  std::vector<s4u::ActorPtr> actors;
  for (std::size_t i = 0; i < rings_at_once.size(); ++i) {
    const Ring ring = rings_at_once[i];
    for (std::uint32_t rank = 0; rank < ring.ranks; ++rank) {
      actors.push_back(s4u::Actor::create("rank", gpu(rank * ring.stride), [=, &times] {
        take_part(std::to_string(i) + "-", rank, ring.ranks, ring.payload.count / ring.ranks);
        times[i] = std::max(times[i], s4u::Engine::get_clock() - start);
      }));
    }
  }
  for (const s4u::ActorPtr& actor : actors) {
    actor->join();
  }
  return times;
}

double transfer(std::uint32_t to, Bytes payload) {
  const double start = s4u::Engine::get_clock();
  s4u::Comm::sendto(gpu(0), gpu(to), payload.count);
  return s4u::Engine::get_clock() - start;
}

void measure_all() {
  rings_together = run_rings(rings_on_one_rail);
  for (const Bytes payload : payloads) {
    for (const std::uint32_t ranks : sizes_of_rings) {
      rings[{ranks, payload}] = run_rings({{ranks, 1, payload}}).front();
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

// Every message on every node here; `hockney simulate` has bytes on one node that stands for all.
TEST_F(ExportedPlatform, RingsOnTheSameNicsTakeWhatSimulateSays) {
  const simulate::Node node{.gpus = 8, .ports = 8, .port_bytes_per_s = 25e9};
  std::vector<simulate::Chain> chains;
  for (const Ring& ring : rings_on_one_rail) {
    simulate::Phase& phase = chains.emplace_back().phases.emplace_back();
    phase.message.operation = Operation::all_reduce;
    phase.message.placed = {{.ranks = ring.ranks, .ranks_per_node = 1}, ring.ranks, 1};
    phase.message.payload = ring.payload;
    phase.message.count = 1;
    phase.alone_s = cluster.ask(Operation::all_reduce, phase.message.placed.group, ring.payload);
    phase.latency_s = cluster.ask(Operation::all_reduce, phase.message.placed.group, Bytes{8});
  }
  const std::vector<simulate::FlowTimes> simulated = simulate::times_together(chains, node);
  for (std::size_t i = 0; i < chains.size(); ++i) {
    EXPECT_NEAR(simulated[i].end_s / rings_together.at(i), 1, 0.03) << i;
    EXPECT_GT(simulated[i].end_s, 2 * chains[i].all_alone_s());
  }
}

}  // namespace
}  // namespace hockney::exports
