#include "workload/transformer.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <map>

#include "base/error.hpp"
#include "workload/model_name.hpp"

namespace hockney::inline workload {
namespace {

namespace fs = std::filesystem;

const fs::path shipped = fs::path(__FILE__).parent_path() / "../../data/models";

// As the papers, model cards and weight files in the models' sources tell them. Meta counts the input embedding among
// the active weights.
TEST(Transformer, ShippedModelsHaveTheirPublishedSizes) {
  const std::map<std::string, double> published{{"bloom-176b", 176.2e9},     {"dbrx", 132e9},
                                                {"deepseek-v2", 236e9},      {"deepseek-v2-lite", 15.7e9},
                                                {"deepseek-v3", 671e9},      {"gemma-2-27b", 27.2e9},
                                                {"gemma-2-9b", 9.24e9},      {"gemma-3-27b", 27.0e9},
                                                {"gpt-oss-120b", 116.8e9},   {"gpt-oss-20b", 20.9e9},
                                                {"gpt3-175b", 175e9},        {"grok-1", 314e9},
                                                {"falcon-180b", 179.5e9},    {"falcon-40b", 41.3e9},
                                                {"glm-4.5", 355e9},          {"gpt-neox-20b", 20.55e9},
                                                {"opt-66b", 65.7e9},         {"opt-175b", 175e9},
                                                {"qwen2.5-14b", 14.77e9},    {"qwen2.5-32b", 32.76e9},
                                                {"kimi-k2", 1.03e12},        {"llama-13b", 13.0e9},
                                                {"llama-2-70b", 69.0e9},     {"llama-3-70b", 70.6e9},
                                                {"llama-3-8b", 8.03e9},      {"llama-3-405b", 405e9},
                                                {"llama-3.2-1b", 1.24e9},    {"llama-3.2-3b", 3.21e9},
                                                {"llama-30b", 32.5e9},       {"llama-4-scout", 108.6e9},
                                                {"llama-4-maverick", 400e9}, {"llama-65b", 65.2e9},
                                                {"llama-7b", 6.7e9},         {"megatron-1t", 1008e9},
                                                {"mistral-7b", 7.24e9},      {"mixtral-8x22b", 141e9},
                                                {"mixtral-8x7b", 46.7e9},    {"mpt-30b", 30.0e9},
                                                {"mpt-7b", 6.65e9},          {"nemotron-4-15b", 15.6e9},
                                                {"nemotron-4-340b", 340e9},  {"olmoe-7b-a1b", 6.92e9},
                                                {"qwen2-57b-a14b", 57.4e9},  {"qwen2.5-72b", 72.7e9},
                                                {"qwen2.5-7b", 7.61e9},      {"qwen3-14b", 14.8e9},
                                                {"qwen3-235b-a22b", 235e9},  {"qwen3-30b-a3b", 30.5e9},
                                                {"qwen3-32b", 32.8e9},       {"qwen3-8b", 8.2e9}};
  for (const Transformer& model : read_transformers(shipped)) {
    ASSERT_TRUE(published.contains(model.name)) << model.name;
    EXPECT_NEAR(static_cast<double>(model.parameters()) / published.at(model.name), 1, 0.01) << model.name;
    EXPECT_FALSE(model.source.empty());
  }
  EXPECT_EQ(read_transformers(shipped).size(), published.size());
}

TEST(Transformer, ShippedModelsHaveTheirPublishedActiveSizes) {
  const struct {
    const char* name;
    double published;
    bool with_input_embedding;
  } cases[] = {{"dbrx", 36e9, false},           {"deepseek-v2", 21e9, false},     {"deepseek-v2-lite", 2.4e9, false},
               {"deepseek-v3", 36.6e9, false},  {"gpt-oss-120b", 5.13e9, false},  {"gpt-oss-20b", 3.61e9, false},
               {"kimi-k2", 32e9, false},        {"glm-4.5", 32e9, false},         {"llama-4-maverick", 17e9, true},
               {"llama-4-scout", 17e9, true},   {"mixtral-8x22b", 39e9, false},   {"mixtral-8x7b", 12.9e9, false},
               {"qwen2-57b-a14b", 14e9, false}, {"qwen3-30b-a3b", 3.05e9, false}, {"qwen3-235b-a22b", 22e9, false}};
  for (const auto& expected : cases) {
    const Transformer model = find_transformer(expected.name, shipped);
    const std::uint64_t input = expected.with_input_embedding ? model.embedding_parameters() : 0;
    EXPECT_NEAR(static_cast<double>(model.active_parameters() + input) / expected.published, 1, 0.03) << expected.name;
  }
}

// 2104.04473 eq. 3: 72 s L h^2 (1 + s/(6 h) + V/(12 L h)) for a forward and a backward pass of s tokens.
TEST(Transformer, FlopsOfTheGptShapeAreEquation3) {
  const Transformer gpt = find_transformer("gpt3-175b", shipped);
  const double h = 12288;
  const double published = 72 * 96 * h * h * (1 + 2048 / (6 * h) + 51200 / (12 * 96 * h));
  EXPECT_NEAR(training_flops_per_token(gpt) / published, 1, 2e-4) << "norms and biases are in the weights";
}

TEST(Transformer, WindowsShortenAttention) {
  Transformer model = find_transformer("gemma-2-27b", shipped);
  EXPECT_NEAR(model.attended_share(), 1 - 0.5 * 0.25, 1e-12) << "half of the layers see half of the sequence back";
  model.sequence = 4096;
  EXPECT_EQ(model.attended_share(), 1);
  // Every pair of a query and a key not before it, at most w - 1 before: w s - w (w - 1)/2 of s (s + 1)/2.
  model.sequence = 1 << 20;
  model.windowed_layers = model.layers;
  const double s = 1 << 20;
  const double w = 4096;
  EXPECT_NEAR(model.attended_share(), (w * s - w * (w - 1) / 2) / (s * (s + 1) / 2), 1e-5);
}

// 2405.04434: what DeepSeek-V3's matrices hold (weights W^DQ, W^UQ, W^DKV, W^KR, W^UK, W^UV, W^O).
TEST(Transformer, LatentAttentionHasTheMatricesOfItsPaper) {
  const Transformer model = find_transformer("deepseek-v3", shipped);
  EXPECT_EQ(model.attention_parameters(),
            7168U * 1536 + 1536U * 128 * 192 + 7168U * (512 + 64) + 512U * 128 * (128 + 128) + 128U * 128 * 7168);
  EXPECT_EQ(model.layer_counts().dense, 3U);
  EXPECT_EQ(model.layer_counts().experts, 58U);
}

TEST(Transformer, AShapeMeansTheModelThatHasIt) {
  const std::vector<Transformer> known = read_transformers(shipped);
  Transformer row;
  row.layers = 61;
  row.hidden = 7168;
  row.heads = 128;
  row.key_value_heads = 128;
  row.feed_forward = 2048;
  row.gated_feed_forward = true;
  row.experts = 256;
  row.experts_per_token = 8;
  row.vocabulary = 129280;
  row.sequence = 4096;
  row.tied_embeddings = false;
  const Transformer* model = model_of_shape(known, row);
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->name, "deepseek-v3");
  complete(row, *model);
  EXPECT_EQ(row.parameters(), model->parameters());
  row.experts = 128;
  EXPECT_EQ(model_of_shape(known, row), nullptr);
  Transformer llama = find_transformer("llama-3-8b", shipped);
  EXPECT_EQ(model_of_shape(known, llama)->name, "llama-3-8b") << "Mistral has the shape, but another vocabulary";
  llama.vocabulary = 32064;
  EXPECT_EQ(model_of_shape(known, llama)->name, "mistral-7b");
}

TEST(Transformer, IsFoundByTheNamesThatPeopleGiveIt) {
  const std::pair<const char*, const char*> cases[] = {{"Llama-3.1-405B", "llama-3-405b"},
                                                       {"llama3 70b", "llama-3-70b"},
                                                       {"meta-llama/Llama-3.1-8B-Instruct", "llama-3-8b"},
                                                       {"LLaMA 7B", "llama-7b"},
                                                       {"Llama2 70B", "llama-2-70b"},
                                                       {"DeepSeek V3 671B bf16 1024", "deepseek-v3"},
                                                       {"Qwen3-235B-A22B", "qwen3-235b-a22b"},
                                                       {"qwen3 30b", "qwen3-30b-a3b"},
                                                       {"Nemotron4 340B", "nemotron-4-340b"},
                                                       {"mixtral 8x22B", "mixtral-8x22b"},
                                                       {"gpt-oss 120b", "gpt-oss-120b"},
                                                       {"Grok-1", "grok-1"},
                                                       {"GPT-3 175B", "gpt3-175b"},
                                                       {"BLOOM 176B", "bloom-176b"},
                                                       {"BLOOM 7B1", ""},
                                                       {"gpt3-20b", ""},
                                                       {"", ""}};
  for (const auto& [words, name] : cases) {
    EXPECT_EQ(model_meant(words, shipped), name) << words;
  }
}

TEST(Transformer, IsReadAloneWhereItsFileIsNamed) {
  const fs::path folder = fs::path(testing::TempDir()) / "models_one_of_which_is_damaged";
  fs::create_directories(folder);
  std::ofstream(folder / "damaged.toml") << "layers =";
  fs::copy_file(shipped / "llama-7b.toml", folder / "llama-7b.toml", fs::copy_options::overwrite_existing);
  EXPECT_EQ(find_transformer("llama-7b", folder).layers, 32U);
  EXPECT_THROW(find_transformer("LLaMA 7B", folder), InputError) << "any of the files may have this name";
}

TEST(Transformer, LayerOfTheGptShapeIsEquation2) {
  const Transformer gpt = find_transformer("gpt3-175b", shipped);
  EXPECT_EQ(gpt.parameters_per_layer(), 12 * gpt.hidden * gpt.hidden + 13 * gpt.hidden);
  EXPECT_EQ(gpt.activation(1), Bytes{2 * 2048 * 12288});
  EXPECT_EQ(gpt.activation(4, 4).count, 4ULL * 2048 * 12288 * 4);
}

TEST(Transformer, RefusesShapesThatCannotBe) {
  const std::string good =
      "name = 'm'\nsource = 's'\nlayers = 2\nhidden = 64\nheads = 8\nsequence = 16\nvocabulary = 100\n";
  const fs::path file = fs::path(testing::TempDir()) / "hockney_model_test.toml";
  const struct {
    std::string text;
    const char* message;
  } cases[] = {
      {good, ""},
      {good + "key_value_heads = 3\n", "divisor of heads = 8"},
      {good + "hiden = 3\n", "did you mean 'hidden'"},
      {good + "feed_forward = 0\n", "'feed_forward': 0 given, expected 1"},
      {good + "rotary_width = 4\n", "'rotary_width': 4 given, expected at most 0"},
      {good + "windowed_layers = 1\n", "'windowed_layers': 1 given, expected at most 0"},
      {good + "experts = 4\ndense_layers = 2\n", "'dense_layers': 2 given, expected at most 1"},
      {good + "experts = 4\nexpert_groups = 3\n", "'expert_groups': expected a divisor of experts = 4"},
      {good + "expert_interval = 3\n", "'expert_interval': 3 given, expected 1 to 2"},
      {good + "experts_per_token = 0\n", "'experts_per_token': expected 1 or more"},
      {good + "experts = 'many'\n", "'experts': expected a whole number"},
      {"name = 'm'\nsource = 's'\nlayers = 2\nhidden = 64\nheads = 7\nsequence = 16\nvocabulary = 100\n",
       "divisor of hidden = 64"},
      {"name = 'm'\nsource = 's'\n", "'layers': is missing"},
  };
  for (const auto& expected : cases) {
    std::ofstream(file) << expected.text;
    std::string message;
    try {
      read_transformer(file);
    } catch (const InputError& error) {
      message = error.what();
    }
    EXPECT_EQ(message.empty(), std::string_view(expected.message).empty()) << message;
    EXPECT_NE(message.find(expected.message), std::string::npos) << message;
  }
  fs::remove(file);
}

}  // namespace
}  // namespace hockney::inline workload
