#include "predict/step/run_way.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "predict/step/small_step.hpp"

namespace hockney::predict {
namespace {

TEST(RunWay, ShardingIsReadByTheWordsOfTables) {
  EXPECT_EQ(parse_sharding("fsdp"), Sharding::full);
  EXPECT_EQ(parse_sharding("fsdp SHARD_GRAD_OP"), Sharding::gradients);
  EXPECT_EQ(parse_sharding("zero-1"), Sharding::optimizer);
  EXPECT_EQ(parse_sharding("DeepSpeed ZeRO-3"), Sharding::full);
  EXPECT_EQ(parse_sharding("FSDP2, HYBRID_SHARD"), Sharding::hybrid);
  EXPECT_EQ(parse_sharding("fsdp NO_SHARD"), Sharding::none);
  EXPECT_EQ(parse_sharding("distributed_optimizer"), Sharding::optimizer);
  EXPECT_THROW(parse_sharding("zero-4"), InputError);
}

TEST(Stacks, AreAsEfficientAsAPublishedRowCalibratedThem) {
  Gpu gpu;
  gpu.name = "some";
  gpu.efficiency = 0.9;
  const Stack stack{.name = "any",
                    .source = "made up",
                    .marks = {},
                    .calibrated = {{"some", Precision::bf16, 0.7, "a row"}, {"some", Precision::fp8, 0.6, "another"}}};
  EXPECT_DOUBLE_EQ(stack.efficiency_on(gpu, Precision::bf16)->efficiency, 0.7);
  EXPECT_DOUBLE_EQ(stack.efficiency_on(gpu, Precision::fp8)->efficiency, 0.6);
  EXPECT_DOUBLE_EQ(stack.efficiency_on(gpu, Precision::mxfp8)->efficiency, 0.6) << "as many bits";
  gpu.name = "other";
  EXPECT_DOUBLE_EQ(stack.efficiency_on(gpu, Precision::bf16)->efficiency, 0.7) << "as elsewhere at this precision";
  EXPECT_FALSE(Stack{}.efficiency_on(gpu, Precision::bf16));
}

TEST(Stacks, AreAsEfficientAsOnAGpuThatIsAlikeBeforeOthers) {
  Gpu gpu;
  gpu.name = "new";
  gpu.calibrated_as = {"alike"};
  const Stack stack{.name = "any",
                    .source = "made up",
                    .marks = {},
                    .calibrated = {{"far", Precision::fp8, 0.4, "a row", "any"},
                                   {"alike", Precision::bf16, 0.7, "another", "any"},
                                   {"alike", Precision::bf16, 0.5, "a third", "of another stack"}}};
  EXPECT_DOUBLE_EQ(stack.efficiency_on(gpu, Precision::bf16)->efficiency, 0.7);
  EXPECT_DOUBLE_EQ(stack.efficiency_on(gpu, Precision::fp8)->efficiency, 0.7 * narrow_efficiency);
  const auto says_narrow = [&](Precision precision) {
    return stack.efficiency_on(gpu, precision)->origin.find("narrow_efficiency") != std::string::npos;
  };
  EXPECT_TRUE(says_narrow(Precision::fp8));
  EXPECT_FALSE(says_narrow(Precision::bf16));
  gpu.name = "far";
  gpu.calibrated_as.clear();
  EXPECT_DOUBLE_EQ(stack.efficiency_on(gpu, Precision::bf16)->efficiency, 0.4 / narrow_efficiency);
}

TEST(Stacks, AnUnknownNameIsRefusedWithAllThatAreKnown) {
  const std::vector<Stack> stacks{{.name = "first", .source = "made up", .marks = {}},
                                  {.name = "second", .source = "made up", .marks = {"gpu: x"}}};
  EXPECT_EQ(&find_stack(stacks, "second"), &stacks[1]);
  EXPECT_EQ(usual_stack(stacks, "", "x1"), &stacks[1]);
  EXPECT_EQ(usual_stack(stacks, "", "y1"), nullptr);
  try {
    find_stack(stacks, "secnd");
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("one of: first, second"), std::string::npos) << error.what();
  }
}

TEST(StackRun, StandsOnItsOwnRowItsProgramsOrAnothers) {
  Gpu here;
  here.name = "here";
  here.calibrated_on = "a row";
  Gpu there;
  there.name = "there";
  there.calibrated_on = "not calibrated: assumed";
  Stack stack{.name = "any", .source = "made up", .marks = {}};
  const auto footing = [&](const Gpu& gpu) { return StackRun::by(&stack).footing_on(gpu); };
  EXPECT_EQ(footing(here), Footing::other);
  EXPECT_EQ(StackRun{}.footing_on(here), Footing::other) << "its GPU's row is another program's";
  stack.calibrated = {{"here", Precision::bf16, 0.7, "a row", "any"}};
  EXPECT_EQ(footing(here), Footing::own);
  EXPECT_EQ(footing(there), Footing::program);
  stack.calibrated.front().stack = "another";
  EXPECT_EQ(footing(here), Footing::program);
  stack.stands_in = true;
  EXPECT_EQ(footing(here), Footing::other);
  stack.stands_in = false;
  stack.tuned_on = "here";
  EXPECT_EQ(footing(here), Footing::tuned);
  there.calibrated_on = "another program's row";
  EXPECT_EQ(footing(there), Footing::program) << "nothing was tuned there, though its file is calibrated";
}

TEST(Stacks, WhereNothingIsCalibratedTheirMeanIsGeometric) {
  const Stack stack{
      .name = "any",
      .source = "made up",
      .marks = {},
      .calibrated = {{"some", Precision::bf16, 0.4, "a row"}, {"other", Precision::bf16, 0.9, "another"}}};
  Gpu gpu;
  gpu.name = "new";
  EXPECT_NEAR(stack.efficiency_on(gpu, Precision::bf16)->efficiency, 0.6, 1e-12);
}

TEST(StackRun, WhatIsSaidOfPrecisionIsInItsMapping) {
  StackRun run;
  Mapping mapping = run.usual_mapping();
  run.compute_in(Precision::fp8, mapping);
  EXPECT_EQ(run.way.precision, Precision::fp8);
  EXPECT_EQ(mapping.bytes_per_element, 2U);
  run.compute_in(Precision::tf32, mapping);
  EXPECT_EQ(mapping.bytes_per_element, 4U);
}

TEST(StackRun, WhatIsSaidOfShardingIsInItsMapping) {
  const Stack stack{.name = "any", .source = "made up", .marks = {}, .flash_attention = true, .gradient_bytes = 4};
  StackRun run = StackRun::by(&stack);
  Mapping mapping = run.usual_mapping();
  EXPECT_TRUE(mapping.flash_attention);
  EXPECT_EQ(mapping.gradient_bytes, 4U);
  EXPECT_EQ(StackRun{}.usual_mapping().gradient_bytes, 2U) << "the Megatron-LM of the published tables";
  run.shard("fsdp", mapping);
  EXPECT_EQ(run.way.sharding, Sharding::full);
  EXPECT_TRUE(mapping.distributed_optimizer);
}

/// A folder of stack files for one test.
class StackFolder {
 public:
  StackFolder() { std::filesystem::create_directory(path_); }
  ~StackFolder() { std::filesystem::remove_all(path_); }
  StackFolder(const StackFolder&) = delete;
  StackFolder& operator=(const StackFolder&) = delete;

  void add(const std::string& name, const std::string& rest) const {
    std::ofstream(path_ / (name + ".toml")) << "name = \"" << name << "\"\nsource = \"made up\"\nmarks = []\n" << rest;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_ = std::filesystem::path(testing::TempDir()) / "hockney_stacks";
};

std::string calibrated(const std::string& gpu, const std::string& precision, double efficiency) {
  return fmt::format("[[calibrated]]\ngpu = \"{}\"\nprecision = \"{}\"\nefficiency = {}\non = \"a row\"\n", gpu,
                     precision, efficiency);
}

TEST(Stacks, TakeOverWhatTheyAreNotCalibratedToThemselves) {
  const StackFolder folder;
  folder.add("first", calibrated("x", "bf16", 0.5));
  folder.add("second", "calibrated_as = [\"first\", \"third\"]\n" + calibrated("y", "bf16", 0.6));
  folder.add("third", calibrated("x", "bf16", 0.7) + calibrated("x", "fp8", 0.8));
  const std::vector<Stack> stacks = read_stacks(folder.path());
  const auto of = [&](std::size_t stack, const std::string& name, Precision precision) {
    Gpu gpu;
    gpu.name = name;
    gpu.efficiency = 0.9;
    return stacks.at(stack).efficiency_on(gpu, precision)->efficiency;
  };
  EXPECT_DOUBLE_EQ(of(1, "x", Precision::bf16), std::sqrt(0.5 * 0.7)) << "both run alike";
  EXPECT_DOUBLE_EQ(of(1, "x", Precision::fp8), 0.8);
  EXPECT_DOUBLE_EQ(of(1, "y", Precision::bf16), 0.6);
  EXPECT_DOUBLE_EQ(of(0, "x", Precision::fp8), 0.5 * narrow_efficiency) << "it takes over nothing";
  folder.add("fourth", "calibrated_as = \"fith\"\n");
  EXPECT_THROW(read_stacks(folder.path()), InputError);
}

TEST(RunWay, TheLongestMarkTellsTheStack) {
  Stack any;
  any.marks = {"program"};
  Stack special;
  special.marks = {"program 2"};
  const std::vector<Stack> stacks{any, special};
  EXPECT_EQ(stack_of(stacks, "a program 2 run"), &stacks[1]);
  EXPECT_EQ(stack_of(stacks, "a program run"), &stacks[0]);
  EXPECT_EQ(stack_of(stacks, "another"), nullptr);
}

TEST(RunWay, EveryPartOfAMarkMustBeThere) {
  Stack any;
  any.marks = {"program"};
  Stack eager;
  eager.marks = {"program; eager"};
  const std::vector<Stack> stacks{any, eager};
  EXPECT_EQ(stack_of(stacks, "program@1; eager, one node"), &stacks[1]);
  EXPECT_EQ(stack_of(stacks, "program@1; compiled"), &stacks[0]);
  EXPECT_EQ(stack_of(stacks, "another; eager"), nullptr);
}

TEST(RunWay, ShippedStacksAreRead) {
  const std::vector<Stack> stacks = read_stacks(shipped_folder() / "stacks");
  const auto stack = [&](std::string_view source) { return stack_of(stacks, source); };
  ASSERT_NE(stack("MLPerf Training v3.1"), nullptr);
  EXPECT_TRUE(stack("MLPerf Training v3.1")->way.overlap_forward);
  EXPECT_EQ(stack("dgxc-benchmarking")->way.sharding, Sharding::optimizer) << "whether or not a row says so";
  EXPECT_FALSE(stack("pytorch/torchtitan@1; async TP")->overlap_tensor);
  EXPECT_TRUE(stack("pytorch/torchtitan@1; async TP")->way.overlap_forward);
  EXPECT_EQ(stack("sharding: ; gpu: mi300x")->name, "usual-amd");
  EXPECT_EQ(stack("sharding: ; gpu: a100-80g"), nullptr);
  EXPECT_EQ(stack("attention: fused; gpu: a100-80g")->name, "usual-ampere");
  for (const Stack& each : stacks) {
    const auto is_it = [&](const Stack& other) { return other.name == each.variant_of; };
    EXPECT_TRUE(each.variant_of.empty() || std::any_of(stacks.begin(), stacks.end(), is_it)) << each.name;
  }
}

StepTime step_of(const RunWay& way, const Mapping& mapping) {
  synthetic::SmallStep small;
  return StepModel(small.step.gpu(), small.constants, 0.9, way).predict(small.model, mapping, small.network);
}

double seconds(const RunWay& way, std::uint64_t data, std::uint64_t tensor = 1) {
  Mapping mapping;
  mapping.data = data;
  mapping.tensor = tensor;
  mapping.global_batch = 64;
  return step_of(way, mapping).total_s;
}

TEST(RunWay, NarrowOperandsAreFasterButNotTwice) {
  EXPECT_LT(seconds({.precision = Precision::fp8}, 1), seconds({}, 1));
  EXPECT_GT(seconds({.precision = Precision::fp8}, 1), seconds({}, 1) / 2);
  EXPECT_THROW(seconds({.precision = Precision::nvfp4}, 1), InputError) << "this GPU has no such units";
}

TEST(RunWay, FewerKernelsAndOverlapTakeLessTime) {
  EXPECT_LT(seconds({.fused_layers = true}, 1), seconds({}, 1));
  EXPECT_GT(seconds({.unfused_norms = true}, 1), seconds({}, 1));
  EXPECT_LT(seconds({.cuda_graphs = true}, 1), seconds({}, 1));
  EXPECT_LT(seconds({.overlap_forward = true}, 1, 8), seconds({}, 1, 8));
}

TEST(RunWay, EveryRunOfThePipelineHasABubble) {
  Mapping mapping;
  mapping.pipeline = 2;
  mapping.global_batch = 16;
  const auto in_runs = [&](std::uint64_t runs) { return step_of({.pipeline_runs = runs}, mapping); };
  const StepTime once = in_runs(1);
  EXPECT_NEAR(in_runs(4).bubble_s(), 4 * once.bubble_s(), 1e-12);
  EXPECT_NEAR(in_runs(4).total_s, once.total_s + 3 * once.bubble_s(), 1e-12);
  EXPECT_EQ(in_runs(64).total_s, in_runs(16).total_s) << "a micro-batch is the least";
  mapping.pipeline = 1;
  EXPECT_EQ(in_runs(4).total_s, in_runs(1).total_s);
}

TEST(RunWay, LogitsThatAreGatheredTakeEveryTensorRankTheWholeLoss) {
  EXPECT_EQ(seconds({.memory = {.whole_logits = true}}, 8, 1), seconds({}, 8, 1)) << "one rank has all of them";
  const double more = seconds({.memory = {.whole_logits = true}}, 1, 8) - seconds({}, 1, 8);
  const double logits = 64.0 * 512 * 4096;
  const double loss_s = StepConstants{}.cross_entropy_bytes * logits * 7 / 8 / (2e12 * StepConstants{}.memory_share);
  const double gather_s = 64 * 10e-6 + 2 * logits / 200e9;
  EXPECT_NEAR(more, loss_s + gather_s, 0.02 * more);
}

TEST(RunWay, AttentionWrittenForAmpereReachesWhatItsInstructionsReach) {
  Gpu newer = synthetic::round_gpu();
  newer.mma_sync_share = 0.5;
  const auto attention = [&](const Gpu& gpu, const RunWay& way) {
    synthetic::SmallStep small;
    Mapping mapping;
    mapping.flash_attention = true;
    return StepModel(gpu, small.constants, 0.9, way).predict(small.model, mapping, small.network).total_s;
  };
  EXPECT_EQ(attention(newer, {}), attention(synthetic::round_gpu(), {}));
  EXPECT_DOUBLE_EQ(attention(newer, {.mma_sync_attention = true}),
                   attention(synthetic::round_gpu(), {.attention_share = StepConstants{}.flash_share / 2}));
}

TEST(RunWay, ShardedParametersAreGatheredForEveryPass) {
  const double whole = seconds({.sharding = Sharding::full}, 8);
  EXPECT_GT(whole, seconds({.sharding = Sharding::gradients}, 8));
  EXPECT_EQ(seconds({.sharding = Sharding::full}, 1), seconds({}, 1)) << "one rank shares with nobody";
}

/// Of nodes with slow NICs.
StepTime between_nodes(const RunWay& way, std::uint64_t experts, const Mapping& mapping) {
  synthetic::SmallStep small;
  small.model.experts = experts;
  StepNetwork slow(small.cost, small.constants, {NicRate{2e9, Seconds{5e-6}}, {}, false, {}});
  return StepModel(small.step.gpu(), small.constants, 0.9, way).predict(small.model, mapping, slow);
}

TEST(RunWay, ParametersOfStagesAreGatheredOncePerStep) {
  Mapping mapping;
  mapping.pipeline = 2;
  mapping.data = 8;
  const auto data_s = [&](std::uint64_t batch) {
    mapping.global_batch = batch;
    return step_of({.sharding = Sharding::full}, mapping).exposed(Cause::data);
  };
  EXPECT_GT(data_s(8), 0);
  EXPECT_DOUBLE_EQ(data_s(64), data_s(8));
  mapping.pipeline = 1;
  EXPECT_GT(data_s(64), data_s(8));
}

TEST(RunWay, ParametersOfExpertsAndOthersAreGatheredBesideOneForwardPass) {
  Mapping mapping;
  mapping.data = 16;
  mapping.expert = 2;
  mapping.global_batch = 16;
  mapping.distributed_optimizer = true;
  const StepTime time = between_nodes({.overlap_parameters = true}, 32, mapping);
  EXPECT_GT(time.hidden(Cause::data), 0);
  EXPECT_LT(time.hidden(Cause::data), time.compute_s / 2) << "a third of the computation is forward";
}

TEST(RunWay, HybridShardingGathersWithinANode) {
  const auto data_s = [](Sharding sharding, std::uint64_t data) {
    Mapping mapping;
    mapping.data = data;
    mapping.global_batch = data;
    return between_nodes({.sharding = sharding}, 0, mapping).exposed(Cause::data);
  };
  EXPECT_EQ(data_s(Sharding::hybrid, 8), data_s(Sharding::full, 8));
  EXPECT_LT(data_s(Sharding::hybrid, 32), data_s(Sharding::full, 32));
  EXPECT_GT(data_s(Sharding::hybrid, 32), data_s(Sharding::hybrid, 8)) << "nodes sum their gradients";
}

StepTime of_experts(const RunWay& way, std::uint64_t expert, std::uint64_t data) {
  synthetic::SmallStep small;
  small.model.experts = 32;
  small.model.experts_per_token = 4;
  Mapping mapping;
  mapping.data = data;
  mapping.expert = expert;
  mapping.global_batch = 64;
  return StepModel(small.step.gpu(), small.constants, 0.9, way).predict(small.model, mapping, small.network);
}

TEST(RunWay, TheGpuWaitsForAHostThatStartsExpertsSlowly) {
  const double alone = of_experts({}, 8, 8).total_s;
  EXPECT_EQ(of_experts({.expert_host_s = 1e-9}, 8, 8).total_s, alone) << "it is ahead";
  const double host_s = 0.1;
  const double passes = 8 * 64 / 8;  // layers, micro-batches
  EXPECT_NEAR(of_experts({.expert_host_s = host_s}, 8, 8).total_s, passes * host_s, 0.1 * passes * host_s);
}

TEST(RunWay, ATokenIsSentOnceToWhereItsExpertsAre) {
  // Of 8 GPUs with 4 experts each, those with one of a token's 4: 8 (1 - 28/32 27/31 26/30 25/29) = 3.45
  const double once = of_experts({.tokens_once = true}, 8, 8).exposed(Cause::expert);
  const double each = of_experts({}, 8, 8).exposed(Cause::expert);
  EXPECT_LT(once, each);
  EXPECT_GT(once, 3.45 / 4 * each) << "latency is not less";
  EXPECT_LT(
      of_experts({.tokens_once = true}, 16, 16).exposed(Cause::expert) / of_experts({}, 16, 16).exposed(Cause::expert),
      once / each)
      << "two nodes get fewer copies than eight GPUs";
}

TEST(RunWay, ExpertsAreGatheredAmongTheirOwnReplicas) {
  const RunWay full{.sharding = Sharding::full};
  EXPECT_LT(of_experts(full, 8, 8).exposed(Cause::data), of_experts(full, 1, 8).exposed(Cause::data))
      << "a rank of 8 has an eighth of the experts, and nobody else has it";
}

}  // namespace
}  // namespace hockney::predict
