#include "workload/transformer.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::inline workload {
namespace {

namespace fs = std::filesystem;

const fs::path shipped = fs::path(__FILE__).parent_path() / "../../data/models";

double parameters(const Transformer& model) {
  const std::uint64_t embeddings = model.embedding_parameters() * (model.tied_embeddings ? 1 : 2);
  return static_cast<double>(model.layers * model.parameters_per_layer() + embeddings);
}

TEST(Transformer, ShippedModelsHaveTheirPublishedSizes) {
  const struct {
    const char* name;
    double published;
  } cases[] = {{"gpt3-175b", 175e9}, {"llama-3-70b", 70.6e9}, {"megatron-1t", 1008e9}, {"mixtral-8x7b", 46.7e9}};
  for (const auto& expected : cases) {
    const Transformer model = find_transformer(expected.name, shipped);
    EXPECT_EQ(model.name, expected.name);
    EXPECT_NEAR(parameters(model) / expected.published, 1, 0.01) << expected.name;
  }
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
