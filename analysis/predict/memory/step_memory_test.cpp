#include "predict/memory/step_memory.hpp"

#include <gtest/gtest.h>

#include "workload/synthetic_transformer.hpp"

namespace hockney::predict {
namespace {

constexpr double sbh = 2048.0 * 12288;  // of GPT-3, micro-batch 1

Transformer mt_nlg() {
  Transformer model = synthetic::gpt3();
  model.layers = 105;
  model.hidden = 20480;
  model.heads = 128;
  model.key_value_heads = 128;
  model.feed_forward = 4 * model.hidden;
  return model;
}

Mapping on_eight(Recompute recompute, bool sequence_parallel) {
  Mapping mapping;
  mapping.tensor = 8;
  mapping.recompute = recompute;
  mapping.sequence_parallel = sequence_parallel;
  return mapping;
}

// Of one more layer: what belongs to the ends drops out.
double activations_per_layer(Transformer model, const Mapping& mapping) {
  const double all = step_memory(model, mapping).activations;
  --model.layers;
  return all - step_memory(model, mapping).activations;
}

// 2205.05198 Table 2; 5 a s / h = 80 for GPT-3.
TEST(StepMemory, LayersKeepWhatTable2Says) {
  const Transformer model = synthetic::gpt3();
  const auto kept = [&](Recompute recompute, bool sequence_parallel) {
    return activations_per_layer(model, on_eight(recompute, sequence_parallel)) / sbh;
  };
  EXPECT_NEAR(kept(Recompute::none, false), 10 + 24.0 / 8 + 80.0 / 8, 1e-6);
  EXPECT_NEAR(kept(Recompute::none, true), (34.0 + 80) / 8, 1e-6);
  EXPECT_NEAR(kept(Recompute::selective, false), 10 + 24.0 / 8, 1e-6);
  EXPECT_NEAR(kept(Recompute::selective, true), 34.0 / 8, 1e-6);
  EXPECT_NEAR(kept(Recompute::full, false), 2, 1e-6);
}

TEST(StepMemory, LayersThatAreNotRecomputedKeepAll) {
  Mapping mapping = on_eight(Recompute::full, true);
  mapping.flash_attention = true;
  const auto kept = [&](std::uint64_t layers) {
    mapping.recompute_layers = layers;
    return step_memory(synthetic::gpt3(), mapping).activations;
  };
  EXPECT_NEAR(kept(95) - kept(96), sbh * (34 - 2) / 8, 1);
  EXPECT_EQ(kept(96), kept(0));
}

// 2205.05198 section 5: selective recomputation saves 70 % (GPT-3) and 65 % (MT-NLG) of the activations.
TEST(StepMemory, SelectiveRecomputeSavesThePublishedShare) {
  const auto saved = [](const Transformer& model) {
    return 1 - activations_per_layer(model, on_eight(Recompute::selective, true)) /
                   activations_per_layer(model, on_eight(Recompute::none, true));
  };
  EXPECT_NEAR(saved(synthetic::gpt3()), 0.70, 0.005);
  EXPECT_NEAR(saved(mt_nlg()), 0.65, 0.005);
}

TEST(StepMemory, FlashAttentionKeepsNoScores) {
  Mapping mapping = on_eight(Recompute::none, true);
  mapping.flash_attention = true;
  EXPECT_DOUBLE_EQ(activations_per_layer(synthetic::gpt3(), mapping),
                   activations_per_layer(synthetic::gpt3(), on_eight(Recompute::selective, true)));
}

TEST(StepMemory, APipelineHoldsItsStagesWorthOfMicroBatches) {
  Mapping mapping = on_eight(Recompute::none, true);
  mapping.flash_attention = true;
  mapping.pipeline = 8;
  mapping.global_batch = 64;
  const double in_full = step_memory(synthetic::gpt3(), mapping).activations;
  const double embedding = sbh * 8 / 8;
  EXPECT_NEAR(in_full - embedding, sbh * 34 / 8 * 96, 1) << "12 layers of 8 micro-batches";
  mapping.global_batch = 4;
  EXPECT_NEAR(step_memory(synthetic::gpt3(), mapping).activations, in_full / 2, 1) << "4 micro-batches never fill 8";
  mapping.global_batch = 64;
  mapping.virtual_stages = 3;
  EXPECT_NEAR((step_memory(synthetic::gpt3(), mapping).activations - embedding) / (in_full - embedding),
              1 + 7.0 / (8 * 3), 1e-9)
      << "section 4.2.3";
}

// Megatron-LM docs, dist_optimizer: 18 B per parameter with fp32 gradients, 6 + 12/d distributed; 20 and 4 + 16/d.
TEST(StepMemory, ParametersTakeWhatMegatronDocuments) {
  Mapping mapping = on_eight(Recompute::none, false);
  mapping.data = 4;
  mapping.global_batch = 4;
  const auto bytes = [&](std::uint64_t gradient_bytes, bool distributed) {
    mapping.gradient_bytes = gradient_bytes;
    mapping.distributed_optimizer = distributed;
    return step_memory(synthetic::gpt3(), mapping).state();
  };
  const double parameters = bytes(4, false) / 18;
  EXPECT_NEAR(parameters / (174.6e9 / 8), 1, 0.01);
  EXPECT_NEAR(bytes(4, true) / parameters, 6 + 12.0 / 4, 1e-9);
  EXPECT_NEAR(bytes(2, false) / parameters, 20, 1e-9);
  EXPECT_NEAR(bytes(2, true) / parameters, 4 + 16.0 / 4, 1e-9);
}

// arXiv 1910.02054 section 5: each stage divides one more of the three.
TEST(StepMemory, ShardingDividesTheStateOverReplicas) {
  Mapping mapping = on_eight(Recompute::none, true);
  mapping.data = 16;
  mapping.global_batch = 16;
  const auto memory = [&](Sharding sharding) {
    return step_memory(synthetic::gpt3(), mapping, {.sharding = sharding});
  };
  const StepMemory whole = memory(Sharding::none);
  const StepMemory zero1 = memory(Sharding::optimizer);
  const StepMemory zero2 = memory(Sharding::gradients);
  const StepMemory zero3 = memory(Sharding::full);
  EXPECT_NEAR(zero1.optimizer, whole.optimizer / 16, 1);
  EXPECT_EQ(zero1.gradients, whole.gradients);
  EXPECT_NEAR(zero2.gradients, whole.gradients / 16, whole.gradients / 60) << "and one of 96 layers in full, twice";
  EXPECT_EQ(zero2.weights, whole.weights);
  EXPECT_NEAR(zero3.weights / whole.weights, 2.0 / 96, 0.001) << "two layers are gathered";
  EXPECT_EQ(zero3.activations, whole.activations);
  const StepMemory hybrid = step_memory(synthetic::gpt3(), mapping, {.sharding = Sharding::full, .sharing_gpus = 4});
  EXPECT_NEAR(hybrid.optimizer, whole.optimizer / 4, 1) << "four copies, each over four of the sixteen";
}

TEST(StepMemory, StagesKeepWholeWeightsUntilTheLastMicroBatch) {
  Mapping mapping = on_eight(Recompute::none, true);
  mapping.pipeline = 2;
  mapping.data = 16;
  mapping.global_batch = 16;
  const auto memory = [&](Sharding sharding) {
    return step_memory(synthetic::gpt3(), mapping, {.sharding = sharding});
  };
  const double whole = memory(Sharding::none).weights;
  for (const Sharding sharding : {Sharding::gradients, Sharding::full, Sharding::hybrid}) {
    EXPECT_EQ(memory(sharding).weights, whole) << static_cast<int>(sharding);
  }
  EXPECT_EQ(memory(Sharding::full).optimizer, memory(Sharding::gradients).optimizer);
  mapping.pipeline = 1;
  EXPECT_LT(memory(Sharding::hybrid).weights, whole);
}

// Weights of experts have fewer replicas to divide their state over.
TEST(StepMemory, ExpertsAreDividedOverTheirOwnReplicas) {
  Transformer model = synthetic::gpt3();
  model.experts = 8;
  Mapping mapping = on_eight(Recompute::none, true);
  mapping.data = 16;
  mapping.global_batch = 16;
  mapping.distributed_optimizer = true;
  const double alone = step_memory(model, mapping).optimizer;
  mapping.expert = 8;
  const StepMemory shared = step_memory(model, mapping);
  EXPECT_NEAR(shared.optimizer, alone, 1) << "all replicas together hold it once, whoever holds which part";
  EXPECT_LT(shared.weights, step_memory(synthetic::gpt3(), mapping).weights * 1.1) << "one expert per GPU";
}

TEST(StepMemory, TheLastStageIsTheFullestWhereLogitsAreMany) {
  Transformer model = synthetic::gpt3();
  Mapping mapping = on_eight(Recompute::full, true);
  mapping.pipeline = 8;
  mapping.global_batch = 64;
  EXPECT_EQ(step_memory(model, mapping).logits, 0);
  model.vocabulary = 4'000'000;
  const StepMemory memory = step_memory(model, mapping);
  EXPECT_NEAR(memory.logits, 12 * 2048 * 4e6 / 8, 1);
  EXPECT_NEAR(step_memory(model, mapping, {.whole_logits = true}).logits, (16 + 10) * 2048 * 4e6, 1);
}

TEST(StepMemory, KernelsThatAreNotFusedKeepMore) {
  const Mapping mapping = on_eight(Recompute::none, false);
  const auto kept = [&](const MemoryProgram& program) {
    return step_memory(synthetic::gpt3(), mapping, program).activations / (sbh * 96) -
           step_memory(synthetic::gpt3(), mapping).activations / (sbh * 96);
  };
  EXPECT_NEAR(kept({.fused_norm = false}), 2 * 6, 1e-6);
  EXPECT_NEAR(kept({.fused_rotary = false}), 2 * 4 / 8.0, 1e-6);
  EXPECT_NEAR(kept({.packed_attention = true}), 3 * 2 / 8.0, 1e-6);
  EXPECT_NEAR(kept({.fused_softmax = false}), 2 * 96.0 * 2048 / 12288 / 8, 1e-6);
}

// 1910.02054 section 5: 16 bytes per weight, however wide the gradients that are reduced.
TEST(StepMemory, FullShardingTakesSixteenBytesPerWeight) {
  Mapping mapping;
  mapping.data = 8;
  mapping.global_batch = 8;
  for (const std::uint64_t gradient_bytes : {2U, 4U}) {
    mapping.gradient_bytes = gradient_bytes;
    Transformer model = synthetic::gpt3();
    const double all = step_memory(model, mapping, {.sharding = Sharding::full}).state();
    model.layers *= 2;
    const double more = step_memory(model, mapping, {.sharding = Sharding::full}).state() - all;
    EXPECT_NEAR(more / (96.0 * static_cast<double>(model.parameters_per_layer()) / 8), 16, 1e-9);
  }
}

// PyTorch's per-operation recomputation: of LLaMA-3 8B, inputs, attention's output and half of the products' outputs.
TEST(StepMemory, SelectiveProductsKeepTheRestOfTheProducts) {
  Transformer model = synthetic::gpt3();
  model.gated_feed_forward = true;
  model.key_value_heads = model.heads / 4;
  Mapping mapping;
  mapping.flash_attention = true;
  mapping.recompute = Recompute::selective;
  const auto kept = [&](double share) {
    const MemoryProgram program{.selective_products = share};
    const double all = step_memory(model, mapping, program).activations;
    Transformer fewer = model;
    --fewer.layers;
    return (all - step_memory(fewer, mapping, program).activations) / sbh;
  };
  const double products = 2 * (1 + 2.0 / 4 + 1 + 2 * 4 + 1);
  EXPECT_NEAR(kept(0.5), 2 + 2 + products / 2, 1e-6);
  EXPECT_NEAR(kept(1), 4, 1e-6);
  EXPECT_NEAR(kept(0), 8 + 4 + 4.0 / 4 + 6 * 4, 1e-6) << "flash attention's scores alone are done again";
}

TEST(StepMemory, AFusedLossKeepsLogitsAndTheirGradient) {
  const Mapping mapping = on_eight(Recompute::none, true);
  EXPECT_NEAR(step_memory(synthetic::gpt3(), mapping, {.fused_loss = true}).logits, 4.0 * 2048 * 51200 / 8, 1);
}

TEST(StepMemory, WhatTheHostKeepsIsNotOnTheGpu) {
  const Mapping mapping = on_eight(Recompute::none, true);
  const StepMemory usual = step_memory(synthetic::gpt3(), mapping);
  EXPECT_EQ(step_memory(synthetic::gpt3(), mapping, {.optimizer_offload = true}).optimizer, 0);
  const StepMemory offloaded = step_memory(synthetic::gpt3(), mapping, {.activation_offload = true});
  EXPECT_LT(offloaded.activations, usual.activations / 40) << "two of 96 layers are on their way";
  EXPECT_EQ(offloaded.optimizer, usual.optimizer);
}

// The first stages of a model with few dense layers hold less than those of experts alone.
TEST(StepMemory, TheFullestStageMayBeTheFirstWithoutDenseLayers) {
  Transformer model = synthetic::gpt3();
  model.layers = 8;
  model.experts = 64;
  model.dense_layers = 2;
  Mapping mapping = on_eight(Recompute::full, true);
  mapping.pipeline = 4;
  mapping.global_batch = 8;
  const double experts = 2 * static_cast<double>(model.expert_parameters_per_layer()) / 8;
  EXPECT_GT(step_memory(model, mapping).weights, 2 * experts);
}

// Published width of a token's key and value cache is not what training keeps: 2405.04434 section 2.1 without
// recomputation holds queries, keys, values and outputs of all heads, and the latent vectors.
TEST(StepMemory, LatentAttentionKeepsItsVectors) {
  Transformer model = synthetic::gpt3();
  Mapping mapping;
  mapping.flash_attention = true;
  const double usual = activations_per_layer(model, mapping);
  model.query_rank = 1536;
  model.key_value_rank = 512;
  model.rotary_width = 64;
  model.head_width = 192;
  model.value_width = 128;
  const double widths = 96.0 * (192 + 192 + 128 + 128) - 4 * 12288.0;
  EXPECT_NEAR(activations_per_layer(model, mapping) - usual, 2048 * (2 * widths + 4 * (1536 + 512 + 64)), 1);
}

TEST(MemoryVerdict, HoldsForGpusOfAllSizes) {
  StepMemory memory;
  for (const double gib : {16.0, 40.0, 80.0, 94.0, 141.0, 180.0, 192.0, 288.0}) {
    const Bytes capacity{static_cast<std::uint64_t>(gib * 0x1p30)};
    memory.weights = 0.9 * gib * 0x1p30;
    EXPECT_EQ(verdict(memory, capacity).fit, Fit::fits) << gib;
    memory.weights = 0.97 * gib * 0x1p30;
    EXPECT_EQ(verdict(memory, capacity).fit, Fit::tight) << gib;
    memory.weights = gib * 0x1p30;
    EXPECT_EQ(verdict(memory, capacity).fit, Fit::does_not_fit) << gib;
  }
}

TEST(MemoryVerdict, APlannerTakesAStepWithLittleRoomToBeSlower) {
  EXPECT_EQ(ranked_s(2, {Fit::fits, 79, 100}, 0.1), 2);
  EXPECT_DOUBLE_EQ(ranked_s(2, {Fit::fits, 81, 100}, 0.1), 2.2);
  EXPECT_DOUBLE_EQ(ranked_s(2, {Fit::does_not_fit, 101, 100}, 0.1), 2.2);
}

TEST(MemoryVerdict, TellsFromTheMargin) {
  StepMemory memory;
  const auto fit = [&](double needed) {
    memory.weights = needed;
    return verdict(memory, Bytes{100'000'000'000}).fit;
  };
  EXPECT_EQ(fit(90e9), Fit::fits);
  EXPECT_EQ(fit(96e9), Fit::tight);
  EXPECT_EQ(fit(99.5e9), Fit::does_not_fit) << "1 % belongs to the driver";
  EXPECT_NEAR(verdict(memory, Bytes{100'000'000'000}).margin(), -0.5e9, 1);
}

}  // namespace
}  // namespace hockney::predict
