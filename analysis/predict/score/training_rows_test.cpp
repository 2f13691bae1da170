#include "predict/score/training_rows.hpp"

#include <gtest/gtest.h>
#include <string>

#include "base/error.hpp"

namespace hockney::predict {
namespace {

const std::string columns = "layers,hidden,heads,sequence,vocabulary,tp,pp,dp,mbs,gbs";
const std::string row = "96,12288,96,2048,51200,8,8,1,1,64";

std::string refusal_of(const std::string& text) {
  try {
    parse_training_rows(text, "runs.csv");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

void expect_refused(const std::string& text, const std::string& start, const std::string& part) {
  const std::string refusal = refusal_of(text);
  EXPECT_TRUE(refusal.starts_with(start)) << refusal;
  EXPECT_NE(refusal.find(part), std::string::npos) << refusal;
  EXPECT_EQ(refusal.find('\n'), std::string::npos) << refusal;
}

TEST(TrainingRows, WithoutAColumnTheRunIsMegatronsOfThePublishedTables) {
  const TrainingRows table = parse_training_rows(columns + "\n" + row + "\n", "runs.csv");
  ASSERT_EQ(table.rows.size(), 1U);
  const TrainingRow& read = table.rows[0];
  EXPECT_EQ(read.line, 2U);
  EXPECT_EQ(read.text, row);
  EXPECT_EQ(read.model.feed_forward, 4 * 12288U);
  EXPECT_EQ(read.model.key_value_heads, 96U);
  EXPECT_TRUE(read.model.tied_embeddings);
  EXPECT_EQ(read.mapping.gpus(), 64U);
  EXPECT_EQ(read.mapping.gpus_per_node, 8U);
  EXPECT_EQ(read.mapping.gradient_bytes, 2U);
  EXPECT_TRUE(read.mapping.scatter_gather);
  EXPECT_FALSE(read.mapping.flash_attention);
  EXPECT_EQ(read.mapping.recompute, Recompute::none);
  EXPECT_EQ(read.gpu, "a100-80g");
  EXPECT_FALSE(read.node_nic_bytes_per_s);
  EXPECT_FALSE(read.measured_s);
}

TEST(TrainingRows, ReadsEveryOrderQuotesAndWindowsLineEnds) {
  const TrainingRows table = parse_training_rows(
      "source," + columns + ",recompute,measured_s,node_nic_bytes_per_s\r\n\"Brown, \"\"et al.\"\"\"," + row +
          ",full,18.13,2e+11\r\n",
      "runs.csv");
  const TrainingRow& read = table.rows.at(0);
  EXPECT_EQ(read.model.source, "Brown, \"et al.\"");
  EXPECT_EQ(read.mapping.recompute, Recompute::full);
  EXPECT_EQ(read.measured_s, 18.13);
  EXPECT_EQ(read.node_nic_bytes_per_s, 2e11);
}

TEST(TrainingRows, AnEmptyFieldIsAColumnThatIsNotThere) {
  const TrainingRows table = parse_training_rows(columns + ",cp,measured_s\n" + row + ",,\n", "runs.csv");
  EXPECT_EQ(table.rows.at(0).mapping.context, 1U);
  EXPECT_FALSE(table.rows.at(0).measured_s);
}

TEST(TrainingRows, RefusesColumnsByName) {
  expect_refused("hiden," + columns + "\n1," + row, "runs.csv:1: ", "did you mean 'hidden'");
  expect_refused("tp," + columns + "\n8," + row, "runs.csv:1: ", "'tp' twice");
}

TEST(TrainingRows, RefusesFieldsByLineAndColumn) {
  const std::string good = columns + "\n" + row + "\n";
  expect_refused(good + "96,12288,96,2048,51200,8,8,1,1\n", "runs.csv:3: ", "9 fields, expected 10");
  expect_refused(good + "96,wide,96,2048,51200,8,8,1,1,64\n", "runs.csv:3: ", "column 'hidden': 'wide'");
  expect_refused(good + "96,12288,96,2048,51200,8.5,8,1,1,64\n", "runs.csv:3: ", "column 'tp'");
  expect_refused(good + "96,12288,96,2048,51200,-8,8,1,1,64\n", "runs.csv:3: ", "column 'tp'");
  expect_refused(good + "96,12288,96,2048,51200,,8,1,1,64\n", "runs.csv:3: ", "column 'tp'");
  expect_refused(good + "96,12288,97,2048,51200,8,8,1,1,64\n", "runs.csv:3: ", "column 'heads'");
  expect_refused(good + "0,12288,96,2048,51200,8,8,1,1,64\n", "runs.csv:3: ", "column 'layers'");
  expect_refused(columns + ",recompute\n" + row + ",some\n", "runs.csv:2: ", "column 'recompute'");
  expect_refused(columns + ",sequence_parallel\n" + row + ",2\n", "runs.csv:2: ", "column 'sequence_parallel'");
  expect_refused(columns + ",measured_s\n" + row + ",0\n", "runs.csv:2: ", "column 'measured_s'");
  expect_refused(columns + ",gpus\n" + row + ",65\n", "runs.csv:2: ", "column 'gpus'");
}

TEST(TrainingRows, RefusesMappingsThatTheModelCannotRun) {
  expect_refused(columns + "\n96,12288,96,2048,51200,7,8,1,1,64\n", "runs.csv:2: ", "7");
}

TEST(TrainingRows, RefusesTablesWithoutRows) {
  expect_refused("", "runs.csv", "empty");
  expect_refused(columns + "\n", "runs.csv", "no rows");
}

}  // namespace
}  // namespace hockney::predict
