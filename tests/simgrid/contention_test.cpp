#include "simulate/contention.hpp"

#include <gtest/gtest.h>

#include "simulate/phases_on_paper.hpp"

// Times on shared NICs against max-min fairness by hand. hockney-simgrid runs the simulations.
namespace hockney::simulate {
namespace {

const Node node{.gpus = 8, .ports = 8, .port_bytes_per_s = 25e9};
const Group whole_nodes{.ranks = 64, .ranks_per_node = 8};
constexpr double close = 1e-4;

Phase with_latency(Phase phase, double latency_s) {
  phase.latency_s = latency_s;
  phase.alone_s += latency_s;
  return phase;
}

std::vector<Chain> chains_of(const std::vector<Phase>& phases) {
  std::vector<Chain> chains;
  for (const Phase& phase : phases) {
    chains.push_back({{phase}});
  }
  return chains;
}

std::vector<double> ends(const std::vector<Chain>& chains, std::uint32_t nodes = 1) {
  std::vector<double> seconds;
  for (const FlowTimes& times : times_together(chains, node, nodes)) {
    seconds.push_back(times.end_s);
  }
  return seconds;
}

void expect_times(const std::vector<Phase>& phases, const std::vector<double>& by_hand) {
  const std::vector<double> times = ends(chains_of(phases));
  ASSERT_EQ(times.size(), by_hand.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    EXPECT_NEAR(times[i] / by_hand[i], 1, close) << "phase " << i;
  }
}

TEST(Contention, AloneAPhaseTakesItsTime) {
  for (const double rate : {25e9, 7e9}) {
    for (const Bytes payload : {kibibytes(64), gibibytes(4)}) {
      const Phase alone = with_latency(phase(Operation::all_to_all, whole_nodes, payload, rate), 1e-5);
      expect_times({alone}, {alone.alone_s});
    }
  }
}

TEST(Contention, TwoAlikeTakeTwiceTheTimeOfTheirBytes) {
  const Phase one = phase(Operation::all_reduce, whole_nodes, gibibytes(1), 25e9);
  const double both = 2e-4 + 2 * one.alone_s;
  expect_times({with_latency(one, 2e-4), with_latency(one, 2e-4)}, {both, both});
}

TEST(Contention, TheSmallerOfTwoEndsFirstAndTheLargerGoesOnAlone) {
  const Phase small = phase(Operation::all_to_all, whole_nodes, mebibytes(32), 25e9);
  const Phase large = phase(Operation::reduce_scatter, whole_nodes, gibibytes(1), 25e9);
  expect_times({small, large}, {2 * small.alone_s, small.alone_s + large.alone_s});
}

TEST(Contention, WhatASlowPhaseCannotTakeTheOthersGet) {
  const Phase slow = phase(Operation::all_gather, whole_nodes, gibibytes(1), 10e9);
  const Phase fast = phase(Operation::all_gather, whole_nodes, gibibytes(1), 25e9);  // 15 GB/s beside the other
  expect_times({slow, fast}, {slow.alone_s, fast.alone_s * 25 / 15});
}

TEST(Contention, OtherPortsAreFreeAndAPhaseGoesAtThePaceOfItsFullestPort) {
  const Group low{.ranks = 32, .ranks_per_node = 4};
  const Group high{.ranks = 32, .ranks_per_node = 4, .first = 4};
  const Phase on_low = phase(Operation::all_gather, low, gibibytes(2), 25e9);
  const Phase on_high = phase(Operation::all_gather, high, gibibytes(2), 25e9);
  expect_times({on_low, on_high}, {on_low.alone_s, on_high.alone_s});
  // A third on all ports, beside two phases on the low and one on the high ones: 25/3 GB/s, so that 50/3 are left
  // there.
  const Phase on_all = phase(Operation::all_gather, whole_nodes, gibibytes(4), 25e9);
  const double on_high_s = on_high.alone_s * 3 / 2;
  const std::vector<double> times = ends(chains_of({on_low, on_low, on_high, on_all}));
  EXPECT_NEAR(times[2] / on_high_s, 1, close);
  EXPECT_NEAR(times[0] / times[1], 1, close);
}

TEST(Contention, ARowOfOperationsWaitsForItsLatencyEachTime) {
  Phase row = with_latency(phase(Operation::all_to_all, whole_nodes, mebibytes(32), 25e9), 1e-3);
  row.message.count = 5;
  expect_times({row}, {5 * row.alone_s});
}

TEST(Contention, AChainComputesBeforeEachRoundAndDoesItsShareOfThePhases) {
  Phase two = phase(Operation::all_to_all, whole_nodes, mebibytes(32), 25e9);
  two.message.count = 8;
  Phase half = phase(Operation::all_gather, whole_nodes, mebibytes(64), 25e9);
  half.message.count = 2;
  const std::vector<FlowTimes> times = times_together(std::vector<Chain>{{{two, half}, 4, 0.01}}, node);
  EXPECT_NEAR(times[0].steps_s[0] / (8 * two.alone_s), 1, close);
  EXPECT_NEAR(times[0].steps_s[1] / (2 * half.alone_s), 1, close);
  EXPECT_NEAR(times[0].end_s / (4 * 0.01 + 8 * two.alone_s + 2 * half.alone_s), 1, close);
}

// A part of the gradients goes as soon as its quarter of the pass is done, the last one after it.
TEST(Contention, PartsFollowTheRoundsOfTheFirstChain) {
  Phase gradients = phase(Operation::reduce_scatter, whole_nodes, gibibytes(1), 25e9);
  gradients.parts = 4;
  const double part = gradients.alone_s / 4;
  const Chain pass{{}, 8, 2 * part};  // the first quarter is done after 4 parts' time
  const std::vector<FlowTimes> times =
      times_together(std::vector<Chain>{pass, {{gradients}, 1, 0, Flow::Pace::first}}, node);
  EXPECT_NEAR(times[0].end_s / (16 * part), 1, close);
  EXPECT_NEAR(times[1].end_s / (17 * part), 1, close);
  EXPECT_NEAR(times[1].steps_s[0] / (4 * part), 1, close);
}

TEST(Contention, AnotherJobGoesOnUntilTheFirstHasEnded) {
  const Phase one = phase(Operation::all_gather, whole_nodes, gibibytes(4), 25e9);
  const Phase other = phase(Operation::all_to_all, whole_nodes, mebibytes(8), 25e9);
  const std::vector<FlowTimes> times =
      times_together(std::vector<Chain>{{{one}}, {{other}, 1, 0, Flow::Pace::endless}}, node);
  EXPECT_NEAR(times[0].end_s / (2 * one.alone_s), 1, 0.01);
}

TEST(Contention, WhatStaysInsideANodeIsNotSlowed) {
  const Phase inside = phase(Operation::all_reduce, {.ranks = 8, .ranks_per_node = 8}, gibibytes(1), 25e9);
  Phase busy = inside;
  busy.alone_s = 0.02;
  const Phase across = phase(Operation::all_reduce, whole_nodes, gibibytes(1), 25e9);
  expect_times({busy, across}, {0.02, across.alone_s});
}

TEST(Contention, OneNodeStandsForAll) {
  const std::vector<Phase> phases{
      with_latency(phase(Operation::all_to_all, whole_nodes, mebibytes(512), 22e9), 3e-5),
      phase(Operation::reduce_scatter, {.ranks = 512, .ranks_per_node = 8}, gibibytes(1), 24e9),
      phase(Operation::all_gather, {.ranks = 8, .ranks_per_node = 2, .first = 2}, mebibytes(300), 25e9)};
  const std::vector<double> folded = ends(chains_of(phases));
  const std::vector<double> all_nodes = ends(chains_of(phases), 64);
  for (std::size_t i = 0; i < phases.size(); ++i) {
    EXPECT_NEAR(all_nodes[i] / folded[i], 1, close);
    EXPECT_GT(folded[i], 1.1 * phases[i].alone_s);
  }
}

}  // namespace
}  // namespace hockney::simulate
