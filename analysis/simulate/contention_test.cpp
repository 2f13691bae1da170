#include "simulate/contention.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "simulate/phases_on_paper.hpp"

namespace hockney::simulate {
namespace {

const Node eight_nics{.gpus = 8, .ports = 8, .port_bytes_per_s = 25e9};
const Node four_nics{.gpus = 8, .ports = 4, .port_bytes_per_s = 25e9};

TEST(Load, OfARingIsSpreadOverThePortsOfItsGpus) {
  const Phase ring = phase(Operation::all_reduce, {.ranks = 64, .ranks_per_node = 8}, mebibytes(64), 12.5e9);
  const double bytes = 2 * 63.0 / 64 * 64 * 1024 * 1024;
  EXPECT_NEAR(load_of(ring, eight_nics).bytes, bytes / 8, 1);
  EXPECT_EQ(load_of(ring, eight_nics).ports, 8U);
  EXPECT_NEAR(load_of(ring, four_nics).bytes, bytes / 4, 1);
  EXPECT_EQ(load_of(ring, four_nics).ports, 4U);
}

TEST(Load, OfAnAllToAllIsWhatLeavesTheNodeOfEachRank) {
  const Phase tokens =
      phase(Operation::all_to_all, {.ranks = 16, .ranks_per_node = 4, .first = 4}, mebibytes(16), 12.5e9);
  const Load load = load_of(tokens, eight_nics);
  EXPECT_EQ(load.first_port, 4U);
  EXPECT_EQ(load.ports, 4U);
  EXPECT_NEAR(load.bytes, 12 * 1024 * 1024, 1);
  EXPECT_NEAR(load_of(tokens, four_nics).bytes, 2 * 12 * 1024 * 1024, 1);
  EXPECT_EQ(load_of(tokens, four_nics).first_port, 2U);
}

TEST(Load, CountsTheGroupsSideBySide) {
  const Group rails{.ranks = 8, .ranks_per_node = 1, .stride = 8, .concurrent = 8};
  const Load load = load_of(phase(Operation::reduce_scatter, rails, mebibytes(8), 25e9), eight_nics);
  EXPECT_EQ(load.ports, 8U);
  EXPECT_NEAR(load.bytes, 7 * 1024 * 1024, 1);
}

TEST(Load, IsTheTimeAloneWithoutItsLatency) {
  Phase ring = phase(Operation::all_gather, {.ranks = 16, .ranks_per_node = 8}, gibibytes(1), 10e9);
  EXPECT_NEAR(load_of(ring, eight_nics).bytes_per_s / 10e9, 1, 1e-9);
  ring.latency_s = ring.alone_s / 2;
  EXPECT_NEAR(load_of(ring, eight_nics).bytes_per_s / 20e9, 1, 1e-9);
  ring.latency_s = ring.alone_s;
  EXPECT_EQ(load_of(ring, eight_nics).ports, 0U);
}

TEST(Load, OfWhatStaysInsideANodeUsesNoPort) {
  const Phase inside = phase(Operation::all_reduce, {.ranks = 8, .ranks_per_node = 8}, gibibytes(1), 25e9);
  EXPECT_EQ(load_of(inside, eight_nics).ports, 0U);
}

TEST(Load, RefusesRanksThatDoNotFitOnANode) {
  Phase wide = phase(Operation::all_reduce, {.ranks = 64, .ranks_per_node = 8}, mebibytes(1), 25e9);
  wide.message.placed.group.first = 1;
  EXPECT_THROW(load_of(wide, eight_nics), InputError);
}

TEST(Load, CountsNoMoreBytesThanAPortCarriesInTheTimeAlone) {
  const Phase fast = phase(Operation::all_reduce, {.ranks = 64, .ranks_per_node = 8}, gibibytes(1), 20e9);
  const Node slow{.gpus = 8, .ports = 8, .port_bytes_per_s = 16e9};
  EXPECT_NEAR(load_of(fast, eight_nics).counted, 1, 1e-12);
  EXPECT_NEAR(load_of(fast, slow).counted, 0.8, 1e-12);
  EXPECT_NEAR(load_of(fast, slow).bytes_per_s / 16e9, 1, 1e-12);
  EXPECT_NEAR(load_of(fast, slow).bytes / (16e9 * fast.alone_s), 1, 1e-12);
}

}  // namespace
}  // namespace hockney::simulate
