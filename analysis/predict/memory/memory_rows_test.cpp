#include "predict/memory/memory_rows.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "predict/memory/memory_score.hpp"

namespace hockney::predict {
namespace {

const std::string columns = "model,sequence,gpus,tp,pp,mbs,checkpointing,kernel,sequence_parallel,outcome,source\n";

MemoryRows parse(const std::string& rows) {
  return parse_memory_rows(columns + rows, "fits.csv", shipped_folder() / "models");
}

std::string error_of(const std::string& text) {
  try {
    parse_memory_rows(text, "fits.csv", shipped_folder() / "models");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(MemoryRows, ReadsWhatARowSays) {
  const MemoryRows table = parse("13B,8192,64,4,2,1,every_layer,flash_attention2 + RMS kernel,True,fits,made up\n");
  ASSERT_EQ(table.rows.size(), 1U);
  const MemoryRow& row = table.rows.front();
  EXPECT_EQ(row.model.name, "llama-13b");
  EXPECT_EQ(row.model.sequence, 8192U);
  EXPECT_EQ(row.mapping.data, 8U);
  EXPECT_EQ(row.mapping.micro_batches(), 64U) << "2^22 tokens per step";
  EXPECT_EQ(row.mapping.recompute, Recompute::full);
  EXPECT_TRUE(row.mapping.sequence_parallel);
  EXPECT_TRUE(row.mapping.flash_attention);
  EXPECT_TRUE(row.program.fused_norm);
  EXPECT_TRUE(row.fitted);
  EXPECT_EQ(row.line, 2U);
}

TEST(MemoryRows, SkipsWhatCannotBeAndSaysWhy) {
  const MemoryRows table = parse(
      "13B,2048,64,1,1,1,disabled,torch,,fits,\n"
      "13B,2048,64,3,1,1,disabled,torch,,fits,\n"
      "14B,2048,64,1,1,1,disabled,torch,,fits,\n"
      "13B,2048,64,1,1,1,disabled,torhc,,fits,\n"
      "13B,2048,64,1,1,1,disabled,torch,,crashed,\n");
  EXPECT_EQ(table.rows.size(), 1U);
  ASSERT_EQ(table.skipped.size(), 4U);
  EXPECT_NE(table.skipped[0].reason.find("expected tp x cp x pp x dp"), std::string::npos);
  EXPECT_NE(table.skipped[1].reason.find("llama-13b"), std::string::npos) << "the nearest shipped model";
  EXPECT_NE(table.skipped[2].reason.find("did you mean 'torch'"), std::string::npos);
  EXPECT_EQ(table.skipped[3].place, "fits.csv:6");
}

TEST(MemoryRows, ColumnsReplaceWhatIsUsual) {
  const MemoryRows table = parse_memory_rows(
      "layers,hidden,heads,sequence,vocabulary,tp,pp,dp,mbs,gbs,gradient_bytes,recompute,flash,sharding,whole_logits,"
      "fused_norm,gpus_per_node,outcome,colour\n"
      "8,512,8,1024,32000,2,1,4,1,64,4,selective,True,fsdp FULL_SHARD,False,1,4,fits,red\n",
      "fits.csv", shipped_folder() / "models");
  const MemoryRow& row = table.rows.at(0);
  EXPECT_EQ(row.model.vocabulary, 32000U);
  EXPECT_EQ(row.mapping.micro_batches(), 16U);
  EXPECT_EQ(row.mapping.gradient_bytes, 4U);
  EXPECT_EQ(row.mapping.gpus_per_node, 4U);
  EXPECT_EQ(row.mapping.recompute, Recompute::selective);
  EXPECT_TRUE(row.mapping.flash_attention);
  EXPECT_EQ(row.program.sharding, Sharding::full);
  EXPECT_FALSE(row.program.whole_logits);
  EXPECT_TRUE(row.program.fused_norm);
  EXPECT_NE(table.ignored_columns.find("'colour'"), std::string::npos);
}

TEST(MemoryRows, RefusesATableWithoutWhatItNeeds) {
  EXPECT_EQ(error_of("model,tp,pp,mbs\n13B,1,1,1\n"), "fits.csv:1: column 'outcome' is missing");
  EXPECT_NE(error_of(columns).find("no rows"), std::string::npos);
  EXPECT_NE(error_of("modle,gpus,tp,pp,mbs,outcome\n13B,1,1,1,1,fits\n").find("did you mean 'model'"),
            std::string::npos);
}

TEST(MemoryScore, CountsLabelsAndWhatRanOut) {
  const MemoryRows table = parse(
      "13B,2048,64,2,2,1,disabled,flash_attention2,,fits,\n"
      "13B,2048,64,1,1,8,disabled,torch,,OOM Error,\n"
      "13B,2048,64,2,2,1,disabled,flash_attention2,,OOM Error,\n"
      "7B,2048,64,1,1,8,disabled,torch,,fits,\n");
  const std::vector<JudgedRow> rows = judged(table, gibibytes(80));
  const MemoryScore score = score_of(rows, "all");
  EXPECT_EQ(score.right, 2U);
  EXPECT_EQ(score.ran_out, 2U);
  EXPECT_EQ(score.caught, 1U);
  EXPECT_EQ(scores_by_model(rows).size(), 2U);
  EXPECT_FALSE(scores_by_model(rows).back().caught_share());
}

}  // namespace
}  // namespace hockney::predict
