// How long contended phases take to simulate with one node that stands for all, and with every node, on one core; and
// by how much their times differ. Time alone is made up.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cmath>
#include <cstdint>
#include <vector>

#include "simulate/contention.hpp"
#include "simulate/phases_on_paper.hpp"

namespace {

using namespace hockney;

const simulate::Node node{.gpus = 8, .ports = 8, .port_bytes_per_s = 25e9};

// Experts in groups of 64 ranks, beside gradients over all.
std::vector<simulate::Chain> chains_of(std::uint32_t ranks) {
  std::vector<simulate::Chain> chains{
      {{simulate::phase(Operation::all_to_all, {.ranks = 64, .ranks_per_node = 8}, mebibytes(32), 20e9)}},
      {{simulate::phase(Operation::reduce_scatter, {.ranks = ranks, .ranks_per_node = 8}, gibibytes(1), 23e9)}}};
  chains.front().phases.front().message.count = 32;
  return chains;
}

void one_node(benchmark::State& state) {
  const auto chains = chains_of(static_cast<std::uint32_t>(state.range(0)));
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(simulate::times_together(chains, node));
  }
}

void every_node(benchmark::State& state) {
  const auto ranks = static_cast<std::uint32_t>(state.range(0));
  const auto chains = chains_of(ranks);
  std::vector<simulate::FlowTimes> times;
  for ([[maybe_unused]] auto _ : state) {
    times = simulate::times_together(chains, node, ranks / node.gpus);
  }
  const std::vector<simulate::FlowTimes> folded = simulate::times_together(chains, node);
  for (std::size_t i = 0; i < times.size(); ++i) {
    state.counters["apart"] = std::max<double>(state.counters["apart"], std::abs(times[i].end_s / folded[i].end_s - 1));
  }
}

BENCHMARK(one_node)->RangeMultiplier(8)->Range(64, 4096)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(every_node)->RangeMultiplier(8)->Range(64, 4096)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
