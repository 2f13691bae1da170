#include "plan/plan.hpp"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>

#include "base/error.hpp"

namespace hockney::inline plan {
namespace {

const std::filesystem::path models = std::filesystem::path(__FILE__).parent_path() / "../../data/models";

Plan parse(const std::string& measure, const std::string& above = "") {
  return parse_plan("name = 'p'\n" + above + "[[measure]]\n" + measure, "p.toml", models);
}

std::vector<std::uint64_t> sizes_of(const std::string& sizes) {
  std::vector<std::uint64_t> counts;
  const Plan plan = parse("experiment = 'all_reduce'\nsizes = " + sizes + "\n");
  for (const Bytes payload : plan.sections.at(0).payloads) {
    counts.push_back(payload.count);
  }
  return counts;
}

std::string refusal(const std::string& measure, const std::string& above = "") {
  try {
    parse(measure, above);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(PlanSizes, AreRangesListsAndModelShapes) {
  using Counts = std::vector<std::uint64_t>;
  EXPECT_EQ(sizes_of("{ from = '8B', to = '64B' }"), (Counts{8, 16, 32, 64}));
  EXPECT_EQ(sizes_of("{ from = '1KiB', to = '1MiB', factor = 4 }"),
            (Counts{1024, 4096, 16384, 65536, 262144, 1048576}));
  EXPECT_EQ(sizes_of("{ from = '8B', to = '8B' }"), (Counts{8}));
  EXPECT_EQ(sizes_of("{ list = ['4KiB', '8', '4096'] }"), (Counts{8, 4096}));
  EXPECT_EQ(sizes_of("{ from = '8B', to = '16B', list = ['4KiB'] }"), (Counts{8, 16, 4096}));
  const std::uint64_t gpt3 = 2ULL * 2048 * 12288;
  EXPECT_EQ(sizes_of("{ models = 'gpt3-175b' }"), (Counts{gpt3}));
  EXPECT_EQ(sizes_of("{ models = ['gpt3-175b'], micro_batch = [1, 4], tensor_parallel = [1, 2] }"),
            (Counts{gpt3 / 2, gpt3, 2 * gpt3, 4 * gpt3}));
}

TEST(PlanSizes, StayInsideTheRange) {
  for (const auto* range :
       {"{ from = '1000B', to = '100KiB', factor = 1.5 }", "{ from = '100B', to = '100B', factor = 3 }",
        "{ from = '8B', to = '1MiB', factor = 1.41421356 }"}) {
    const auto sizes = sizes_of(range);
    const std::string text(range);
    const Bytes from = parse_bytes(text.substr(10, text.find('\'', 10) - 10));
    EXPECT_EQ(sizes.front(), from.count) << range;
    EXPECT_TRUE(std::is_sorted(sizes.begin(), sizes.end()));
    const std::size_t to = text.find("to = '") + 6;
    EXPECT_LE(sizes.back(), parse_bytes(text.substr(to, text.find('\'', to) - to)).count) << range;
  }
}

TEST(Plan, RefusesWithFileLineAndKey) {
  const std::string sizes = "sizes = { list = ['8B'] }\n";
  const std::string all_reduce = "experiment = 'all_reduce'\n";
  const struct {
    std::string measure;
    const char* message;
  } cases[] = {
      {all_reduce, "p.toml:2: key 'sizes': is missing"},
      {all_reduce + "sizes = {}\n", "names no size"},
      {all_reduce + "sizes = { from = '0', to = '8' }\n", "key 'from': expected a size above 0 B"},
      {all_reduce + "sizes = { list = ['0B'] }\n", "key 'list': expected sizes above 0 B"},
      {all_reduce + "sizes = { from = '8', to = '4' }\n", "key 'to': expected at least from = 8 B"},
      {all_reduce + "sizes = { from = '8', to = '64', factor = 1 }\n", "key 'factor': expected a number above 1"},
      {all_reduce + "sizes = { from = '8', to = '1GiB', factor = 1.000001 }\n", "expected at most 10000"},
      {all_reduce + "sizes = { from = '8kB', to = '64' }\n", "'8kB' is not a size"},
      {all_reduce + "sizes = { from = '8' }\n", "key 'to': is missing"},
      {all_reduce + "sizes = { form = '8', to = '64' }\n", "unknown key 'form'; did you mean 'from'?"},
      {all_reduce + "sizes = { models = 'gpt3' }\n", "did you mean 'gpt3-175b'?"},
      {all_reduce + "sizes = { list = ['6B'] }\n", "6 B is no whole number of float32 elements"},
      {"experiment = 'allreduce'\n" + sizes,
       "p.toml:3: key 'experiment': unknown experiment 'allreduce'; did you mean"},
      {"experiment = 'ping_pong'\noperations = 'all_reduce'\n" + sizes, "is no operation of experiment 'ping_pong'"},
      {all_reduce + "fabric = 'nvswich'\n" + sizes, "did you mean 'nvswitch'?"},
      {all_reduce + "fabric = 'unknown'\n" + sizes, "is an observation"},
      {all_reduce + "ranks = [0]\n" + sizes, "p.toml:4: key 'ranks': '0' is not a number of ranks"},
      {all_reduce + "ranks = '1e300'\n" + sizes, "is not a number of ranks"},
      {all_reduce + "ranks = '2.5'\n" + sizes, "is not a number of ranks"},
      {all_reduce + "element = 'float'\n" + sizes, "unknown element type 'float'"},
      {all_reduce + "micro_batches = 4\n" + sizes, "only experiment 'pipeline_send'"},
      {"experiment = 'pipeline_send'\nmicro_batches = 5000000000\n" + sizes, "expected at most"},
      {"experiment = 'ping_pong'\nin_place = true\n" + sizes, "can run in place"},
      {"experiment = 'all_to_all_v'\nin_place = true\n" + sizes, "can run in place"},
      {all_reduce + "native = true\n" + sizes, "p.toml:4: key 'native': only all_to_all, gather and scatter"},
      {"experiment = 'all_to_all_v'\nnative = true\n" + sizes, "key 'native': only all_to_all, gather and scatter"},
      {"experiment = 'all_gather'\nreduction = 'max'\n" + sizes, "key 'reduction': only all_reduce"},
      {all_reduce + "reduction = 'mean'\n" + sizes, "unknown reduction 'mean'"},
      {all_reduce + "skew = 0.5\n" + sizes, "p.toml:4: key 'skew': only experiment 'all_to_all_v'"},
      {all_reduce + "matrix = 'm.csv'\n" + sizes, "key 'matrix': only experiment 'all_to_all_v'"},
      {"experiment = 'all_to_all_v'\nskew = -1\n" + sizes, "key 'skew': expected numbers from 0"},
      {"experiment = 'all_to_all_v'\nskew = [0.5, 'even']\n" + sizes, "p.toml:4: key 'skew': expected a number"},
      {"experiment = 'all_to_all_v'\nmatrix = 'no.csv'\n" + sizes, "p.toml:4: key 'matrix': no.csv"},
      {all_reduce + "group = 'pair'\n" + sizes, "p.toml:4: key 'group': 'pair' is no group for experiment"},
      {"experiment = 'ping_pong'\ngroup = 'chain'\n" + sizes, "'chain' is no group for experiment 'ping_pong'"},
      {"experiment = 'ping_pong'\ngroup = 'pair'\nranks = 4\n" + sizes, "key 'ranks': group 'pair' has 2 ranks"},
      {"experiment = 'pipeline_send'\ngroup = 'rail'\n" + sizes, "'rail' is no group for experiment 'pipeline_send'"},
      {"experiment = 'pipeline_send'\nmode = 'isolated'\n" + sizes, "key 'mode': 'pipeline_forward' is a stream"},
      {all_reduce + "mode = 'warm'\n" + sizes, "unknown mode 'warm'"},
      {all_reduce + "buffers = 'registred'\n" + sizes, "did you mean 'registered'?"},
      {all_reduce + "cache = 'cold'\n" + sizes, "unknown cache choice 'cold'"},
      {all_reduce + "algorithm = 'ring,tree'\n" + sizes, "key 'algorithm': 'ring,tree' is no name"},
      {all_reduce + "rank = 2\n" + sizes, "unknown key 'rank'; did you mean 'ranks'?"},
  };
  for (const auto& expected : cases) {
    const std::string message = refusal(expected.measure);
    EXPECT_NE(message.find(expected.message), std::string::npos) << message;
    EXPECT_TRUE(message.starts_with("p.toml:")) << message;
  }
  for (const auto& [sampling, message] :
       {std::pair{"tolerance_small = '200%'", "between 0 and 1"},
        std::pair{"tolerance_small = '0%'", "between 0 and 1"},
        std::pair{"max_samples = 10", "at least min_samples = 50"}, std::pair{"min_samples = 5", "6 or more"},
        std::pair{"passes = 0", "1 or more"}, std::pair{"max_samples = 5000000000", "expected at most"},
        std::pair{"max_seconds = '3'", "is not a time"}, std::pair{"tolerance = '1%'", "did you mean 'tolerance_"}}) {
    const std::string text = refusal(all_reduce + sizes, std::string("[sampling]\n") + sampling + "\n");
    EXPECT_NE(text.find(message), std::string::npos) << text;
  }
  EXPECT_NE(refusal(all_reduce + sizes, "nam = 'x'\n").find("unknown key 'nam'"), std::string::npos);
  EXPECT_THROW(parse_plan("name = 'p'\n", "p.toml", models), InputError);
}

TEST(Sampling, IsReadAndRelaxedOverPasses) {
  const std::string measure = "experiment = 'all_reduce'\nsizes = { list = ['8B'] }\n";
  const Sampling defaults = parse(measure).sampling;
  EXPECT_DOUBLE_EQ(defaults.tolerance(kibibytes(1023)), 0.02);
  EXPECT_DOUBLE_EQ(defaults.tolerance(mebibytes(1)), 0.01);
  const Sampling given = parse(measure,
                               "[sampling]\ntolerance_small = '4%'\ntolerance_large = '0.02'\npasses = 4\n"
                               "max_seconds = '500ms'\nmin_samples = 10\nmax_samples = 20\n")
                             .sampling;
  EXPECT_DOUBLE_EQ(given.tolerance(Bytes{8}), 0.08);
  EXPECT_DOUBLE_EQ(given.tolerance(gibibytes(1)), 0.04);
  EXPECT_DOUBLE_EQ(given.max_seconds.count(), 0.5);
  EXPECT_EQ(given.min_samples, 10U);
  EXPECT_EQ(given.max_samples, 20U);
}

TEST(LayOut, CrossesTheFactorsOnceEach) {
  const Plan plan = parse(
      "experiment = 'all_gather'\nranks = [2, 'all']\nelement = ['float32', 'int8']\nin_place = [true, false]\n"
      "sizes = { list = ['24B', '48B'] }\n"
      "[[measure]]\nexperiment = 'all_gather'\nranks = 2\nsizes = { list = ['24B', '96B'] }\n");
  const auto layout = plan.lay_out({.ranks = 4, .ranks_per_node = 2});
  std::set<std::string> names;
  for (const Case& point : layout.cases) {
    EXPECT_TRUE(names.insert(point.name()).second) << point.name();
    EXPECT_LE(point.group.ranks_per_node, 2U);
  }
  for (const Skipped& skipped : layout.skipped) {
    EXPECT_TRUE(names.insert(skipped.point.name()).second) << skipped.point.name();
    EXPECT_NE(skipped.reason.find("equal blocks"), std::string::npos);
  }
  // 2 group sizes x 2 elements x 2 places x 2 payloads, and the 96 B of the second section
  EXPECT_EQ(names.size(), 17U);
  EXPECT_EQ(layout.cases.back().payload, Bytes{96});
}

TEST(CutEqually, LeavesWhatCanBeCutAndRoundsTheRest) {
  const auto cut = [](std::uint64_t payload, std::uint32_t ranks) {
    return cut_equally(Bytes{payload}, Operation::all_gather, ranks, Element::float32).count;
  };
  EXPECT_EQ(cut(1024, 8), 1024U);
  EXPECT_EQ(cut(12, 3), 12U);
  EXPECT_EQ(cut(8, 6), 24U);             // one float per rank at least
  EXPECT_EQ(cut(32, 6), 24U);            // whole floats below 16 B per rank
  EXPECT_EQ(cut(1 << 20, 6), 1048608U);  // the nearest multiple of 6 x 16 B
  EXPECT_EQ(cut_equally(Bytes{1 << 20}, Operation::all_reduce, 6, Element::float32).count, std::uint64_t{1} << 20U);
}

TEST(LayOut, ARangeIsRoundedToBlocksAndNamedSizesAreNot) {
  const Plan plan = parse(
      "experiment = 'all_gather'\nranks = 6\nsizes = { from = '8B', to = '1MiB', factor = 128, list = ['1KiB'] }\n");
  const auto layout = plan.lay_out({.ranks = 6, .ranks_per_node = 6});
  ASSERT_EQ(layout.cases.size(), 2U);
  EXPECT_EQ(layout.cases[0].payload, Bytes{24});
  EXPECT_EQ(layout.cases[1].payload, Bytes{131040});
  ASSERT_EQ(layout.skipped.size(), 1U);
  EXPECT_EQ(layout.skipped[0].point.payload, kibibytes(1));
}

TEST(LayOut, SkipsWhatCannotBeCutAndRefusesTooManyRanks) {
  const Plan three = parse("experiment = 'all_to_all'\nranks = 3\nsizes = { list = ['8B', '12B', '16B', '24B'] }\n");
  const auto layout = three.lay_out({.ranks = 4, .ranks_per_node = 4});
  ASSERT_EQ(layout.cases.size(), 2U);  // 12 B and 24 B hold one and two floats per block
  EXPECT_EQ(layout.cases[0].payload, Bytes{12});
  ASSERT_EQ(layout.skipped.size(), 2U);
  EXPECT_NE(layout.skipped[0].reason.find("3 equal blocks"), std::string::npos);
  try {
    three.lay_out({.ranks = 2, .ranks_per_node = 2});
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("mpiexec -n 3"), std::string::npos) << error.what();
  }
}

TEST(LayOut, GivesPointToPointOperationsTheirRanksAndBatches) {
  const auto sizes = "sizes = { list = ['1KiB', '1MiB'] }\n";
  const auto pairs =
      parse(std::string("experiment = 'ping_pong'\n") + sizes).lay_out({.ranks = 4, .ranks_per_node = 4});
  ASSERT_EQ(pairs.cases.size(), 4U);
  for (const Case& point : pairs.cases) {
    EXPECT_EQ(point.group.ranks, 2U);
    EXPECT_EQ(point.mode, point.operation == Operation::one_way_stream ? Mode::stream : Mode::host);
    EXPECT_GT(point.operations_per_sample, 1U);
  }
  const auto chain = parse(std::string("experiment = 'pipeline_send'\noperations = 'pipeline_forward'\n"
                                       "micro_batches = [1, 8]\n") +
                           sizes)
                         .lay_out({.ranks = 4, .ranks_per_node = 4});
  ASSERT_EQ(chain.cases.size(), 4U);
  EXPECT_EQ(chain.cases[0].operations_per_sample, pipeline_steps(Operation::pipeline_forward, 4, 1));
  EXPECT_EQ(chain.cases[2].micro_batches(), 8U);
  const auto three = parse(std::string("experiment = 'ping_pong'\nranks = 3\n") + sizes).lay_out({.ranks = 4});
  EXPECT_TRUE(three.cases.empty());
  EXPECT_EQ(three.skipped.size(), 4U);
}

TEST(Schedule, VisitsEveryPointOncePerPassInARandomButRepeatableOrder) {
  constexpr std::size_t points = 50;
  constexpr std::uint32_t passes = 3;
  const auto visits = schedule(points, passes, 7);
  ASSERT_EQ(visits.size(), points * passes);
  std::vector<std::vector<std::size_t>> orders(passes);
  for (std::size_t i = 0; i < visits.size(); ++i) {
    EXPECT_EQ(visits[i].pass, i / points);
    orders[visits[i].pass].push_back(visits[i].point);
  }
  for (const auto& order : orders) {
    EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), points);
    EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  }
  EXPECT_NE(orders[0], orders[1]);
  const auto order_of = [](const std::vector<Visit>& all) {
    std::vector<std::size_t> order;
    std::transform(all.begin(), all.end(), std::back_inserter(order), [](const Visit& visit) { return visit.point; });
    return order;
  };
  EXPECT_EQ(order_of(schedule(points, passes, 7)), order_of(visits));
  EXPECT_NE(order_of(schedule(points, passes, 8)), order_of(visits));
  EXPECT_TRUE(schedule(0, 3, 1).empty());
}

}  // namespace
}  // namespace hockney::inline plan
