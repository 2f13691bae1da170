#include <filesystem>
#include <gtest/gtest.h>
#include <set>

#include "base/error.hpp"
#include "plan/plan.hpp"

namespace hockney::inline plan {
namespace {

const std::filesystem::path models = std::filesystem::path(__FILE__).parent_path() / "../../data/models";

Plan plan_of(const std::string& sections) { return parse_plan("name = 'p'\n" + sections, "p.toml", models); }

std::string refusal(const std::string& sections) {
  try {
    plan_of(sections);
  } catch (const InputError& error) {
    return error.what();
  }
  return "not refused";
}

World two_ranks() {
  World world;
  world.ranks = world.ranks_per_node = 2;
  return world;
}

const std::string step = "[[step_replay]]\nmodel = 'gpt3-175b'\n";

TEST(StepSection, CrossesMappingsOfAReducedModel) {
  const Plan plan = plan_of(step + "layers = 4\nhidden = 128\nheads = 4\nsequence = 32\nvocabulary = 256\n" +
                            "tp = [1, 2]\npp = 2\nmicro_batches = [2, 8]\ncompute = ['0s', '5us']\n");
  ASSERT_EQ(plan.steps.size(), 1U);
  const StepSection& section = plan.steps.front();
  ASSERT_EQ(section.steps.size(), 4U);
  EXPECT_EQ(section.micro_batches, (std::vector<std::uint32_t>{2, 8}));
  const Step& last = section.steps.back();
  EXPECT_EQ(last.model.name, "gpt3-175b");
  EXPECT_EQ(last.model.layers, 4U);
  EXPECT_EQ(last.model.key_value_heads, 4U) << "as many as heads, as in the whole model";
  EXPECT_EQ(last.model.feed_forward, 512U) << "four times hidden, as in the whole model";
  EXPECT_EQ(last.mapping.tensor, 2U);
  EXPECT_EQ(last.mapping.pipeline, 2U);
  EXPECT_EQ(last.mapping.data, 1U);
  EXPECT_DOUBLE_EQ(last.compute_s, 5e-6);
  EXPECT_EQ(last.mapping.gradient_bytes, 4U);
}

TEST(StepSection, IsLaidOutOnTheRanksItTakes) {
  const Plan plan = plan_of(step + "layers = 4\nhidden = 128\nheads = 4\nsequence = 32\nvocabulary = 256\n" +
                            "tp = [1, 2]\npp = 2\nmicro_batches = 8\n");
  const Plan::Layout layout = plan.lay_out(two_ranks());
  ASSERT_EQ(layout.cases.size(), 1U);
  const Case& point = layout.cases.front();
  EXPECT_EQ(point.operation, Operation::step_replay);
  EXPECT_EQ(point.payload, Bytes{32 * 128 * 4});
  EXPECT_EQ(point.group, (Group{.ranks = 2, .ranks_per_node = 2}));
  EXPECT_EQ(point.operations_per_sample, 1U);
  EXPECT_EQ(point.micro_batches(), 8U);
  EXPECT_EQ(point.step().mapping.global_batch, 8U);
  EXPECT_EQ(point.step().mapping.gpus_per_node, 2U) << "as the group has";
  EXPECT_EQ(point.step().mapping.bytes_per_element, 4U) << "as the elements have";
  EXPECT_EQ(point.mode, Mode::host);
  EXPECT_EQ(point.name(),
            "step_replay/mpi/host_memory/n:2x2/float32/host/out_of_place/micro_batches:8/gpt3-175b/L:4/h:128/a:4/s:32/"
            "V:256/t:1/p:2/d:1/b:1/payload:16KiB");
  EXPECT_GE(memory_per_rank(point, {}), Bytes{4 * 16384});
  ASSERT_EQ(layout.skipped.size(), 1U);
  EXPECT_EQ(layout.skipped.front().reason, "tp 2 x pp 2 x dp 1 takes 4 ranks, and this run has 2");
}

TEST(StepSection, RefusesWithFileLineAndKey) {
  for (const auto& [text, message] :
       {std::pair{"[[step_replay]]\n", "p.toml:2: key 'model': is missing"},
        std::pair{"[[step_replay]]\nmodel = 'gpt3'\n", "did you mean 'gpt3-175b'?"},
        std::pair{"[[step_replay]]\nmodel = 'gpt3-175b'\nhiden = 5\n", "unknown key 'hiden'; did you mean 'hidden'?"},
        std::pair{"[[step_replay]]\nmodel = 'gpt3-175b'\nhidden = 100\n", "key 'heads': 96: expected a divisor of"},
        std::pair{"[[step_replay]]\nmodel = 'gpt3-175b'\ntp = 0\n", "key 'tp': "},
        std::pair{"[[step_replay]]\nmodel = 'gpt3-175b'\nmicro_batches = 5000\n", "expected at most 4096"},
        std::pair{"[[step_replay]]\nmodel = 'gpt3-175b'\ngradient_element = 'int8'\n", "float32 or bfloat16"},
        std::pair{"[[step_replay]]\nmodel = 'gpt3-175b'\ncompute = '5'\n", "is not a time"},
        std::pair{"[[measure]]\nexperiment = 'step_replay'\n", "has sections of its own, [[step_replay]]"},
        std::pair{"[[measure]]\nexperiment = 'matmul'\n", "has sections of its own, [[matmul]]"},
        std::pair{"", "expected at least one [[measure]], [[matmul]] or [[step_replay]] section"}}) {
    EXPECT_NE(refusal(text).find(message), std::string::npos) << text << refusal(text);
  }
}

TEST(MatmulSection, HasTheLayersOfTheModelForEveryTp) {
  const Plan plan = plan_of("[[matmul]]\nmodels = 'gpt3-175b'\ntp = [1, 8]\npass = 'forward'\n");
  ASSERT_EQ(plan.matmuls.size(), 1U);
  const auto& products = plan.matmuls.front().products;
  ASSERT_EQ(products.size(), 10U);
  EXPECT_EQ(products[0], (Matmul{2048, 36864, 12288, MatmulPass::forward, "gpt3-175b/qkv/tp:1/b:1"}));
  EXPECT_EQ(products[5], (Matmul{2048, 4608, 12288, MatmulPass::forward, "gpt3-175b/qkv/tp:8/b:1"}));
  EXPECT_EQ(products[6], (Matmul{2048, 12288, 1536, MatmulPass::forward, "gpt3-175b/attention_out/tp:8/b:1"}));
  EXPECT_EQ(products[7], (Matmul{2048, 6144, 12288, MatmulPass::forward, "gpt3-175b/mlp_up/tp:8/b:1"}));
  EXPECT_EQ(products[8], (Matmul{2048, 12288, 6144, MatmulPass::forward, "gpt3-175b/mlp_down/tp:8/b:1"}));
  EXPECT_EQ(products[9], (Matmul{2048, 6400, 12288, MatmulPass::forward, "gpt3-175b/logits/tp:8/b:1"}));
}

TEST(MatmulSection, KnowsGatedLayersAndGroupedQueries) {
  Transformer model;
  model.name = "small";
  model.layers = 1;
  model.hidden = 64;
  model.heads = 8;
  model.key_value_heads = 2;
  model.feed_forward = 96;
  model.gated_feed_forward = true;
  model.sequence = 16;
  model.vocabulary = 100;
  const auto products = layer_matmuls(model, 2, 3, {MatmulPass::forward, MatmulPass::weight_gradient});
  EXPECT_EQ(products[0].n, 32U + 2 * 8) << "4 query heads, 1 key and 1 value head of 8";
  EXPECT_EQ(products[0].m, 48U) << "3 sequences of 16 tokens";
  EXPECT_EQ(products[4].n, 2U * 48) << "gate and value";
  EXPECT_EQ(products[5], (Matmul{96, 64, 48, MatmulPass::weight_gradient, "small/mlp_up/tp:2/b:3"}));
  EXPECT_THROW(layer_matmuls(model, 4, 1, {MatmulPass::forward}), InputError) << "2 key-value heads";
}

TEST(MatmulSection, RunsOnOneRankAndOnAll) {
  const Plan plan = plan_of("[[matmul]]\nmodels = 'gpt3-175b'\ntp = 8\nconcurrent = [false, true]\n");
  const Plan::Layout layout = plan.lay_out(two_ranks());
  ASSERT_EQ(layout.cases.size(), 30U);
  EXPECT_EQ(layout.cases.front().group, (Group{.ranks = 1, .ranks_per_node = 1}));
  EXPECT_EQ(layout.cases.back().group, (Group{.ranks = 1, .ranks_per_node = 1, .stride = 1, .concurrent = 2}));
  std::set<std::string> names;
  for (const Case& point : layout.cases) {
    names.insert(point.name());
    EXPECT_EQ(point.payload, size_of(point.element) * point.matmul().elements());
    EXPECT_EQ(point.fabric, Fabric::host_memory);
  }
  EXPECT_EQ(names.size(), layout.cases.size());
  EXPECT_NE(refusal("[[matmul]]\ntp = 8\n").find("key 'models': is missing"), std::string::npos);
  EXPECT_NE(refusal("[[matmul]]\nmodels = 'gpt3-175b'\ntp = 7\n").find("expected a multiple of tp = 7"),
            std::string::npos);
}

}  // namespace
}  // namespace hockney::inline plan
