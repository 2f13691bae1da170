#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cost/cost_model.hpp"

/// Cost models that the programs of their time wrote (tests/fixtures/README.md).
namespace hockney::cost {
namespace {
namespace fs = std::filesystem;

const fs::path fixtures = fs::path(__FILE__).parent_path().parent_path().parent_path() / "tests" / "fixtures";

class ModelOfVersion : public testing::TestWithParam<const char*> {};

// Everything that the file says stands in the model that is written today; group laws are of no use any more.
TEST_P(ModelOfVersion, LosesNothingWhenItIsReadAndWritten) {
  const fs::path file = fixtures / fmt::format("model-{}.cost.json", GetParam());
  const CostModel model = CostModel::read(file);
  nlohmann::json then = nlohmann::json::parse(std::ifstream(file));
  EXPECT_EQ(then["version"], fmt::format("{}.0", GetParam()));
  then.erase("version");
  then.erase("group_laws");
  const nlohmann::json now = nlohmann::json::parse(model.json()).flatten();
  const nlohmann::json before = then.flatten();
  std::size_t values = 0;
  for (const auto& [key, value] : before.items()) {
    ASSERT_TRUE(now.contains(key)) << key;
    EXPECT_EQ(now[key], value) << key;
    ++values;
  }
  EXPECT_GT(values, 60U);
  ASSERT_EQ(model.curves.size(), 1U);
  EXPECT_EQ(model.curves.front().shape.micro_batches(), 12U);
  EXPECT_EQ(model.curves.front().shape.software, "") << "not known to earlier versions";
}

INSTANTIATE_TEST_SUITE_P(Models, ModelOfVersion, testing::Values("1.0", "1.1", "1.2"),
                         [](const auto& test) { return fmt::format("1_{}", test.param[2]); });

}  // namespace
}  // namespace hockney::cost
