#include "import/published/reference_csv.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <utility>

#include "record/software.hpp"
#include "record/stated_line_rate.hpp"

namespace hockney::import {
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

const std::string line_rate =
    "# machine: boxes\n# source: a page\n# fabric: infiniband\n# estimated: line rate\n# bandwidth_gb_per_s: 25\n"
    "# latency_us: 5\n";

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
      {head + "operation,ranks,ranks_per_node,element,in_place,payload_bytes\n",
       ":10: expected one of the columns time_us, algbw_gb_per_s, busbw_gb_per_s"},
      {head + "operation,ranks,ranks_per_node,element,in_place,payload_bytes,time_us,busbw_gb_per_s\n",
       ":10: columns 'time_us' and 'busbw_gb_per_s' say the same"},
      {head + "# date: June 2023\n" + columns, "key 'date' is 'June 2023', expected YYYY"},
      {head + "# date: 2023-13\n" + columns, "key 'date' is '2023-13', expected YYYY"},
      {head + "# latency_us: 5\n" + columns, "key 'latency_us' is for files that state a line rate"},
      {line_rate + "# nccl: 2.22.3\n", "key 'nccl' is for files with measured points"},
      {head + "# environment: fast\n" + columns, ":10: key 'environment' is 'fast', expected NAME=VALUE"},
      {head + "# environment: HOME=/\n" + columns, ":10: key 'environment' is 'HOME=/', expected NAME=VALUE"},
      {head + "# environment: NCCL_ALGO=Ring\n# environment: NCCL_ALGO=Tree\n", "sets NCCL_ALGO twice"},
      {without(head, "# transport: nccl\n") + "# transport: ncl\n" + columns, "did you mean 'nccl'?"},
      {line_rate + "# mode: stream\n", "key 'mode' is for files with measured points"},
      {line_rate + columns + point, ":7: a file that states a line rate has no points"},
      {without(line_rate, "# latency_us: 5\n"), "key 'latency_us' is missing"},
      {without(line_rate, "# source: a page\n"), "key 'source' is missing"},
      {line_rate + "# date: 2023-06-31\n", "key 'date' is '2023-06-31'"},
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

std::string shipped(const std::string& file) {
  std::ifstream stream(fs::path(HOCKNEY_REFERENCE_FIGURES) / file);
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

TEST(ReferenceCsv, ReadsWhatWasPublishedOfAPoint) {
  const std::string rates = "operation,ranks,ranks_per_node,element,in_place,payload_bytes,";
  const Launch algbw = read(head + rates + "algbw_gb_per_s\nall_reduce,16,8,float32,false,1000000000,20\n");
  EXPECT_DOUBLE_EQ(algbw.measurements.at(0).elapsed.at(0), 0.05);
  EXPECT_DOUBLE_EQ(algbw.measurements.at(0).clock_step_s, 0.05 / 20);  // the last digit is 1 GB/s
  const Launch busbw = read(head + rates + "busbw_gb_per_s\nall_reduce,16,8,float32,false,1000000000,37.5\n");
  EXPECT_DOUBLE_EQ(busbw.measurements.at(0).elapsed.at(0), 0.05);
}

TEST(ReferenceCsv, ReadsWhatThePublisherPinned) {
  const Launch launch =
      read(head +
           "protocol,operation,ranks,ranks_per_node,element,in_place,payload_bytes,time_us,algorithm\n"
           "simple,all_reduce,8,8,float32,false,1024,9,ring\n");
  EXPECT_EQ(launch.measurements.at(0).point.algorithm, "ring");
  EXPECT_EQ(launch.measurements.at(0).point.protocol, "simple");
}

TEST(ReferenceCsv, VersionAndSettingsTellSoftwareApart) {
  const Launch launch =
      read(head + "# nccl: 2.22.3\n# environment: NCCL_CROSS_NIC=1\n# environment: NCCL_NET=AWS Libfabric\n" + columns +
           point);
  EXPECT_EQ(software_of(launch.provenance), "nccl:2.22.3,NCCL_CROSS_NIC:1,NCCL_NET:AWS Libfabric");
  EXPECT_EQ(launch.provenance.at("reference.environment"), "NCCL_CROSS_NIC=1; NCCL_NET=AWS Libfabric");
}

TEST(ReferenceCsv, GroupsMayHaveRunAtOnce) {
  const Launch launch = read(head +
                             "operation,ranks,ranks_per_node,stride,concurrent,element,in_place,payload_bytes,time_us\n"
                             "ping_pong,2,1,8,8,int8,false,1024,4\n");
  EXPECT_EQ(launch.measurements.at(0).point.group, (Group{2, 1, 8, 8}));
  EXPECT_EQ(launch.info.ranks, 16U);
}

TEST(ReferenceCsv, TheSameFileIsTheSameLaunch) {
  const std::string text = "# date: 2023-06-29\n" + head + columns + point;
  const Launch launch = read(text);
  EXPECT_EQ(launch.info.run_uuid, read(text).info.run_uuid);
  EXPECT_NE(launch.info.run_uuid, read(text + point).info.run_uuid);
  EXPECT_EQ(to_iso8601(launch.info.started_utc_ns), "2023-06-29T00:00:00Z");
  EXPECT_EQ(to_iso8601(read("# date: 2023\n" + head + columns + point).info.started_utc_ns), "2023-01-01T00:00:00Z");
}

TEST(ReferenceCsv, ALineRateHasNoPoints) {
  const Launch launch = read(line_rate);
  EXPECT_TRUE(launch.measurements.empty());
  const auto rate = stated_line_rate(launch);
  ASSERT_TRUE(rate);
  EXPECT_EQ(rate->fabric, Fabric::infiniband);
  EXPECT_DOUBLE_EQ(rate->bandwidth.value, 25e9);
  EXPECT_DOUBLE_EQ(rate->latency.count(), 5e-6);
  EXPECT_EQ(rate->machine, "boxes");
  EXPECT_EQ(rate->source, "figures.csv; a page");
}

TEST(ReferenceCsv, ShippedFiguresAreWhole) {
  std::vector<Launch> launches;
  for (const char* operation : {"all_reduce", "all_gather", "reduce_scatter", "all_to_all"}) {
    launches.push_back(read(shipped("dgx-a100/nvswitch_" + std::string(operation) + ".csv")));
  }
  std::map<std::string, std::vector<const Measurement*>> curves;
  for (const Launch& launch : launches) {
    for (const Measurement& measurement : launch.measurements) {
      curves[measurement.point.curve_name()].push_back(&measurement);
    }
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
}  // namespace hockney::import
