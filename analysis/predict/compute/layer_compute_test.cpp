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

TEST(LayerCompute, SequenceParallelismDividesWhatEveryRankDidAlone) {
  Mapping mapping = on_eight();
  const double alone = layer(mapping).forward;
  mapping.sequence_parallel = true;
  EXPECT_LT(layer(mapping).forward, alone);
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
