#include "predict/score/exam_rows.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::predict {
namespace {

const std::string columns =
    "source,layers,hidden,heads,key_value_heads,experts,top_k,sequence,vocabulary,tp,pp,vp,ep,dp,mbs,gbs,recompute,"
    "precision,sharding,measured_s\n";

ExamRows parse(const std::string& rows) {
  Stack stack;
  stack.name = "made up";
  stack.marks = {"program"};
  stack.flash_attention = true;
  ExamRows table;
  parse_exam_rows(columns + rows, "steps.csv", {stack}, table);
  return table;
}

TEST(ExamRows, ReadsHowARowRan) {
  const ExamRows table =
      parse("\"program@1, node 7\",8,512,8,8,16,2,1024,1000,1,1,,4,8,1,64,not stated,mxfp8,fsdp FULL_SHARD,1.5\n");
  ASSERT_EQ(table.rows.size(), 1U);
  const ExamRow& row = table.rows.front();
  EXPECT_EQ(row.family, "program, experts");
  EXPECT_EQ(row.stack, "made up");
  EXPECT_EQ(row.way.precision, Precision::mxfp8);
  EXPECT_EQ(row.way.sharding, Sharding::full);
  EXPECT_EQ(row.run.model.experts_per_token, 2U);
  EXPECT_EQ(row.run.mapping.expert, 4U);
  EXPECT_EQ(row.run.mapping.recompute, Recompute::none);
  EXPECT_TRUE(row.run.mapping.flash_attention);
  EXPECT_TRUE(row.run.mapping.distributed_optimizer);
}

TEST(ExamRows, WhatNoStackIsNamedForRunsAsIsUsualForItsSharding) {
  const Stack usual{.name = "usual", .source = "made up", .marks = {"sharding: fsdp"}};
  const std::string row = "program,8,512,8,8,,,1024,1000,1,1,1,1,8,1,64,none,bf16,fsdp FULL_SHARD,1\n";
  ExamRows table;
  parse_exam_rows(columns + row, "steps.csv", {usual}, table);
  EXPECT_EQ(table.rows.at(0).stack, "usual");
  const Stack named{.name = "named", .source = "made up", .marks = {"prog"}};
  parse_exam_rows(columns + row, "steps.csv", {usual, named}, table);
  EXPECT_EQ(table.rows.at(1).stack, "named") << "though the other mark is longer";
}

TEST(ExamRows, TakesWhatDoesNotDivideAsTheFullestGpuHasIt) {
  const ExamRows table = parse("other,126,512,8,2,,,1024,1000,4,8,8,1,3,2,64,none,bf16,,1\n");
  ASSERT_EQ(table.rows.size(), 1U);
  const ExamRow& row = table.rows.front();
  EXPECT_EQ(row.run.model.layers, 128U);
  EXPECT_EQ(row.run.model.key_value_heads, 4U);
  EXPECT_EQ(row.run.mapping.global_batch, 66U);
  EXPECT_EQ(row.stack, "unknown");
}

TEST(ExamRows, SkipsALineWithItsReason) {
  const ExamRows table = parse(
      "other,8,512,8,8,,,1024,1000,1,1,1,1,8,1,64,none,bf17,,1\n"
      "other,8,512,8,8,,,1024,1000,1,1,1,1,8,1,64,none,bf16,everything,1\n"
      "other,8,512,8,8,,,1024,1000,0,1,1,1,8,1,64,none,bf16,,1\n"
      "other,8,512,8,8,,,1024,1000,1,1,1,1,8,1,64,none,bf16,,1\n");
  EXPECT_EQ(table.rows.size(), 1U);
  ASSERT_EQ(table.skipped.size(), 3U);
  EXPECT_NE(table.skipped[0].reason.find("bf16"), std::string::npos) << "the nearest known word";
  EXPECT_NE(table.skipped[1].reason.find("sharding"), std::string::npos);
  EXPECT_EQ(table.skipped[2].place, "steps.csv:4");
}

TEST(ExamRows, RefusesAnUnknownColumn) {
  ExamRows table;
  EXPECT_THROW(parse_exam_rows("source,layer\na,1\n", "steps.csv", {}, table), InputError);
}

}  // namespace
}  // namespace hockney::predict
