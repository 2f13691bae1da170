#include "views/prediction_view.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "predict/step/small_step.hpp"

namespace hockney::views {
namespace {

using Json = nlohmann::json;

Mapping mapping() {
  Mapping mapping;
  mapping.tensor = 8;
  mapping.pipeline = 2;
  mapping.data = 2;
  mapping.global_batch = 8;
  return mapping;
}

/// A step and its communication.
class PredictionView : public testing::Test {
 protected:
  PredictionView() {
    steps_.push_back(predict::predict_step(small_.step, small_.model, mapping(), small_.network));
    alone_.push_back(predict::predict_communication(small_.model, mapping(), CriticalStage::last, small_.network));
  }

  Json json(const std::vector<predict::StepPrediction>& steps, const std::optional<Price>& price = {}) {
    return Json::parse(to_json(prediction_view(steps, names_, price, false)));
  }

  static void expect_parts(const std::string& text, std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) {
      EXPECT_NE(text.find(part), std::string::npos) << "lacks: " << part << "\n" << text;
    }
  }

  const std::vector<std::string> names_{"flags"};
  predict::synthetic::SmallStep small_;  ///< predictions point into its curves
  std::vector<predict::StepPrediction> steps_;
  std::vector<predict::StepPrediction> alone_;
};

TEST_F(PredictionView, JsonHoldsTheWholeTransformerAndMapping) {
  steps_[0].model.experts = 8;
  steps_[0].model.experts_per_token = 2;
  const Json step = json(steps_).at("steps").at(0);
  EXPECT_EQ(step.at("transformer").at("experts"), 8);
  EXPECT_EQ(step.at("transformer").at("experts_per_token"), 2);
  EXPECT_EQ(step.at("transformer").at("key_value_heads"), 8);
  EXPECT_EQ(step.at("transformer").at("feed_forward"), 4096);
  EXPECT_EQ(step.at("mapping").at("tensor"), 8);
  EXPECT_EQ(step.at("mapping").at("micro_batches_per_pipeline"), 4);
}

TEST_F(PredictionView, StepAndCommunicationSayTheSameOfAMessage) {
  const Json step = json(steps_).at("steps").at(0);
  const Json alone = json(alone_).at("steps").at(0);
  EXPECT_EQ(step.at("scope"), "step");
  EXPECT_EQ(alone.at("scope"), "communication");
  ASSERT_EQ(step.at("messages").size(), alone.at("messages").size());
  for (std::size_t i = 0; i < step.at("messages").size(); ++i) {
    for (const char* key : {"purpose", "payload_bytes", "each_value_s", "answered_by", "additions"}) {
      EXPECT_EQ(step.at("messages").at(i).at(key), alone.at("messages").at(i).at(key)) << i << " " << key;
    }
  }
}

TEST_F(PredictionView, JsonNamesWhatWasAdded) {
  const Json alone = json(alone_);
  for (const Json& message : alone.at("steps").at(0).at("messages")) {
    if (message.at("operation") == "pipeline_forward_backward") {
      EXPECT_EQ(message.at("additions").back().at("name"), "host-wait");
      EXPECT_EQ(message.at("additions").back().at("each_s"), predict::StepConstants{}.transfer_wait_s);
    }
  }
}

TEST_F(PredictionView, PartsAddUpToTheLastOne) {
  for (const auto* steps : {&steps_, &alone_}) {
    const Json parts = json(*steps).at("steps").at(0).at("parts");
    double sum = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      sum += parts.at(i).at("exposed_s").get<double>();
    }
    EXPECT_NEAR(sum / parts.back().at("exposed_s").get<double>(), 1, 1e-9);
  }
  EXPECT_EQ(json(steps_).at("steps").at(0).at("parts").back().at("part"), "step");
  EXPECT_EQ(json(alone_).at("steps").at(0).at("parts").back().at("part"), "communication");
}

TEST_F(PredictionView, ATerminalShowsPartsBarsAndMessages) {
  const std::string text = to_text(prediction_view(steps_, names_, Price{2}, false));
  expect_parts(text, {"small: 8 layers", "made up in bf16: efficiency", "time (ms)", "hidden (ms)", "pipeline transfer",
                      "|C", "C compute", "exposed (ms)", "layers forward", "[1] all_reduce/nccl", "of it by host-wait",
                      "tokens per second", "per GPU and hour"});
  const std::string brief = to_text(prediction_view(steps_, names_, {}, true));
  EXPECT_EQ(brief.find("layers forward"), std::string::npos);
}

TEST_F(PredictionView, OfCommunicationNothingIsComputed) {
  const std::string text = to_text(prediction_view(alone_, names_, {}, false));
  expect_parts(text, {"communication", "total (ms)", "nothing is overlapped", "(p-1)/(v m)"});
  EXPECT_EQ(text.find("\ncompute"), std::string::npos) << text;
  EXPECT_EQ(text.find("GiB per GPU"), std::string::npos) << text;
}

TEST_F(PredictionView, StepsStandSideBySide) {
  const std::vector<predict::StepPrediction> both{steps_[0], steps_[0]};
  const std::vector<std::string> names{"flags", "tp=4"};
  const std::string text = to_text(prediction_view(both, names, {}, true));
  expect_parts(text, {"time (ms) [flags]", "time (ms) [tp=4]", "[tp=4] takes 1 times as long as [flags]"});
}

TEST_F(PredictionView, CsvHasPartsAndMessagesWithTheirStep) {
  const render::View tables = prediction_tables(steps_, names_, Price{2});
  EXPECT_TRUE(
      to_csv(tables).starts_with("step,part,exposed_s,low_s,high_s,share_fraction,hidden_s,cost\nflags,compute,"));
  EXPECT_TRUE(to_csv(tables, "messages").starts_with("step,cause,purpose,operation,group.ranks,"));
}

}  // namespace
}  // namespace hockney::views
