#include "import/tables/import_tables.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "import/tables/json_sheets.hpp"

namespace hockney::import {
namespace {

// All numbers are made up; where a test does not want a contradiction, bandwidths follow from sizes and times.

ImportOptions on(std::uint32_t ranks, std::uint32_t nodes) {
  ImportOptions options;
  options.ranks = ranks;
  options.nodes = nodes;
  return options;
}

ImportOptions one_node() {
  ImportOptions options;
  options.nodes = 1;
  return options;
}

ImportedFile import(std::string_view text, const ImportOptions& options = {}, const char* name = "all_reduce.csv") {
  return import_tables(text_of(text), name, options);
}

const std::vector<Measurement>& measurements_of(const ImportedFile& file) {
  EXPECT_TRUE(file.tables.at(0).launch) << report(file);
  return file.tables.at(0).launch.value().measurements;
}

TEST(Tables, ReadsAiconfigurator) {
  const ImportedFile file = import(
      "framework,version,device,op_name,kernel_source,nccl_dtype,num_gpus,message_size,latency\n"
      "MADE-UP,2.0,Made-up GPU,all_gather,NCCL,half,4,1024,0.008140000000000001\n"
      "MADE-UP,2.0,Made-up GPU,alltoall,NCCL,int8,8,1024,0.01\n"
      "MADE-UP,2.0,Other GPU,all_gather,NCCL,half,4,1024,0.02\n");
  ASSERT_EQ(file.tables.size(), 2U);  // two devices, two machines
  const auto& measurements = measurements_of(file);
  ASSERT_EQ(measurements.size(), 2U);
  EXPECT_EQ(measurements[0].point.payload.count, 2048U);
  EXPECT_EQ(measurements[0].point.group.ranks, 4U);
  EXPECT_EQ(measurements[0].point.group.ranks_per_node, 4U);
  EXPECT_NEAR(measurements[0].elapsed[0], 8.14e-6, 1e-12);
  EXPECT_NEAR(measurements[0].clock_step_s, 0.01e-6, 1e-12);
  EXPECT_EQ(measurements[1].point.operation, Operation::all_to_all);
  EXPECT_EQ(file.tables[0].launch->info.machine, "Made-up GPU");
  EXPECT_EQ(file.tables[1].launch.value().info.machine, "Other GPU");
}

TEST(Tables, ReadsNanosecondsAndTheSecondColumnOfAName) {
  const ImportedFile file = import(
      "size(B),count,type,time(ns),busbw(GB/s),time(ns),busbw(GB/s)\n"
      "1048576,262144,float,70140,22.42,69870,22.51\n"
      "2097152,524288,float,116000,27.12,114500,27.47\n",
      one_node());
  const auto& measurements = measurements_of(file);
  ASSERT_EQ(measurements.size(), 4U);
  EXPECT_EQ(measurements[0].point.group.ranks, 4U);  // from busbw and time
  EXPECT_NEAR(measurements[0].elapsed[0], 70.14e-6, 1e-12);
  EXPECT_TRUE(measurements[1].point.in_place);
  EXPECT_NEAR(measurements[1].elapsed[0], 69.87e-6, 1e-12);
}

TEST(Tables, ReadsRcclTests) {
  const ImportedFile file = import(
      "numCycle,collective,nodes,ranks,ranksPerNode,gpusPerRank,size,type,redop,inplace,time,algbw,busbw,#wrong\n"
      "0,\"AllReduce\",2,8,4,1,1048576,\"float\",\"sum\",0,50.0,20.97,36.7,\"0\"\n"
      "0,\"AllReduce\",2,8,4,1,1048576,\"float\",\"sum\",1,52.0,20.16,35.29,\"N/A\"\n");
  const auto& measurements = measurements_of(file);
  ASSERT_EQ(measurements.size(), 2U);
  EXPECT_EQ(measurements[0].point.group.nodes(), 2U);
  EXPECT_FALSE(measurements[0].point.in_place);
  EXPECT_EQ(measurements[0].verification, Verification::passed);
  EXPECT_TRUE(measurements[1].point.in_place);
  EXPECT_EQ(measurements[1].verification, Verification::not_checked);
  EXPECT_DOUBLE_EQ(measurements[1].elapsed[0], 52e-6);
}

TEST(JsonTables, ReadsOneObjectPerLine) {
  const ImportedFile file = import_sheets(
      read_json_sheets(
          "[\n{\"numCycle\":0, \"name\":\"AllReduce\", \"gpus\":4, \"size\":1048576, \"type\":\"float\", "
          "\"redop\":\"sum\", "
          "\"inPlace\":0, \"time\":50.0, \"algBw\":20.97, \"busBw\":31.46, \"wrong\":\"0\"},\n"
          "{\"#wrong\":\"3\",\"algBw\":20.16,\"busBw\":30.25,\"gpus\":4,\"inPlace\":1,\"name\":\"AllReduce\",\"redop\":"
          "\"sum\","
          "\"size\":1048576,\"time\":52.0,\"type\":\"float\"}\n{\"name\":\"AllRed"),
      "x.json", one_node());
  const auto& measurements = measurements_of(file);
  ASSERT_EQ(measurements.size(), 2U);
  EXPECT_EQ(measurements[0].point.group.ranks, 4U);
  EXPECT_EQ(measurements[1].verification, Verification::failed);
  EXPECT_TRUE(measurements[1].flags.has(Flag::wrong_result));
  EXPECT_EQ(measurements[1].iterations_averaged, 20U);
  ASSERT_EQ(file.refused.size(), 1U);
  EXPECT_EQ(file.refused[0].line, 4U);
  EXPECT_EQ(totals(file).data_lines, 3U);
  EXPECT_THROW(import_sheets(read_json_sheets("{\"busBw\": 1}"), "x.json", {}), InputError);
}

TEST(Tables, RefusesATableWhoseBandwidthIsImpossible) {
  const ImportedFile file = import(
      "collective,size_bytes,algorithm,protocol,channels,nodes,ranks,pipeOps,regBuff,cost_metric,bandwidth_gbps,"
      "latency_us\n"
      "allreduce,1024,tree,simple,2,1,8,-1,-1,0.15,45.2,12.5\n"
      "allreduce,65536,ring,ll,2,1,8,-1,-1,0.15,90.2,14.5\n");
  EXPECT_FALSE(file.tables.at(0).launch);
  EXPECT_NE(file.tables[0].refusal.find("the bandwidth says 45.2"), std::string::npos) << file.tables[0].refusal;
  EXPECT_EQ(totals(file).refused, 2U);
}

TEST(Tables, KeepsAlgorithmAndProtocolOfATunerTable) {
  const ImportedFile file = import(
      "collective,size_bytes,algorithm,protocol,channels,nodes,ranks,latency_us\n"
      "allreduce,1024,tree,ll,2,1,8,12.5\nallreduce,1024,ring,ll,2,1,8,13.5\n");
  const auto& measurements = measurements_of(file);
  EXPECT_EQ(measurements.at(0).point.algorithm, "tree");
  EXPECT_EQ(measurements.at(1).point.algorithm, "ring");
  EXPECT_EQ(measurements.at(1).point.protocol, "ll");
}

TEST(Tables, RefusesSingleRowsThatContradictThemselves) {
  const ImportedFile file = import(
      "size(B),time(us),algbw(GB/s),busbw(GB/s)\n1048576,50.0,20.97,36.70\n2097152,80.0,26.21,45.87\n"
      "4194304,80.0,26.21,45.87\n8388608,200.0,41.94,62.91\n",
      on(8, 1));
  EXPECT_EQ(measurements_of(file).size(), 2U);
  ASSERT_EQ(file.refused.size(), 2U);
  EXPECT_EQ(file.refused[0].line, 4U);
  EXPECT_NE(file.refused[1].reason.find("busbw of 8 ranks"), std::string::npos) << file.refused[1].reason;
}

TEST(Tables, SettlesUnitsByTheNumbers) {
  // MB that are 10^6 B, times in ms that nobody says are ms
  const ImportedFile decimal = import("size (MB),time,algbw (GB/s)\n3,0.3,10.0\n6,0.5,12.0\n", on(8, 1));
  EXPECT_EQ(measurements_of(decimal).at(0).point.payload.count, 3'000'000U);
  EXPECT_NEAR(measurements_of(decimal).at(0).elapsed[0], 0.3e-3, 1e-12);
  // GB/s that are 2^30 B/s
  const ImportedFile binary = import("size(B) | time(us): | bandwidth(GB/s)\n1073741824 | 100000 | 10.00\n", on(8, 1));
  EXPECT_EQ(measurements_of(binary).size(), 1U);
}

TEST(Tables, RefusesTimesWhoseUnitNothingTells) {
  EXPECT_NE(import("size(B),time\n1024,3.5\n", on(8, 1)).tables.at(0).refusal.find("has no unit"), std::string::npos);
}

TEST(Tables, SaysWhichOfTwoMeaningsASizeHas) {
  const ImportedFile binary = import("size(MB),time(us)\n3,3.5\n", on(8, 1));
  EXPECT_EQ(measurements_of(binary).at(0).point.payload.count, 3U << 20);
  EXPECT_NE(report(binary).find("sizes are read in units of 1048576 B (the other meaning of the word is 1000000 B)"),
            std::string::npos);
  const ImportedFile decimal = import("size(KB),time(us)\n65.4,3.5\n", on(8, 1));  // 66969.6 B in 2^10
  EXPECT_EQ(measurements_of(decimal).at(0).point.payload.count, 65400U);
}

TEST(Tables, DerivesTimesFromBandwidths) {
  const ImportedFile file = import(
      "Nodes,GPUs,size(MB),iterations,blocking,out algbw(GB/s),out busbw(GB/s),in algbw(GB/s),in busbw(GB/s)\n"
      "2,16,32,1000,false,80.00,150.00,40.00,75.00\n2,16,64,1000, false,80.00,150.00,40.00,75.00\n");
  const auto& measurements = measurements_of(file);
  ASSERT_EQ(measurements.size(), 4U);
  EXPECT_EQ(measurements[0].point.payload.count, std::uint64_t{32} << 20);  // powers of two
  EXPECT_NEAR(measurements[0].elapsed[0], 33554432 / 80e9, 1e-12);
  EXPECT_TRUE(measurements[1].point.in_place);
  EXPECT_EQ(measurements[0].iterations_averaged, 1000U);
  EXPECT_EQ(measurements[0].point.group.ranks_per_node, 8U);
}

TEST(Tables, ReadsColumnsBetweenBlanks) {
  const ImportedFile file =
      import("# size_bytes time_us_out_of_place time_us_in_place\n8 16.3 16.4\n16 16.2 16.2\n", on(16, 2));
  EXPECT_EQ(measurements_of(file).size(), 4U);
  EXPECT_THROW(import("the size and time of it\nare not told here\n", on(16, 2)), InputError);
}

TEST(Tables, KeepsRepeatsAsPasses) {
  const ImportedFile file = import("size(B),time(us)\n8,16.3\n8,16.5\n", on(2, 1));
  EXPECT_EQ(measurements_of(file).at(1).pass, 1U);
  EXPECT_EQ(measurements_of(file).at(1).point_id, measurements_of(file).at(0).point_id);
}

TEST(Tables, KeepsATableThatDoesNotTellItsNodes) {
  ImportOptions ranks;
  ranks.ranks = 8;
  const ImportedFile file = import("size(B),time(us)\n8,16.3\n", ranks);
  EXPECT_EQ(measurements_of(file).at(0).point.group, (Group{.ranks = 8, .ranks_per_node = 0}));
}

TEST(Tables, RefusesWhatIsNotTold) {
  EXPECT_NE(import("size(B),time(us)\n8,16.3\n", {}).tables.at(0).refusal.find("--ranks"), std::string::npos);
  EXPECT_NE(import("size(B),time(us)\n8,16.3\n", on(8, 1), "x.csv").tables.at(0).refusal.find("--operation"),
            std::string::npos);
  EXPECT_NE(import("size(B),time(us)\n", on(8, 1)).tables.at(0).refusal.find("no rows"), std::string::npos);
}

TEST(Tables, RefusesRowsThatAreCutOff) {
  const ImportedFile file =
      import("collective,size(B),time(us)\nallreduce,8,16.3\nallreduce,16\nsendrecv,8,1.0\n", on(8, 1));
  ASSERT_EQ(file.refused.size(), 2U);
  EXPECT_EQ(file.refused[0].reason, "no time in the row");
  EXPECT_NE(file.refused[1].reason.find("sendrecv"), std::string::npos);
}

}  // namespace
}  // namespace hockney::import
