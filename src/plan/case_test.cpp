#include "plan/case.hpp"

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <numeric>
#include <set>

#include "base/error.hpp"
#include "plan/case_fields.hpp"

namespace hockney::inline plan {
namespace {

using Counts = std::vector<std::uint64_t>;

TEST(Case, NameOfAGroupOfUnknownPlacementTellsNoRanksPerNode) {
  Case point;
  point.group = {.ranks = 16, .ranks_per_node = 0};
  EXPECT_NE(point.curve_name().find("/n:16/float32/"), std::string::npos) << point.curve_name();
}

TEST(Case, NamesTellTheFactors) {
  Case point;
  point.group = {.ranks = 4, .ranks_per_node = 2};
  point.payload = mebibytes(1);
  EXPECT_EQ(point.name(), "all_reduce/mpi/host_memory/n:4x2/float32/host/out_of_place/payload:1MiB");
  point.become(Operation::pipeline_forward);
  point.group = {.ranks = 4, .ranks_per_node = 2, .stride = 2, .concurrent = 3};
  point.set_micro_batches(8);
  point.in_place = true;
  point.algorithm = "ring";
  point.protocol = "LL";
  EXPECT_EQ(point.curve_name(),
            "pipeline_forward/mpi/host_memory/n:4x2/stride:2/concurrent:3/float32/host/in_place/micro_batches:8/"
            "algorithm:ring/protocol:LL");
}

TEST(RoutedElements, AreCutByLargestRemainders) {
  EXPECT_EQ(routed_elements({}, 10, 3), (Counts{4, 3, 3, 4, 3, 3, 4, 3, 3}));
  // shares 6/11, 3/11, 2/11 of 10: 5.45, 2.73, 1.82
  EXPECT_EQ(routed_elements({1.0, {}, {}}, 10, 3), (Counts{5, 3, 2, 5, 3, 2, 5, 3, 2}));
  EXPECT_EQ(routed_elements({}, 7, 1), (Counts{7}));
  EXPECT_EQ(routed_elements({}, 0, 2), (Counts{0, 0, 0, 0}));
  EXPECT_EQ(routed_elements({0, "one way", {0, 0, 1, 0}}, 7, 2), (Counts{0, 0, 7, 0}));
  EXPECT_EQ(fullest_ranks({0, "one way", {0, 0, 1, 0}}, 7, 2).sent_to_others, 7U);
}

TEST(RoutedElements, FollowAMatrixRowByRow) {
  const Routing routing{0, "m", {0, 5, 3, 1}};
  EXPECT_EQ(routed_elements(routing, 100, 2), (Counts{0, 100, 75, 25}));
  EXPECT_THROW(routed_elements(routing, 100, 3), Failure);
}

TEST(RoutedElements, SumToWhatEverySenderHas) {
  for (const double skew : {0.0, 0.3, 0.8, 1.7, 12.0}) {
    for (const std::uint32_t ranks : {2U, 3U, 7U, 16U}) {
      for (const std::uint64_t elements : {std::uint64_t{1}, std::uint64_t{1000003}, std::uint64_t{1} << 40}) {
        const Counts parts = routed_elements({skew, {}, {}}, elements, ranks);
        for (std::uint32_t row = 0; row < ranks; ++row) {
          const auto begin = parts.begin() + row * ranks;
          EXPECT_EQ(std::accumulate(begin, begin + ranks, std::uint64_t{0}), elements) << skew << " " << ranks;
          EXPECT_TRUE(std::is_sorted(begin, begin + ranks, std::greater<>()));
        }
      }
    }
  }
}

TEST(FullestRanks, MayBeDifferentOnes) {
  const Routing routing{0, "m", {9, 1, 0, 8, 1, 1, 5, 5, 0}};  // rank 0 keeps most of its elements
  const FullestRanks fullest = fullest_ranks(routing, 10, 3);
  EXPECT_EQ(fullest.sent_to_others, 10U);
  EXPECT_EQ(fullest.received_from_others, 13U);
  EXPECT_EQ(fullest.received, 22U);
}

Case collective(Operation operation, std::uint64_t payload) {
  Case point;
  point.become(operation);
  point.group = {.ranks = 4, .ranks_per_node = 4};
  point.payload = {payload};
  return point;
}

TEST(MostOperations, FollowsTheMode) {
  Case point = collective(Operation::broadcast, 4000);
  for (const auto& [mode, most] :
       {std::pair{Mode::isolated, 1U}, {Mode::host, 1U}, {Mode::stream, 32U}, {Mode::graph, 32U}}) {
    point.mode = mode;
    EXPECT_EQ(most_operations(point), most) << name_of(mode);
  }
  point.become(Operation::one_way_stream);
  point.operations_per_sample = 17;
  EXPECT_EQ(most_operations(point), 17U);
}

TEST(WireFactor, OfUnevenBlocksIsThatOfTheBusiestRank) {
  Case point = collective(Operation::all_to_all_v, 4000);
  EXPECT_DOUBLE_EQ(wire_factor(point).value(), 0.75);
  point.own = Routing{1, {}, {}};  // every rank sends 12/25 of its elements to rank 0, itself among them
  EXPECT_DOUBLE_EQ(wire_factor(point).value(), 3 * 0.48);
  point.own = Routing{0, "m", {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}};
  EXPECT_DOUBLE_EQ(wire_factor(point).value(), 3);
  point.own = Routing{0, "m", {}};
  EXPECT_FALSE(wire_factor(point));
  EXPECT_DOUBLE_EQ(wire_factor(collective(Operation::all_reduce, 4000)).value(), 1.5);
}

TEST(BufferSets, FillTheCacheTwiceWhenTheyRotate) {
  Case point = collective(Operation::all_gather, 4000);  // 5000 B a set
  EXPECT_EQ(buffer_sets(point, Bytes{1 << 20}), 1U);
  point.cache = Cache::rotate;
  EXPECT_EQ(buffer_sets(point, Bytes{0}), 1U);
  EXPECT_EQ(buffer_sets(point, Bytes{10000}), 4U);
  EXPECT_EQ(buffer_sets(point, Bytes{10001}), 5U);
  EXPECT_EQ(buffer_sets(point, Bytes{1 << 30}), 64U);
  EXPECT_EQ(buffer_sets(point, Bytes{100}), 1U);
  point.in_place = true;  // 4000 B a set
  EXPECT_EQ(buffer_sets(point, Bytes{10000}), 5U);
}

TEST(BufferSets, KeepResultsFromBeingReducedAgain) {
  Case point = collective(Operation::all_reduce, 4000);
  point.in_place = true;
  EXPECT_EQ(buffer_sets(point, Bytes{0}), 1U);
  point.mode = Mode::stream;
  EXPECT_EQ(buffer_sets(point, Bytes{0}), 32U);
  point.become(Operation::all_gather);
  EXPECT_EQ(buffer_sets(point, Bytes{0}), 1U);
  point.become(Operation::all_to_all);
  EXPECT_EQ(buffer_sets(point, Bytes{0}), 32U);
  point.in_place = false;
  EXPECT_EQ(buffer_sets(point, Bytes{0}), 1U);
}

TEST(MemoryPerRank, CountsEveryBuffer) {
  constexpr Bytes no_cache{0};
  Case point = collective(Operation::all_reduce, 4000);
  EXPECT_EQ(memory_per_rank(point, no_cache), Bytes{8000});
  point.become(Operation::all_gather);
  EXPECT_EQ(memory_per_rank(point, no_cache), Bytes{5000});
  point.cache = Cache::rotate;
  EXPECT_EQ(memory_per_rank(point, Bytes{10000}), Bytes{20000});
  point.cache = Cache::hot;
  point.in_place = true;
  EXPECT_EQ(memory_per_rank(point, no_cache), Bytes{8000});  // the buffer and its pristine copy
  point.become(Operation::reduce_scatter);
  point.mode = Mode::graph;
  EXPECT_EQ(memory_per_rank(point, no_cache), Bytes{33 * 4000});
  Case skewed = collective(Operation::all_to_all_v, 4000);  // 1000 floats
  skewed.own = Routing{1, {}, {}};                          // rank 0 gets 12/25 of every rank's
  EXPECT_EQ(memory_per_rank(skewed, no_cache), Bytes{4000 + 4 * 4 * 480});
}

TEST(Case, NamesShowNewFactorsOnlyWhereTheyAreNotTheDefault) {
  Case point = collective(Operation::all_reduce, 1024);
  const std::string plain = point.curve_name();
  EXPECT_EQ(plain, "all_reduce/mpi/host_memory/n:4x4/float32/host/out_of_place");
  point.own = Reduction::max;
  point.buffers = Buffers::registered;
  point.cache = Cache::rotate;
  point.protocol = "ll";
  EXPECT_EQ(point.curve_name(), plain + "/reduction:max/buffers:registered/rotate/protocol:ll");
  Case routed = collective(Operation::all_to_all_v, 1024);
  EXPECT_TRUE(routed.curve_name().ends_with("/out_of_place/skew:0")) << routed.curve_name();
  routed.own = Routing{0.8, {}, {}};
  EXPECT_TRUE(routed.curve_name().ends_with("/out_of_place/skew:0.8")) << routed.curve_name();
  routed.own = Routing{0, "experts", {1}};
  EXPECT_TRUE(routed.curve_name().ends_with("/out_of_place/matrix:experts")) << routed.curve_name();
}

TEST(Case, TheWayOfAnAllToAllIsAFactorOfItsCurve) {
  const Case sends = collective(Operation::all_to_all, 1024);
  Case native = sends;
  native.native = true;
  EXPECT_EQ(native.curve_name(), sends.curve_name() + "/native");
  EXPECT_NE(native, sends);
}

TEST(Case, AnOperationHasItsOwnFactorsAndNoOthers) {
  Case point;
  point.own = Reduction::max;
  point.become(Operation::all_to_all_v);
  EXPECT_EQ(point.reduction(), Reduction::sum);
  point.set_micro_batches(8);
  EXPECT_EQ(point.micro_batches(), 0U) << "only pipelines and steps have them";
  point.own = Routing{1.5, {}, {}};
  EXPECT_EQ(point.routing().skew, 1.5);
  point.become(Operation::pipeline_forward);
  point.set_micro_batches(8);
  EXPECT_EQ(point.micro_batches(), 8U);
  EXPECT_EQ(point.routing(), Routing{});
}

TEST(CaseFields, SetInTheirOrderMakeTheSameCaseOfEveryOperation) {
  for (const auto& [operation, name] : Names<Operation>::table) {
    Case point;
    point.become(operation);
    point.group = {4, 2, 1, 3};
    point.element = Element::bfloat16;
    if (operation == Operation::step_replay) {
      Step step;
      step.mapping.data = 3;
      step.mapping.micro_batch = 5;
      point.own = step;
    }
    point.set_micro_batches(7);
    Case copy;
    for_each_field(case_fields, [&](const auto& each) { each.set(copy, each.get(point)); });
    EXPECT_EQ(copy, point) << name;
  }
}

TEST(CaseFields, HaveEachNameOnce) {
  std::set<std::string_view> names;
  std::size_t count = 0;
  for_each_field(case_fields, [&](const auto& each) { names.insert(each.name), ++count; });
  EXPECT_EQ(names.size(), count);
}

}  // namespace
}  // namespace hockney::inline plan
