#include "predict/compute/layer_compute.hpp"

#include <gtest/gtest.h>

#include "predict/compute/constants.hpp"
#include "predict/compute/synthetic_gpu.hpp"
#include "workload/synthetic_transformer.hpp"

namespace hockney::predict {
namespace {

KernelClock clock_of(const Gpu& gpu, const StepConstants& constants) { return {gpu, constants, gpu.efficiency, 2}; }

Mapping on_eight() {
  Mapping mapping;
  mapping.tensor = 8;
  mapping.micro_batch = 1;
  mapping.global_batch = 1;
  return mapping;
}

LayerCompute layer(const Mapping& mapping) {
  const StepConstants constants;
  return layer_compute(clock_of(synthetic::round_gpu(), constants), workload::synthetic::gpt3(), mapping);
}

TEST(LayerCompute, IsNoFasterThanItsProductsAtTheEfficiency) {
  // 2 FLOP x 12 h^2 weights x 2048 tokens / 8 ranks, forward
  const double products = 2 * 12.0 * 12288 * 12288 * 2048 / 8 / (0.9 * 300e12);
  const LayerCompute time = layer(on_eight());
  EXPECT_GT(time.forward, products);
  EXPECT_LT(time.forward, 2 * products);
  EXPECT_GT(time.backward, 2 * products);
}

TEST(LayerCompute, FullRecomputeRepeatsTheForwardPassAndSelectiveTheAttentionCore) {
  Mapping mapping = on_eight();
  EXPECT_EQ(layer(mapping).recomputed, 0);
  mapping.recompute = Recompute::full;
  EXPECT_DOUBLE_EQ(layer(mapping).recomputed, layer(mapping).forward);
  mapping.recompute = Recompute::selective;
  EXPECT_DOUBLE_EQ(layer(mapping).recomputed, layer(mapping).attention_forward);
}

TEST(LayerCompute, RecomputationThatStopsEarlyLeavesOutTheLastProduct) {
  const StepConstants constants;
  const Gpu gpu = synthetic::round_gpu();
  const KernelClock clock = clock_of(gpu, constants);
  Mapping mapping = on_eight();
  mapping.recompute = Recompute::full;
  const auto recomputed = [&](bool stops_early) {
    return layer_compute(clock, clock, workload::synthetic::gpt3(), mapping, {.recompute_stops_early = stops_early})
        .recomputed;
  };
  EXPECT_DOUBLE_EQ(recomputed(false) - recomputed(true), clock.gemm({2048, 12288, 4 * 12288.0 / 8}));
}

TEST(LayerCompute, SequenceParallelismDividesWhatEveryRankDidAlone) {
  Mapping mapping = on_eight();
  const double alone = layer(mapping).forward;
  mapping.sequence_parallel = true;
  EXPECT_LT(layer(mapping).forward, alone);
}

TEST(LayerCompute, WeightsAreMadeNarrowOncePerStep) {
  const StepConstants constants;
  const Gpu gpu = synthetic::round_gpu();
  const KernelClock clock = clock_of(gpu, constants);
  const auto forward = [&](std::uint64_t batch) {
    Mapping mapping = on_eight();
    mapping.global_batch = batch;
    return layer_compute(clock, clock, workload::synthetic::gpt3(), mapping, {.precision = Precision::fp8}).forward;
  };
  const double weights = 12.0 * 12288 * 12288 / 8;
  EXPECT_NEAR(forward(1) - forward(2), clock.traffic(quantise_bytes(Precision::fp8) * weights) / 2, 1e-9);
}

TEST(LayerCompute, ProductsOfExpertsAreSlower) {
  const StepConstants constants;
  const Gpu gpu = synthetic::round_gpu();
  const KernelClock clock = clock_of(gpu, constants);
  Transformer model = workload::synthetic::gpt3();
  const auto forward = [&](double share) {
    return layer_compute(clock, clock, model, on_eight(), {.expert_share = share}).forward;
  };
  EXPECT_EQ(forward(0.5), forward(1)) << "there are none";
  model.experts = 8;
  EXPECT_GT(forward(0.5), 1.2 * forward(1));
}

TEST(OptimizerStep, IsSharedByTheReplicasOfWhatItUpdates) {
  const StepConstants constants;
  const Gpu gpu = synthetic::round_gpu();
  const KernelClock clock = clock_of(gpu, constants);
  Mapping mapping = on_eight();
  mapping.data = 16;
  mapping.expert = 4;
  const double whole = optimizer_step(clock, constants, mapping, 1e9, 0);
  EXPECT_DOUBLE_EQ(optimizer_step(clock, constants, mapping, 0, 1e9), whole);
  mapping.distributed_optimizer = true;
  const double dense = optimizer_step(clock, constants, mapping, 1e9, 0);
  EXPECT_NEAR(whole / dense, 16, 0.2);
  EXPECT_NEAR(optimizer_step(clock, constants, mapping, 0, 1e9) / dense, 4, 0.1) << "an expert has 4 replicas here";
}

}  // namespace
}  // namespace hockney::predict
