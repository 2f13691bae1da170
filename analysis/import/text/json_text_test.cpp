#include "import/text/json_text.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hockney::import {
namespace {

using Json = nlohmann::json;

TEST(JsonText, KeepsWholeElementsOfACutArray) {
  const std::string whole =
      R"({"a": [1, {"results": [{"x": 1}]}], "results": [{"s": "}]", "n": {"y": [1]}}, {"s": 2}, {"s")";
  const SalvagedJson salvaged = salvage_json(whole, "results");
  EXPECT_EQ(salvaged.elements, 2U);
  const Json json = Json::parse(salvaged.text);
  ASSERT_EQ(json["results"].size(), 2U);
  EXPECT_EQ(json["results"][0]["s"], "}]");
  EXPECT_EQ(json["results"][1]["s"], 2);
}

TEST(JsonText, SalvagesNothingWithoutAWholeElement) {
  for (const char* text :
       {"", "{", R"({"results": [)", R"({"results": [{"size": 1)", "]]]}}}", R"({"other": [{"size": 1}])"}) {
    EXPECT_EQ(salvage_json(text, "results").elements, 0U) << text;
    EXPECT_EQ(salvage_json(text, "results").text, "") << text;
  }
}

TEST(JsonText, CountsNestingOutsideStrings) {
  EXPECT_EQ(json_depth(R"({"[[[": [{"a": "\"[["}]})", 64), 3U);
  EXPECT_EQ(json_depth(std::string(1'000'000, '['), 64), 64U);
}

TEST(JsonText, RemovesValuesOfVariablesThatAreNotAllowed) {
  const std::string text =
      R"({"env": ["NCCL_ALGO=Ring", "HOME=/home/me", "AWS_SECRET=made-up", "NCCL_TOKEN=made-up"], "x": 1.50})";
  const JsonWithoutEnvironment kept = without_environment(text);
  EXPECT_EQ(kept.removed, 3U);
  EXPECT_EQ(Json::parse(kept.text)["env"],
            Json({"NCCL_ALGO=Ring", "HOME=(removed)", "AWS_SECRET=(removed)", "NCCL_TOKEN=(removed)"}));
  EXPECT_TRUE(kept.text.ends_with(R"(, "x": 1.50})")) << kept.text;  // all else byte for byte
}

TEST(JsonText, RemovesValuesWhereverADumpStands) {
  const JsonWithoutEnvironment object =
      without_environment(R"({"run": {"environment": {"USER": "me", "UCX_TLS": "rc"}}})");
  EXPECT_EQ(Json::parse(object.text)["run"]["environment"], Json({{"USER", "(removed)"}, {"UCX_TLS", "rc"}}));
  const JsonWithoutEnvironment lines = without_environment(R"({"env": ["PS1=a", "second line of it"]})");
  EXPECT_EQ(lines.text.find("second line"), std::string::npos);
}

TEST(JsonText, RemovesADumpThatIsCutOff) {
  const JsonWithoutEnvironment kept = without_environment(R"({"version": 3, "env": ["HOME=/home/me", "AWS_SEC)");
  EXPECT_EQ(kept.text.find("home"), std::string::npos) << kept.text;
  EXPECT_EQ(kept.text.find("AWS"), std::string::npos) << kept.text;
  EXPECT_EQ(kept.removed, 1U);
}

TEST(JsonText, LeavesOtherTextsAlone) {
  for (const char* text : {"", "\"env\"", R"({"env": 3, "a": "env: [x"})", "no json: \"env\" : "}) {
    EXPECT_EQ(without_environment(text).text, text);
    EXPECT_EQ(without_environment(text).removed, 0U);
  }
}

}  // namespace
}  // namespace hockney::import
