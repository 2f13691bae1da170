#include "import/tables/facts.hpp"

#include <gtest/gtest.h>

namespace hockney::import {
namespace {

TEST(FactsIn, CountsRanksAndNodes) {
  EXPECT_EQ(facts_in("### 2 nodes (16 GPUs), all_reduce").nodes, 2U);
  EXPECT_EQ(facts_in("### 2 nodes (16 GPUs), all_reduce").ranks, 16U);
  EXPECT_EQ(facts_in("# #processes = 4 ").ranks, 4U);
  EXPECT_EQ(facts_in("All-Gather Benchmark (world_size=8, dtype=torch.bfloat16)").ranks, 8U);
  EXPECT_EQ(facts_in("Results (avg ms across 4 ranks)").ranks, 4U);
  EXPECT_EQ(facts_in("8 GPUs per node").ranks_per_node, 8U);
  EXPECT_EQ(facts_in("2 nodes x 8 GPUs").all_ranks(), 16U);
  EXPECT_EQ(facts_in("2 nodes, 8 GPUs each node").all_ranks(), 16U);
  EXPECT_EQ(facts_in("2x8 H100").all_ranks(), 16U);
  EXPECT_EQ(facts_in("8x H100").ranks, 8U);
  EXPECT_EQ(facts_in("mpirun -np 16 ./a.out").ranks, 16U);
  EXPECT_EQ(facts_in("## allreduce benchmark (world size 8)").ranks, 8U);
  EXPECT_EQ(facts_in("on a single node").nodes, 1U);
}

TEST(FactsIn, SaysNothingWhereALineSaysTwoThings) {
  EXPECT_FALSE(facts_in("8 to 64 GPUs").ranks);
  EXPECT_FALSE(facts_in("from 8 GPUs up to 64 GPUs").ranks);
  EXPECT_FALSE(facts_in("all-gather and reduce-scatter").operation);
}

TEST(FactsIn, NamesTheOperation) {
  EXPECT_EQ(facts_in("## All-to-All latency").operation, Operation::all_to_all);
  EXPECT_EQ(facts_in("the average bandwidth of all_reduce with a 40.0GB payload").operation, Operation::all_reduce);
  EXPECT_EQ(facts_in("Broadcast on 8 GPUs of one machine here").operation, Operation::broadcast);
  EXPECT_FALSE(facts_in("we reduce the number of hops that it takes").operation);
}

TEST(FactsIn, ReadsUnitsTypesAndSizes) {
  EXPECT_EQ(facts_in("avg ms across 4 ranks").unit.value().factor, 1e3);
  EXPECT_TRUE(facts_in("bus bandwidth (GB/s) by size").bus_bandwidth);
  EXPECT_FALSE(facts_in("took 5 ms").unit);
  EXPECT_EQ(facts_in("dtype=torch.bfloat16").element, Element::bfloat16);
  EXPECT_EQ(facts_in("sizes are per rank").size_per_rank, true);
  EXPECT_EQ(facts_in("total message size").size_per_rank, false);
  EXPECT_EQ(facts_in("with a 40.0GB payload (5 trials, 16 ranks):").payload.value().number.value, 40);
  EXPECT_EQ(facts_in("Warmup Iterations: 10, Benchmark Iterations: 50").iterations, 50U);
}

TEST(FactsIn, ReadsACommandOfNccomTest) {
  const Facts facts = facts_in("$ nccom-test -r 64 -N 2 -b 8 -e 1GB -f 2 -n 50 allg");
  EXPECT_EQ(facts.operation, Operation::all_gather);
  EXPECT_EQ(facts.ranks, 64U);
  EXPECT_EQ(facts.nodes, 2U);
  EXPECT_EQ(facts.iterations, 50U);
}

TEST(Context, ForgetsWhatAHeadingOfTheSameLevelReplaces) {
  Context context;
  context.take("## all_reduce");
  context.take("### 2 nodes (16 GPUs)");
  context.end_table();
  context.take("### 4 nodes");
  EXPECT_EQ(context.facts().operation, Operation::all_reduce);
  EXPECT_EQ(context.facts().nodes, 4U);
  EXPECT_FALSE(context.facts().ranks);
}

TEST(Context, KeepsNoRanksOfAnEarlierTableBesideNewNodes) {
  Context context;
  context.take("2 nodes");
  context.take("16 GPUs");
  EXPECT_EQ(context.facts().nodes, 2U);
  context.end_table();
  context.take("4 nodes");
  EXPECT_FALSE(context.facts().ranks);
}

}  // namespace
}  // namespace hockney::import
