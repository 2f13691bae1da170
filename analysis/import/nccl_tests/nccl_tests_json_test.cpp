#include "import/nccl_tests/nccl_tests_json.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "vocabulary/operation.hpp"

namespace hockney::import {
namespace {

using Json = nlohmann::ordered_json;

// A result with made-up times, in the units of nccl-tests: bandwidths follow from them.
Json side(std::uint32_t ranks, std::uint64_t size, double time_us) {
  const double algbw = static_cast<double>(size) / time_us * 1e-3;
  return {{"time", time_us},
          {"alg_bw", algbw},
          {"bus_bw", algbw * wire_factor(Operation::all_reduce, ranks)},
          {"nwrong", 0.0}};
}

Json result(std::uint32_t ranks, std::uint64_t size, double time_us) {
  return {{"size", size},
          {"count", size / 4},
          {"type", "float"},
          {"redop", "sum"},
          {"root", "    -1"},
          {"out_of_place", side(ranks, size, time_us)},
          {"in_place", side(ranks, size, time_us + 1)},
          {"actual_iterations", 20},
          {"experiment_name", ""}};
}

// A made-up run of `ranks` ranks on nodes of 4.
Json run(std::uint32_t ranks) {
  Json json{{"version", 3},
            {"start_time", "2026-01-01 00:00:00"},
            {"args", {"/opt/nccl-tests/build/all_reduce_perf", "-b", "1M"}},
            {"env", {"NCCL_ALGO=Ring", "HOME=/home/made-up", "MY_PASSWORD=made-up"}},
            {"nccl_version", 22807},
            {"config",
             {{"nthreads", 1},
              {"ngpus", 1},
              {"iterations", 20},
              {"aggregated_iterations", 1},
              {"graph", 0},
              {"blocking_collectives", "false"},
              {"devices", Json::array()}}},
            {"results", {result(ranks, 1 << 20, 50), result(ranks, 1 << 21, 80)}},
            {"out_of_bounds", {{"count", 0}, {"okay", "true"}}},
            {"average_bus_bandwidith", {{"bandwidith", 100.0}, {"okay", "unchecked"}}},
            {"errors", {""}}};
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    json["config"]["devices"].push_back({{"rank", rank},
                                         {"group", 0},
                                         {"hostname", fmt::format("node{}", rank / 4)},
                                         {"device", rank % 4},
                                         {"device_hex", fmt::format("0000:{:02x}:00", rank % 4)},
                                         {"device_info", "Made-up GPU"}});
  }
  return json;
}

ImportedFile import(const std::string& text, const std::string& name = "run.json") {
  return import_nccl_tests_json(text, name, {});
}

const Launch& launch_of(const ImportedFile& file) {
  EXPECT_EQ(file.tables.size(), 1U);
  EXPECT_EQ(file.tables.front().refusal, "");
  return file.tables.front().launch.value();
}

TEST(NcclTestsJson, ReadsARun) {
  const ImportedFile file = import(run(8).dump());
  const Launch& launch = launch_of(file);
  ASSERT_EQ(launch.measurements.size(), 4U);
  const Measurement& first = launch.measurements.front();
  EXPECT_EQ(first.point.operation, Operation::all_reduce);
  EXPECT_EQ(first.point.group.ranks, 8U);
  EXPECT_EQ(first.point.group.ranks_per_node, 4U);
  EXPECT_EQ(first.point.payload.count, std::uint64_t{1} << 20);
  EXPECT_DOUBLE_EQ(first.elapsed.at(0), 50e-6);
  EXPECT_EQ(first.statistic, Statistic::mean_over_ranks);
  EXPECT_EQ(first.iterations_averaged, 20U);
  EXPECT_EQ(first.verification, Verification::passed);
  EXPECT_TRUE(launch.measurements[1].point.in_place);
  EXPECT_EQ(launch.provenance.at("nccl.version"), "2.28.7");
  EXPECT_EQ(totals(file).used, 2U);
}

TEST(NcclTestsJson, TakesIndentedText) { EXPECT_EQ(launch_of(import(run(4).dump(4))).measurements.size(), 4U); }

TEST(NcclTestsJson, KeepsOfTheEnvironmentOnlyWhatIsAllowed) {
  const ImportedFile file = import(run(4).dump());
  const Launch& launch = launch_of(file);
  EXPECT_EQ(launch.provenance.at("env.NCCL_ALGO"), "Ring");
  for (const auto& [key, value] : launch.provenance) {
    EXPECT_EQ(value.find("made-up"), std::string::npos) << key;
  }
  ASSERT_TRUE(file.text.has_value());
  EXPECT_EQ(file.text->find("/home/made-up"), std::string::npos);
  EXPECT_EQ(file.text->find("MY_PASSWORD=made-up"), std::string::npos);
  EXPECT_NE(file.text->find("NCCL_ALGO=Ring"), std::string::npos);
}

TEST(NcclTestsJson, TakesTheCollectiveFromTheFileNameOrTheNumbersWhereArgumentsAreMissing) {
  Json json = run(4);
  json.erase("args");
  EXPECT_EQ(launch_of(import(json.dump(), "allreduce_4.json")).provenance.at("import.operation"), "from the file name");
  EXPECT_EQ(launch_of(import(json.dump())).provenance.at("import.operation"),
            "from busbw above algbw, which only all_reduce has");
}

TEST(NcclTestsJson, TakesNullAndNanForNoNumbers) {
  Json json = run(4);
  json["results"][0]["out_of_place"] = nullptr;
  json["results"][0]["in_place"]["nwrong"] = nullptr;
  json["results"][1]["out_of_place"]["time"] = "nan";
  const ImportedFile file = import(json.dump());
  const Launch& launch = launch_of(file);
  ASSERT_EQ(launch.measurements.size(), 2U);
  EXPECT_TRUE(launch.measurements[0].point.in_place);
  EXPECT_EQ(launch.measurements[0].verification, Verification::not_checked);
  EXPECT_TRUE(launch.measurements[1].point.in_place);
}

TEST(NcclTestsJson, KeepsTheTimeOfEveryIteration) {
  Json json = run(4);
  json["results"][1]["in_place_per_iter"] = {{"skipped_iterations", 2}, {"times_us", {80.5, 82.0, 81.0}}};
  json["results"][0]["out_of_place_per_iter"] = {{"times_us", {50.0, "nan"}}};
  const ImportedFile file = import(json.dump());
  const auto& measurements = launch_of(file).measurements;
  EXPECT_EQ(measurements[0].samples(), 1U);  // one of them is no time
  const Measurement& sampled = measurements[3];
  ASSERT_EQ(sampled.samples(), 3U);
  EXPECT_DOUBLE_EQ(sampled.elapsed[1], 82e-6);
  EXPECT_EQ(sampled.statistic, Statistic::max_over_ranks);
  EXPECT_EQ(sampled.iterations_averaged, 1U);
  EXPECT_EQ(sampled.discarded, 2U);
}

TEST(NcclTestsJson, KeepsWholeResultsOfAnAbortedRun) {
  const std::string text = run(4).dump();
  const auto second = text.find("\"size\":2097152");
  const ImportedFile file = import(text.substr(0, second + 40));
  EXPECT_EQ(launch_of(file).measurements.size(), 2U);
  EXPECT_NE(report(file).find("the run was aborted: 1 whole results kept"), std::string::npos) << report(file);
  EXPECT_THROW(import(text.substr(0, text.find("\"results\"") + 20)), InputError);
}

TEST(NcclTestsJson, CountsRanksWhereOneDeviceOfEachProcessIsListed) {
  Json json = run(8);
  json["config"]["ngpus"] = 4;
  json["config"]["devices"] = {{{"rank", 0}, {"group", 0}, {"hostname", "node0"}, {"device_hex", "0000:00:00"}},
                               {{"rank", 4}, {"group", 0}, {"hostname", "node1"}, {"device_hex", "0000:00:00"}}};
  const ImportedFile file = import(json.dump());
  EXPECT_EQ(launch_of(file).measurements.front().point.group.ranks, 8U);
  EXPECT_EQ(launch_of(file).measurements.front().point.group.ranks_per_node, 4U);
}

TEST(NcclTestsJson, RefusesADeviceListThatContradictsTheNumbers) {
  Json json = run(8);
  json["config"]["devices"].erase(4);
  json["config"]["devices"].erase(4);
  json["config"]["devices"].erase(4);
  json["config"]["devices"].erase(4);
  EXPECT_NE(import(json.dump()).tables.front().refusal.find("--ranks"), std::string::npos);
}

TEST(NcclTestsJson, RefusesTimesOfTheHost) {
  Json json = run(4);
  json["results"][0]["out_of_place"]["cpu_time"] = 3.0;
  EXPECT_NE(import(json.dump()).tables.front().refusal.find("-C"), std::string::npos);
}

TEST(NcclTestsJson, RefusesOtherTexts) {
  for (const std::string& text : {std::string("{}"), std::string("[1, 2]"), std::string("\xFF\xFE"),
                                  std::string("{\"results\": 3}"), std::string(100'000, '[')}) {
    EXPECT_THROW(import(text), InputError) << text.substr(0, 40);
  }
  // results, but none that can be used: refused as a table
  EXPECT_FALSE(import(R"({"results": [{"size": 1}, 7], "config": 4)").tables.front().launch);
  EXPECT_FALSE(import(R"({"results": [7, {"size": -1, "out_of_place": []}], "config": 4})").tables.front().launch);
}

}  // namespace
}  // namespace hockney::import
