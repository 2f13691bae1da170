#include "import/reference_csv.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

namespace hockney {
namespace {

namespace fs = std::filesystem;

const std::string head =
    "# machine: two boxes\n# source: a page\n# fabric: infiniband\n# transport: nccl\n# mode: stream\n"
    "# statistic: mean_over_ranks\n# iterations: 20\n# caveats: one run\n# caveats: no check\n";
const std::string columns = "operation,ranks,ranks_per_node,element,in_place,payload_bytes,time_us\n";
const std::string point = "all_gather,16,8,float16,true,1024,12.5\n";

Launch read(const std::string& text) {
  ImportOptions options;
  options.importer = "hockney 0.0.0";
  return read_reference_csv(text, "dir/figures.csv", options);
}

TEST(ReferenceCsv, ReadsPoints) {
  const Launch launch = read(head + columns + point + "\n" + point);
  ASSERT_EQ(launch.measurements.size(), 2U);
  const Measurement& first = launch.measurements[0];
  EXPECT_EQ(first.point.name(), "all_gather/imported/infiniband/n:16x8/float16/stream/in_place/payload:1KiB");
  EXPECT_DOUBLE_EQ(first.elapsed.at(0), 12.5e-6);
  EXPECT_NEAR(first.clock_step_s, 1e-7, 1e-15);
  EXPECT_EQ(first.iterations_averaged, 20U);
  EXPECT_EQ(first.statistic, Statistic::mean_over_ranks);
  EXPECT_EQ(launch.measurements[1].pass, 1U);
  EXPECT_EQ(launch.info.machine, "two boxes");
  EXPECT_EQ(launch.info.source, "figures.csv; a page");
  EXPECT_EQ(launch.info.nodes, 2U);
  EXPECT_EQ(launch.provenance.at("reference.caveats"), "one run; no check");
}

TEST(ReferenceCsv, RefusesWithFileAndLine) {
  const auto without = [](std::string text, const std::string& part) {
    return text.erase(text.find(part), part.size());
  };
  const struct {
    std::string text;
    const char* message;
  } cases[] = {
      {"# machin: x\n", ":1: unknown key 'machin'; did you mean 'machine'?"},
      {"# just words\n", ":1: expected '# key: value'"},
      {head + "# date: \n", ":10: key 'date' has no value"},
      {head + "# mode: host\n", ":10: key 'mode' is repeated"},
      {without(head, "# fabric: infiniband\n") + columns, ":9: key 'fabric' is missing"},
      {without(head, "infiniband").replace(36, 0, "") + columns, "key 'fabric' has no value"},
      {head + "operation,ranks,time_ms\n", ":10: unknown column 'time_ms'; did you mean 'time_us'?"},
      {head + "operation,ranks\n", ":10: column 'ranks_per_node' is missing"},
      {head + "operation,operation\n", ":10: column 'operation' is repeated"},
      {head + columns, "no points"},
      {"", "no points"},
      {head + columns + "# date: today\n" + point, ":11: key 'date' stands below"},
      {head + columns + "all_gather,16,8\n", ":11: 3 cells, expected 7"},
      {head + columns + "allgather,16,8,float16,true,1024,12.5\n", ":11: unknown operation 'allgather'"},
      {head + columns + "all_gather,1,1,float16,true,1024,12.5\n", ":11: 1 ranks"},
      {head + columns + "all_gather,8,16,float16,true,1024,12.5\n", ":11: 8 ranks, 16 per node"},
      {head + columns + "all_gather,x,8,float16,true,1024,12.5\n", ":11: ranks is 'x'"},
      {head + columns + "all_gather,16,8,float16,yes,1024,12.5\n", ":11: in_place is 'yes'"},
      {head + columns + "all_gather,16,8,float16,true,1000,12.5\n", ":11: payload_bytes 1000 is no multiple of 32"},
      {head + columns + "all_gather,16,8,float16,true,1024,0\n", ":11: time_us is '0'"},
      {head + columns + "all_gather,16,8,float16,true,1024,12us\n", ":11: time_us is '12us'"},
  };
  for (const auto& expected : cases) {
    try {
      read(expected.text);
      ADD_FAILURE() << "accepted: " << expected.text;
    } catch (const InputError& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with("dir/figures.csv")) << error.what();
      EXPECT_NE(std::string_view(error.what()).find(expected.message), std::string_view::npos) << error.what();
    }
  }
}

TEST(ReferenceCsv, ShippedFiguresAreWhole) {
  const fs::path file = fs::path(__FILE__).parent_path() / "../../results/reference/dgx-a100-40gb-nvswitch.csv";
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  const Launch launch = read(text.str());
  std::map<std::string, std::vector<const Measurement*>> curves;
  for (const Measurement& measurement : launch.measurements) {
    curves[measurement.point.curve_name()].push_back(&measurement);
  }
  ASSERT_EQ(curves.size(), 8U);  // four operations, out of place and in place
  for (const auto& [name, points] : curves) {
    EXPECT_EQ(points.size(), name.starts_with("all_reduce") ? 32U : 29U) << name;
    EXPECT_EQ(points.back()->point.payload, gibibytes(8)) << name;
    const Summary last = summarise(*points.back());
    EXPECT_GT(last.busbw.value, 220e9) << name;  // NVSwitch of the A100: 300 GB/s per direction at most
    EXPECT_LT(last.busbw.value, 300e9) << name;
    for (std::size_t i = 1; i < points.size(); ++i) {
      EXPECT_EQ(points[i]->point.payload, points[i - 1]->point.payload * 2) << name;
    }
  }
}

}  // namespace
}  // namespace hockney
