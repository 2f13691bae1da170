#include "predict/score/step_rows.hpp"

#include <gtest/gtest.h>
#include <string>

#include "base/error.hpp"

namespace hockney::predict {
namespace {

const std::string columns =
    "source,layers,hidden,heads,key_value_heads,experts,top_k,sequence,vocabulary,tp,pp,vp,ep,dp,mbs,gbs,recompute,"
    "precision,sharding,measured_s\n";

const std::string few_columns = "layers,hidden,heads,sequence,vocabulary,tp,pp,dp,mbs,gbs";
const std::string few = "96,12288,96,2048,51200,8,8,1,1,64";

const std::vector<Stack>& stacks() {
  static const std::vector<Stack> all{
      {.name = "made up", .source = "made up", .marks = {"program"}, .flash_attention = true, .host_waits = false}};
  return all;
}

StepRows parse(const std::string& rows) { return parse_step_rows(columns + rows, "steps.csv", stacks()); }

StepRows parse_few(const std::string& more_columns, const std::string& more) {
  return parse_step_rows(few_columns + more_columns + "\n" + few + more + "\n", "steps.csv", stacks());
}

TEST(StepRows, ReadsHowARowRan) {
  const StepRows table =
      parse("\"program@1, node 7\",8,512,8,8,16,2,1024,1000,1,1,,4,8,1,64,not stated,mxfp8,fsdp FULL_SHARD,1.5\n");
  ASSERT_EQ(table.rows.size(), 1U);
  const StepRow& row = table.rows.front();
  EXPECT_EQ(row.family(), "program, experts");
  EXPECT_EQ(row.stack_name(), "made up");
  EXPECT_EQ(row.way.precision, Precision::mxfp8);
  EXPECT_EQ(row.way.sharding, Sharding::full);
  EXPECT_EQ(row.model.experts_per_token, 2U);
  EXPECT_EQ(row.mapping.expert, 4U);
  EXPECT_EQ(row.mapping.recompute, Recompute::none);
  EXPECT_TRUE(row.mapping.flash_attention);
  EXPECT_TRUE(row.mapping.distributed_optimizer);
  EXPECT_EQ(row.measured_s, 1.5);
  EXPECT_EQ(row.taken_otherwise(), "");
}

TEST(StepRows, WithoutAColumnTheRunIsMegatronsOfThePublishedTables) {
  const StepRows table = parse_few("", "");
  ASSERT_EQ(table.rows.size(), 1U);
  const StepRow& row = table.rows.front();
  EXPECT_EQ(row.line, 2U);
  EXPECT_EQ(table.line_of(row), few);
  EXPECT_EQ(table.header, few_columns);
  EXPECT_EQ(row.model.feed_forward, 4 * 12288U);
  EXPECT_EQ(row.model.key_value_heads, 96U);
  EXPECT_TRUE(row.model.tied_embeddings);
  EXPECT_EQ(row.mapping.gpus_per_node, 8U);
  EXPECT_EQ(row.mapping.gradient_bytes, 2U);
  EXPECT_TRUE(row.mapping.scatter_gather);
  EXPECT_FALSE(row.mapping.flash_attention);
  EXPECT_EQ(row.gpu, "a100-80g");
  EXPECT_EQ(row.stack_name(), "unknown");
  EXPECT_FALSE(row.node_nic_bytes_per_s);
  EXPECT_FALSE(row.measured_s);
}

TEST(StepRows, AColumnSaysMoreThanTheStack) {
  const StepRow row =
      parse_few(",source,flash_attention,gradient_bytes,gated_feed_forward,tied_embeddings", ",program,0,4,True,True")
          .rows.at(0);
  EXPECT_FALSE(row.mapping.flash_attention);
  EXPECT_EQ(row.mapping.gradient_bytes, 4U);
  EXPECT_TRUE(row.model.tied_embeddings);
  EXPECT_FALSE(parse_few(",gated_feed_forward", ",1").rows.at(0).model.tied_embeddings) << "as such models have it";
}

TEST(StepRows, WhatNoStackIsNamedForRunsAsIsUsualForItsSharding) {
  const std::vector<Stack> usual{{.name = "usual", .source = "made up", .marks = {"sharding: fsdp"}}};
  const std::string row = "program,8,512,8,8,,,1024,1000,1,1,1,1,8,1,64,none,bf16,fsdp FULL_SHARD,1\n";
  EXPECT_EQ(parse_step_rows(columns + row, "steps.csv", usual).rows.at(0).stack_name(), "usual");
  const std::vector<Stack> both{usual[0], {.name = "named", .source = "made up", .marks = {"prog"}}};
  EXPECT_EQ(parse_step_rows(columns + row, "steps.csv", both).rows.at(0).stack_name(), "named")
      << "though the other mark is longer";
}

TEST(StepRows, WhatARowSaysGoesBeforeItsStack) {
  Stack stack{.name = "sharded", .source = "made up", .variant_of = "another", .marks = {"program"}};
  stack.way.sharding = Sharding::optimizer;
  const std::vector<Stack> sharded{stack};
  const StepRows table = parse_step_rows(
      "source,layers,hidden,heads,sequence,vocabulary,tp,pp,dp,mbs,gbs,gated_feed_forward,tied_embeddings,"
      "sharding,measured_s\n"
      "program,8,512,8,1024,1000,1,1,8,1,64,1,1,,1\n"
      "program,8,512,8,1024,1000,1,1,8,1,64,1,,none,1\n",
      "steps.csv", sharded);
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0].calibrated_with(), "another");
  EXPECT_EQ(table.rows[0].way.sharding, Sharding::optimizer);
  EXPECT_TRUE(table.rows[0].mapping.distributed_optimizer);
  EXPECT_TRUE(table.rows[0].model.tied_embeddings);
  EXPECT_EQ(table.rows[1].way.sharding, Sharding::none);
  EXPECT_FALSE(table.rows[1].mapping.distributed_optimizer);
  EXPECT_FALSE(table.rows[1].model.tied_embeddings);
}

TEST(StepRows, TakesWhatDoesNotDivideAsTheFullestGpuHasIt) {
  const StepRow row = parse("other,6,512,8,2,,,1024,1000,4,8,1,2,3,2,64,none,bf16,,1\n").rows.at(0);
  EXPECT_EQ(row.model.layers, 8U);
  EXPECT_EQ(row.model.key_value_heads, 2U) << "each GPU holds one";
  EXPECT_EQ(row.mapping.global_batch, 66U);
  EXPECT_EQ(row.stated.layers, 6U);
  EXPECT_EQ(row.taken_otherwise(), "layers 6 as 8; ep 2 as 1; gbs 64 as 66");
  const StepRow chunks = parse("other,126,512,8,8,,,1024,1000,1,8,7,1,1,1,64,none,bf16,,1\n").rows.at(0);
  EXPECT_EQ(chunks.model.layers, 126U) << "16 on the fullest stage, whatever its chunks";
  EXPECT_EQ(chunks.taken_otherwise(), "");
  const StepRow heads = parse("other,8,512,9,9,,,1024,1000,2,1,1,1,1,1,1,none,bf16,,1\n").rows.at(0);
  EXPECT_NE(heads.taken_otherwise().find("attention heads"), std::string::npos);
}

TEST(StepRows, ExpertsMaySpreadOverTensorRanks) {
  const StepRow row = parse("other,8,512,8,8,64,4,1024,1000,2,1,1,16,8,1,64,none,bf16,,1\n").rows.at(0);
  EXPECT_EQ(row.taken_otherwise(), "");
  EXPECT_EQ(row.mapping.tensor_of_experts(), 1U);
}

TEST(StepRows, AKnownShapeIsThatModelInAllThatTheRowLeavesOut) {
  const auto row = [](const std::string& others, const std::string& values) {
    return parse_step_rows(
               "layers,hidden,heads,key_value_heads,feed_forward,gated_feed_forward,experts,top_k,sequence,"
               "vocabulary,tp,pp,dp,mbs,gbs" +
                   others + "\n48,2048,32,4,768,1," + values + "\n",
               "steps.csv", stacks())
        .rows.at(0);
  };
  EXPECT_EQ(row("", "128,8,4096,151936,1,1,8,1,8").model.query_width(), 32 * 128U) << "qwen3-30b-a3b";
  EXPECT_EQ(row(",head_width", "128,8,4096,151936,1,1,8,1,8,64").model.query_width(), 32 * 64U) << "as it says";
  EXPECT_EQ(row("", "64,8,4096,151936,1,1,8,1,8").model.query_width(), 32 * 128U) << "usual beside experts";
}

TEST(StepRows, TheWidthOfAnExpertIsNotThatOfTheDenseLayers) {
  const auto model = [](const std::string& names, const std::string& values) {
    return parse_step_rows("tp,pp,dp,mbs,gbs," + names + "\n1,1,8,1,8," + values + "\n", "steps.csv", stacks())
        .rows.at(0)
        .model;
  };
  const Transformer named = model("model,moe_ffn_hidden_size", "deepseek-v3,2048");
  EXPECT_EQ(named.expert_width(), 2048U);
  EXPECT_EQ(named.feed_forward, 18432U);
  const std::string shape = "layers,hidden,heads,sequence,vocabulary,gated_feed_forward,experts,top_k";
  const std::string of_v3 = "61,7168,128,4096,129280,1,256,8";
  const Transformer by_shape = model(shape + ",moe_ffn_hidden_size", of_v3 + ",2048");
  EXPECT_EQ(by_shape.expert_width(), 2048U);
  EXPECT_EQ(by_shape.feed_forward, 18432U) << "deepseek-v3";
  const Transformer both =
      model(shape + ",ffn_hidden_size,moe_ffn_hidden_size", "60,7168,128,4096,129280,1,256,8,18432,2048");
  EXPECT_EQ(both.expert_width(), 2048U) << "of no known model";
  EXPECT_EQ(both.feed_forward, 18432U);
}

TEST(StepRows, ACaveatMayNameFusedAttention) {
  const auto is_fused = [](const std::string& caveat, const std::string& flash = "") {
    return parse_few(",caveat,flash", "," + caveat + "," + flash).rows.at(0).mapping.flash_attention;
  };
  EXPECT_FALSE(is_fused("kernel: fused"));
  EXPECT_TRUE(is_fused("kernel: flash_attention2 + RMS kernel"));
  EXPECT_TRUE(is_fused("BF16; FlashAttention-2"));
  EXPECT_FALSE(is_fused("no flash attention"));
  EXPECT_FALSE(is_fused("64 GPUs w/o FlashAttention"));
  EXPECT_FALSE(is_fused("flash attention", "0")) << "a column goes before it";
}

TEST(StepRows, AFlashColumnChoosesTheStackThatACaveatDoes) {
  const auto stack = [](const std::string& caveat, const std::string& flash) {
    const std::string table = few_columns + ",gpu,caveat,flash\n" + few + ",a100-80g," + caveat + "," + flash + "\n";
    return parse_step_rows(table, "steps.csv", shipped_stacks()).rows.at(0).stack_name();
  };
  EXPECT_EQ(stack("", ""), "unknown");
  EXPECT_EQ(stack("flash attention", "0"), "unknown");
  EXPECT_EQ(stack("", "1"), "usual-ampere");
  EXPECT_EQ(stack("flash attention", ""), "usual-ampere");
}

TEST(StepRows, ACaveatMayNameAnOverlapOfExperts) {
  const auto is_overlapped = [](const std::string& caveat, const std::string& column = "") {
    return parse_few(",caveat,overlap_experts", "," + caveat + "," + column).rows.at(0).mapping.overlap_experts;
  };
  EXPECT_TRUE(is_overlapped("DeepEP; EP A2A overlap"));
  EXPECT_TRUE(is_overlapped("overlap_moe_expert_parallel_comm"));
  EXPECT_TRUE(is_overlapped("DualPipe"));
  EXPECT_FALSE(is_overlapped("TP overlap"));
  EXPECT_FALSE(is_overlapped("no A2A overlap"));
  EXPECT_FALSE(is_overlapped("A2A overlap", "0")) << "a column goes before it";
}

TEST(StepRows, AGpuMayHaveOtherMemory) {
  const auto row = [](const std::string& others, const std::string& values) {
    return parse_few(",gpu" + others, ",h100" + values).rows.at(0).gpu_memory;
  };
  EXPECT_FALSE(row("", ""));
  EXPECT_FALSE(row(",caveat", ",H100 and 96 GB"));
  EXPECT_EQ(row(",caveat", ",eager; H100 96 GB HBM2e"), gibibytes(96));
  EXPECT_EQ(row(",caveat,gpu_memory_gib", ",H100 96 GB,94"), gibibytes(94));
}

TEST(StepRows, TellsWhatAProgramKeepsInMemory) {
  EXPECT_TRUE(parse_few(",optimizer_offload", ",1").rows.at(0).way.memory.optimizer_offload);
  EXPECT_FALSE(parse_few("", "").rows.at(0).way.memory.optimizer_offload);
}

TEST(StepRows, ReplicasFollowFromAllGpus) {
  EXPECT_EQ(
      parse_step_rows("layers,hidden,heads,sequence,vocabulary,tp,pp,gpus,mbs,gbs\n8,512,8,1024,1000,2,2,32,1,64\n",
                      "steps.csv", stacks())
          .rows.at(0)
          .mapping.data,
      8U);
}

StepRow row_of(const std::string& names, const std::string& row) {
  const StepRows table = parse_step_rows(names + "\n" + row + "\n", "steps.csv", stacks());
  return table.rows.empty() ? throw InputError(table.skipped.at(0).reason) : table.rows.front();
}

TEST(StepRows, ReadsColumnsAndWordsAsPeopleWriteThem) {
  const StepRow row = row_of(
      "GPU Type,TP,PP,Num GPUs,Micro Batch Size,Global Batch Size,Seq Len,Hidden Size,Num Layers,Attention Heads,"
      "KV Heads,Vocab Size,Precision,Activation checkpointing,Step time (ms),Notes",
      "NVIDIA H100 80GB HBM3,8,4,\"1,024\",1,\"2,048\",8K,8192,80,64,8,\"128,256\",BF16-mixed,Full,\"12,500\",-");
  EXPECT_EQ(row.gpu, "h100");
  EXPECT_EQ(row.mapping.data, 32U);
  EXPECT_EQ(row.mapping.global_batch, 2048U);
  EXPECT_EQ(row.mapping.recompute, Recompute::full);
  EXPECT_EQ(row.model.sequence, 8192U);
  EXPECT_EQ(row.model.key_value_heads, 8U);
  EXPECT_EQ(row.model.vocabulary, 128256U);
  EXPECT_EQ(row.way.precision, Precision::bf16);
  EXPECT_NEAR(*row.measured_s, 12.5, 1e-12);
}

TEST(StepRows, AHeadingMayHaveMoreWordsAndOtherSpellings) {
  const StepRow row = row_of(
      "Model,Model size,GPU count,Tensor parallel degree,pipeline_model_parallel_size,Micro-batch size (per GPU),"
      "Training global batch,Max seq. len,Model TFLOP/s/device,num_microbatches,Context size",
      "llama-7b,7B,64,4,2,1,128,1024,400,16,1024");
  EXPECT_EQ(row.model.name, "llama-7b");
  EXPECT_EQ(row.mapping.gpus(), 64U);
  EXPECT_EQ(row.mapping.tensor, 4U);
  EXPECT_EQ(row.mapping.pipeline, 2U);
  EXPECT_EQ(row.mapping.micro_batch, 1U) << "not their number";
  EXPECT_EQ(row.mapping.global_batch, 128U);
  EXPECT_EQ(row.mapping.context, 1U) << "that is tokens";
  EXPECT_EQ(row.model.sequence, 1024U);
  EXPECT_EQ(row.figure, Figure::tflops_per_gpu);
  EXPECT_NEAR(*row_of("model,gpus,mbs,gbs,Time per step (msec)", "llama-7b,64,1,128,2500").measured_s, 2.5, 1e-12);
  EXPECT_FALSE(row_of("model,gpus,mbs,gbs,it/s", "llama-7b,64,1,128,0.4").measured_s) << "not s/it";
}

TEST(StepRows, AModelMayBeSaidByItsName) {
  const StepRow row = row_of("model,gpus,tp,pp,mbs,gbs,seq_len,layers", "Llama-3.1 70B bf16,64,4,4,1,128,4096,-");
  EXPECT_EQ(row.model.layers, 80U);
  EXPECT_EQ(row.model.sequence, 4096U) << "what is told goes before the file";
  EXPECT_FALSE(row.model.tied_embeddings);
  EXPECT_EQ(row_of("model,gpus,mbs,gbs", "mixtral 8x22B,64,1,128").model.experts, 8U);
  EXPECT_TRUE(row_of("model,gpus,mbs,gbs,layers", "llama-3.2-1b,64,1,128,8").model.tied_embeddings)
      << "a shorter one is that model all the same";
  EXPECT_THROW(row_of("model,gpus,mbs,gbs", "mystery 70B,64,1,128"), InputError);
}

TEST(StepRows, WithoutColumnsForThemTensorAndPipelineAreNotDivided) {
  const StepRow row = row_of("model,gpus,mbs,gbs,sharding", "llama-7b,64,1,128,FSDP2");
  EXPECT_EQ(row.mapping.data, 64U);
  EXPECT_EQ(row.way.sharding, Sharding::full);
  EXPECT_EQ(row.taken_otherwise(), "");
  EXPECT_EQ(row_of("model,gpus,tp,pp,mbs,gbs", "llama-7b,64,-,-,1,128").taken_otherwise(),
            "tp not stated as 1; pp not stated as 1");
  EXPECT_EQ(row_of("model,gpus,tensor,mbs,gbs", "llama-7b,64,-,1,128").taken_otherwise(), "tp not stated as 1");
  EXPECT_THROW(row_of("model,dp,tp,pp,mbs,gbs", "llama-7b,64,-,-,1,128"), InputError) << "nobody knows";
  EXPECT_THROW(row_of("model,gpus,tp,pp,mbs,gbs", "llama-7b,64,0,-,1,128"), InputError);
}

TEST(StepRows, SecondsFollowFromOtherFigures) {
  const auto measured = [](const std::string& column, const std::string& value) {
    return *row_of("model,gpu,gpus,mbs,gbs,seq," + column, "llama-7b,h100,8,1,64,2048," + value).measured_s;
  };
  const double tokens = 64 * 2048;
  EXPECT_NEAR(measured("step_time", "2.5 s"), 2.5, 1e-12);
  EXPECT_NEAR(measured("step_time", "2500ms"), 2.5, 1e-12);
  EXPECT_NEAR(measured("Tokens/s/GPU", "\"10,000\""), tokens / 8 / 10000, 1e-9);
  EXPECT_NEAR(measured("tokens/sec", "80000"), tokens / 80000, 1e-9);
  EXPECT_NEAR(measured("samples/s", "32"), 2, 1e-12);
  const double flops = tokens / 8 * (6 * 6.607e9 + 12.0 * 32 * 2048 * 4096);  // embedding left out, logits counted
  EXPECT_NEAR(measured("TFLOP/s/GPU", "400"), flops / 400e12, 1e-3 * flops / 400e12);
  EXPECT_NEAR(measured("MFU (%)", "40.4"), flops / (0.404 * 989e12), 1e-3 * flops / 400e12);
  EXPECT_NEAR(measured("MFU", "40.4%"), measured("MFU", "0.404"), 1e-9);
  EXPECT_THROW(measured("MFU", "fast"), InputError);
}

TEST(StepRows, TheUnitInTheHeadingCounts) {
  const auto measured = [](const std::string& column, const std::string& value) {
    return *row_of("model,gpu,gpus,mbs,gbs,seq," + column, "llama-7b,h100,8,1,64,2048," + value).measured_s;
  };
  const double tokens = 64 * 2048;
  EXPECT_NEAR(measured("Step time (min)", "1.5"), 90, 1e-9);
  EXPECT_NEAR(measured("Step time (min)", "1.5 s"), 1.5, 1e-9) << "the field has its own";
  EXPECT_NEAR(measured("Iteration time [ms/iter]", "2500"), 2.5, 1e-9);
  EXPECT_NEAR(measured("Iteration time minutes", "2"), 120, 1e-9);
  EXPECT_NEAR(measured("Throughput (tokens/s)", "80000"), tokens / 80000, 1e-9);
  EXPECT_NEAR(measured("Throughput (k tokens/s)", "80"), tokens / 80000, 1e-9);
  EXPECT_NEAR(measured("Tokens/s/GPU (thousands)", "10"), tokens / 8 / 10000, 1e-9);
  EXPECT_NEAR(measured("samples/minute", "1920"), 2, 1e-9);
  EXPECT_NEAR(measured("PFLOP/s/GPU", "0.4"), measured("TFLOP/s/GPU", "400"), 1e-9);
  EXPECT_NEAR(measured("Step time (min),Step time (max),Step time (avg)", "2,4,3"), 3, 1e-9)
      << "the least, not minutes";
  EXPECT_NEAR(measured("Step time (min),Step time (mean)", "2,3"), 3, 1e-9);
  EXPECT_EQ(row_of("model,gpus,mbs,gbs,Seq length (K tokens)", "llama-7b,64,1,128,8").model.sequence, 8192U);
  EXPECT_EQ(row_of("model,gpus,mbs,gbs,Node NIC (Gbit/s)", "llama-7b,64,1,128,400").node_nic_bytes_per_s, 50e9);
  EXPECT_THROW(row_of("model,gpus,mbs,GBS (M tokens)", "llama-7b,64,1,4"), InputError);
  EXPECT_THROW(measured("Step time (tokens)", "1.5"), InputError);
}

TEST(Precision, IsReadAsPeopleWriteIt) {
  const std::pair<const char*, Precision> cases[] = {
      {"BF16", Precision::bf16},     {"bf16-mixed", Precision::bf16},
      {"bfloat16", Precision::bf16}, {"FP8 (CS)", Precision::fp8},
      {"FP8-DS", Precision::fp8},    {"FP8-MX", Precision::mxfp8},
      {"MXFP8", Precision::mxfp8},   {"NVFP4", Precision::nvfp4},
      {"fp16", Precision::fp16},     {"FP8 tensorwise", Precision::fp8_tensorwise},
      {"TF32", Precision::tf32}};
  for (const auto& [words, precision] : cases) {
    EXPECT_EQ(parse_precision(words), precision) << words;
  }
  EXPECT_THROW(parse_precision("int3"), InputError);
}

TEST(GpuMeant, IsTheFileThatPeopleMean) {
  const std::vector<std::string> names{"a100-40g", "a100-80g", "b200",     "gb200",
                                       "h100",     "mi300x",   "v100-16g", "v100-32g"};
  const std::pair<const char*, const char*> cases[] = {{"H100 SXM5 80GB", "h100"},
                                                       {"NVIDIA H100 80GB HBM3", "h100"},
                                                       {"GB200 NVL72", "gb200"},
                                                       {"DGX-GB200", "gb200"},
                                                       {"A100-SXM4-40GB", "a100-40g"},
                                                       {"NVIDIA A100-SXM4-80GB", "a100-80g"},
                                                       {"AMD Instinct MI300X OAM", "mi300x"},
                                                       {"a100", "a100-80g"},
                                                       {"V100-SXM2-16GB", "v100-16g"},
                                                       {"H100 PCIe", "H100 PCIe"},
                                                       {"a100-40g", "a100-40g"},
                                                       {"", ""}};
  for (const auto& [words, name] : cases) {
    EXPECT_EQ(gpu_meant(words, names), name) << words;
  }
}

TEST(StepRows, SkipsALineWithItsReason) {
  const struct {
    std::string columns;
    std::string row;
    std::string reason;
  } cases[] = {
      {"", ",1", "11 fields, expected 10"},
      {",recompute", ",some", "column 'recompute'"},
      {",sequence_parallel", ",2", "column 'sequence_parallel'"},
      {",measured_s", ",0", "column 'measured_s'"},
      {",gpus", ",65", "column 'gpus': 65, expected tp x cp x pp x dp = 64"},
      {",cp", ",0", "column 'cp'"},
      {",vp", ",1.5", "column 'vp': '1.5': expected a whole number"},
      {",precision", ",bf17", "bf16"},
      {",sharding", ",everything", "sharding"},
      {",cp,ep", ",1048576,1048576", "GPUs in all"},
      {",experts,top_k", ",4,8", "column 'top_k'"},
      {",feed_forward", ",18446744073709551615", "column 'feed_forward'"},
  };
  for (const auto& each : cases) {
    const StepRows table = parse_few(each.columns, each.row);
    EXPECT_TRUE(table.rows.empty()) << each.reason;
    ASSERT_EQ(table.skipped.size(), 1U) << each.reason;
    EXPECT_EQ(table.skipped[0].place, "steps.csv:2");
    EXPECT_NE(table.skipped[0].reason.find(each.reason), std::string::npos) << table.skipped[0].reason;
  }
  for (const char* lacking : {"96,wide,96,2048,51200,8,8,1,1,64", "96,12288,96,2048,51200,,8,1,1,64",
                              "0,12288,96,2048,51200,8,8,1,1,64", "96,12288,96,2048,51200,-8,8,1,1,64"}) {
    const StepRows table = parse_step_rows(few_columns + "\n" + lacking + "\n" + few + "\n", "steps.csv", stacks());
    EXPECT_EQ(table.rows.size(), 1U) << lacking;
    EXPECT_EQ(table.skipped.size(), 1U) << lacking;
  }
}

TEST(StepRows, AnUnknownColumnIsIgnoredAndNamed) {
  const StepRows table = parse_few(",colour", ",red");
  EXPECT_EQ(table.rows.size(), 1U);
  EXPECT_NE(table.ignored_columns.find("'colour'"), std::string::npos);
}

TEST(StepRows, ATableWithoutRowsIsRefusedWithTheFirstReason) {
  const auto message_of = [](const StepRows& table) {
    try {
      require_rows(!table.rows.empty(), table.skipped, table.ignored_columns, table.file);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(message_of(parse("")).find("steps.csv: no rows"), std::string::npos);
  const std::string reason = message_of(parse_few(",vp,gpuss", ",x,8"));
  EXPECT_NE(reason.find("steps.csv:2: column 'vp'"), std::string::npos) << reason;
  EXPECT_NE(reason.find("did you mean 'gpus'"), std::string::npos) << reason;
  EXPECT_EQ(message_of(parse_few("", "")), "");
}

}  // namespace
}  // namespace hockney::predict
