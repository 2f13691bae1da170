#include "predict/step/prediction.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "predict/step/synthetic_model.hpp"
#include "record/statistics.hpp"
#include "views/prediction_json.hpp"
#include "views/prediction_screen.hpp"

namespace hockney::views {
namespace {

predict::PredictionRequest gpt3_request() {
  predict::PredictionRequest request;
  request.transformer = workload::synthetic::gpt3();
  request.mapping.tensor = 8;
  request.mapping.pipeline = 8;
  request.mapping.global_batch = 64;
  request.mapping.recompute = Recompute::full;
  request.strict = true;
  return request;
}

double seconds_of(const predict::Prediction& prediction, Cause cause) {
  for (const predict::CauseSum& part : prediction.causes) {
    if (part.cause == cause) {
      return part.sum.value_s;
    }
  }
  return 0;
}

bool warns(const predict::Prediction& prediction, std::string_view part) {
  return std::any_of(prediction.warnings.begin(), prediction.warnings.end(),
                     [&](const std::string& warning) { return warning.find(part) != std::string::npos; });
}

/// A line that reads `curve` at a payload, `count` times.
predict::Line read_line(const cost::CostCurve& curve, Bytes payload, std::uint64_t count) {
  predict::Line line;
  line.message.payload = payload;
  line.message.count = count;
  line.answer.estimate = curve.at(payload);
  line.answer.curves = {{&curve, line.answer.estimate.segment}};
  return line;
}

TEST(Prediction, Gpt3ByHand) {
  const cost::CostModel cluster = predict::synthetic::cluster();
  const predict::Prediction prediction = predict::predict(cluster, gpt3_request());
  const double big = 10e-6 + 50331648 / 200e9;  // 48 MiB all-reduce inside a node
  const double small = 10e-6 + 8192 / 200e9;    // 2048 fp32 values
  const double send = 5e-6 + 50331648 / 25e9;   // 48 MiB between nodes
  EXPECT_NEAR(seconds_of(prediction, Cause::tensor), (12 * 6 * 64 + 64) * big + 192 * small, 1e-9);
  EXPECT_NEAR(seconds_of(prediction, Cause::pipeline), 128 * send, 1e-9);
  EXPECT_NEAR(seconds_of(prediction, Cause::bubble), (7 * 12 * 6 + 1) * big + 12 * send, 1e-9);
  EXPECT_NEAR(seconds_of(prediction, Cause::tied_embedding), 20e-6 + 51200.0 / 8 * 12288 * 4 / 20e9, 1e-9);
  EXPECT_EQ(seconds_of(prediction, Cause::data), 0);
  EXPECT_TRUE(prediction.warnings.empty());
}

TEST(Prediction, CausesAddUpToTheTotal) {
  const cost::CostModel cluster = predict::synthetic::cluster();
  predict::PredictionRequest request = gpt3_request();
  request.mapping.data = 2;
  const predict::Prediction prediction = predict::predict(cluster, request);
  double seconds = 0;
  double share = 0;
  for (const predict::CauseSum& part : prediction.causes) {
    seconds += part.sum.value_s;
    share += part.share;
  }
  double lines = 0;
  for (const predict::Line& line : prediction.lines) {
    lines += line.value_s();
  }
  EXPECT_EQ(prediction.causes.size(), 5U);
  EXPECT_NEAR(seconds, prediction.total.value_s, 1e-12 * seconds);
  EXPECT_NEAR(lines, prediction.total.value_s, 1e-12 * lines);
  EXPECT_NEAR(share, 1, 1e-12);
}

TEST(Prediction, GrowsWithThePayload) {
  const cost::CostModel cluster = predict::synthetic::cluster();
  predict::PredictionRequest request = gpt3_request();
  double last = 0;
  for (const std::uint64_t bytes : {1, 2, 4}) {
    request.mapping.bytes_per_element = bytes;
    const double total = predict::predict(cluster, request).total.value_s;
    EXPECT_GT(total, last);
    last = total;
  }
  request.mapping.gradient_bytes = 2;
  EXPECT_LT(predict::predict(cluster, request).total.value_s, last);
}

TEST(Prediction, ScatterGatherTradesTransfersForGathers) {
  cost::CostModel cluster = predict::synthetic::cluster();
  cluster.curves.push_back(predict::synthetic::line(Operation::all_gather, Fabric::nvswitch, 8, 8, 10e-6, 1 / 250e9));
  predict::PredictionRequest request = gpt3_request();
  request.mapping.scatter_gather = true;
  const predict::Prediction prediction = predict::predict(cluster, request);
  EXPECT_NEAR(seconds_of(prediction, Cause::pipeline), 128 * (5e-6 + 6291456 / 25e9 + 10e-6 + 50331648 / 250e9), 1e-9);
}

TEST(Prediction, WarnsOfLineRatesFlagsAndExtrapolation) {
  cost::CostModel model = predict::synthetic::model_of(
      {predict::synthetic::line(Operation::all_reduce, Fabric::nvswitch, 4, 4, 1e-5, 1e-11)});
  model.curves[0].flags.set(Flag::simulated);
  model.curves[0].flags.set(Flag::oversubscribed);
  model.curves[0].flags.set(Flag::drifting);
  predict::PredictionRequest request = gpt3_request();
  request.line_rate = predict::LineRate{BytesPerSecond{25e9}, Seconds{5e-6}};
  const predict::Prediction prediction = predict::predict(model, request);
  for (const char* kind :
       {"SIMULATED", "OVERSUBSCRIBED", "LINE RATE", "estimated, not measured, from line rate 25 GB/s, 5 us",
        "EXTRAPOLATED", "FLAGS: curves that answer carry drifting"}) {
    EXPECT_TRUE(warns(prediction, kind)) << kind;
  }
  EXPECT_FALSE(warns(prediction, "SUBSTITUTED"));
  EXPECT_EQ(prediction.total.basis, cost::IntervalBasis::line_rate);
}

TEST(Prediction, SubstitutionIsWarnedOfOnceAndRefusedWhenStrict) {
  const cost::CostModel model = predict::synthetic::model_of(
      {predict::synthetic::line(Operation::all_reduce, Fabric::host_memory, 8, 8, 1e-5, 1e-11),
       predict::synthetic::line(Operation::ping_pong, Fabric::host_memory, 2, 2, 1e-6, 1e-11)});
  predict::PredictionRequest request = gpt3_request();
  EXPECT_THROW(predict::predict(model, request), InputError);
  request.strict = false;
  const predict::Prediction prediction = predict::predict(model, request);
  // Transfers of both causes give one warning, the tied embedding another.
  EXPECT_EQ(std::count_if(prediction.warnings.begin(), prediction.warnings.end(), predict::is_substitution), 2);
  EXPECT_TRUE(warns(prediction, "SUBSTITUTED: pipeline_forward_backward"));
  EXPECT_NE(screen_of(prediction).header.find("WARNING     SUBSTITUTED"), std::string::npos);
}

TEST(SumOfLines, OneLineKeepsItsInterval) {
  const cost::CostCurve curve =
      predict::synthetic::with_launches(predict::synthetic::cluster().curves[0], {0.9, 1.0, 1.15});
  const std::vector<predict::Line> lines{read_line(curve, mebibytes(1), 10)};
  const predict::Sum sum = predict::sum_of(lines);
  EXPECT_NEAR(sum.value_s, lines[0].value_s(), 1e-15);
  EXPECT_NEAR(sum.low_s, lines[0].low_s(), 1e-12);
  EXPECT_NEAR(sum.high_s, lines[0].high_s(), 1e-12);
  EXPECT_LT(sum.low_s, sum.value_s);
}

TEST(SumOfLines, LaunchesAreSummedOneByOne) {
  // Alpha and beta err against each other from launch to launch, so that the sum is surer than its parts.
  cost::CostCurve curve = predict::synthetic::cluster().curves[0];
  curve.basis = cost::IntervalBasis::launches;
  const double alpha = curve.segments[0].alpha_s;
  const double beta = curve.segments[0].beta_s_per_byte;
  curve.segments[0].launches = {{alpha * 1.1, beta * 0.9}, {alpha * 0.9, beta * 1.1}, {alpha, beta}};
  const std::vector<predict::Line> lines{read_line(curve, kibibytes(1), 26), read_line(curve, mebibytes(48), 1)};
  double low = 0;
  double high = 0;
  for (const predict::Line& line : lines) {
    low += line.low_s();
    high += line.high_s();
  }
  std::vector<double> logs;
  for (std::size_t i = 0; i < 3; ++i) {
    logs.push_back(std::log(26 * lines[0].answer.estimate.launches_s[i] + lines[1].answer.estimate.launches_s[i]));
  }
  const predict::Sum sum = predict::sum_of(lines);
  EXPECT_NEAR(sum.high_s, std::exp(mean_interval(logs).high), 1e-12);
  EXPECT_LT(sum.high_s, 0.8 * (high - sum.value_s) + sum.value_s);
  EXPECT_GT(sum.low_s, low);
  EXPECT_LE(sum.low_s, sum.value_s);
}

TEST(SumOfLines, OneCurveAddsLinearlyWithoutLaunches) {
  cost::CostCurve curve = predict::synthetic::cluster().curves[0];
  curve.segments[0].covariance_aa = 1e-12;
  const std::vector<predict::Line> lines{read_line(curve, mebibytes(1), 3), read_line(curve, mebibytes(8), 5)};
  const predict::Sum sum = predict::sum_of(lines);
  EXPECT_NEAR(sum.low_s, lines[0].low_s() + lines[1].low_s(), 1e-15);
  EXPECT_NEAR(sum.high_s, lines[0].high_s() + lines[1].high_s(), 1e-15);
  EXPECT_LT(sum.low_s, sum.value_s);
}

TEST(SumOfLines, ExtrapolatedPayloadsKeepTheirWiderInterval) {
  const cost::CostCurve curve =
      predict::synthetic::with_launches(predict::synthetic::cluster().curves[0], {0.99, 1.0, 1.01});
  const std::vector<predict::Line> lines{read_line(curve, gibibytes(64), 1), read_line(curve, mebibytes(1), 1)};
  const predict::Sum sum = predict::sum_of(lines);
  EXPECT_NEAR(sum.high_s, lines[0].high_s() + lines[1].high_s(), 1e-12);
}

TEST(SumOfLines, DifferentCurvesAddInQuadrature) {
  cost::CostCurve a = predict::synthetic::cluster().curves[0];
  cost::CostCurve b = predict::synthetic::cluster().curves[1];
  a.segments[0].covariance_aa = 1e-12;
  b.segments[0].covariance_aa = 4e-12;
  const std::vector<predict::Line> lines{read_line(a, mebibytes(1), 3), read_line(b, mebibytes(1), 2)};
  const predict::Sum sum = predict::sum_of(lines);
  EXPECT_NEAR(sum.high_s - sum.value_s,
              std::hypot(lines[0].high_s() - lines[0].value_s(), lines[1].high_s() - lines[1].value_s()), 1e-15);
  EXPECT_NEAR(sum.value_s - sum.low_s,
              std::hypot(lines[0].value_s() - lines[0].low_s(), lines[1].value_s() - lines[1].low_s()), 1e-15);
}

TEST(PredictionJson, KeysCarryUnitsAndNumbersAreThoseOfThePrediction) {
  const cost::CostModel cluster = predict::synthetic::cluster();
  predict::PredictionRequest request = gpt3_request();
  request.line_rate = predict::LineRate{BytesPerSecond{25e9}, Seconds{5e-6}};
  const predict::Prediction prediction = predict::predict(cluster, request);
  const auto json = nlohmann::json::parse(to_json(prediction));
  EXPECT_EQ(json.at("schema"), "hockney prediction");
  EXPECT_EQ(json.at("version"), "2.0.0");
  EXPECT_EQ(json.at("transformer").at("name"), "gpt3-175b");
  EXPECT_EQ(json.at("mapping").at("micro_batches_per_pipeline"), 64);
  EXPECT_EQ(json.at("mapping").at("recompute"), "full");
  EXPECT_EQ(json.at("cost_model").at("name"), "synthetic");
  EXPECT_EQ(json.at("line_rate").at("bandwidth_bytes_per_s"), 25e9);
  EXPECT_EQ(json.at("total").at("value_s"), prediction.total.value_s);
  EXPECT_EQ(json.at("total").at("low_s"), prediction.total.low_s);
  EXPECT_EQ(json.at("bubble").at("over_ideal_fraction"), 7.0 / 64);
  EXPECT_EQ(json.at("bubble").at("over_total_fraction"), 7.0 / 71);
  ASSERT_EQ(json.at("causes").size(), prediction.causes.size());
  EXPECT_EQ(json.at("causes").at(0).at("cause"), "tensor");
  EXPECT_EQ(json.at("causes").at(0).at("share_fraction"), prediction.causes[0].share);
  ASSERT_EQ(json.at("messages").size(), prediction.lines.size());
  const auto& layers = json.at("messages").at(0);
  EXPECT_EQ(layers.at("payload_bytes"), 50331648);
  EXPECT_EQ(layers.at("count_per_step"), 1536);  // 2 of 12 layers and 64 micro-batches, forward; again, and backward
  EXPECT_EQ(json.at("messages").at(1).at("count_per_step"), 1536);
  EXPECT_EQ(json.at("messages").at(2).at("count_per_step"), 1536);
  EXPECT_EQ(layers.at("group").at("fabric_class"), "intra_node");
  EXPECT_EQ(layers.at("total_value_s"), prediction.lines[0].value_s());
  EXPECT_EQ(layers.at("curves").at(0).at("name"), cluster.curves[0].name());
  EXPECT_EQ(layers.at("curves").at(0).at("segment_to_bytes"), gibibytes(16).count);
  EXPECT_EQ(layers.at("substituted"), false);
  EXPECT_EQ(layers.at("line_rate"), false);
  EXPECT_EQ(layers.at("extrapolated"), false);
  EXPECT_FALSE(json.at("conventions").empty());
}

TEST(PredictionJson, AbsentLineRateIsNull) {
  const cost::CostModel cluster = predict::synthetic::cluster();
  EXPECT_TRUE(nlohmann::json::parse(to_json(predict::predict(cluster, gpt3_request()))).at("line_rate").is_null());
}

void expect_parts(const std::string& text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    EXPECT_NE(text.find(part), std::string::npos) << "lacks: " << part << "\n" << text;
  }
}

/// The cell of the row whose first cell is `name`.
std::string cell(const predict::ScreenTable& table, std::string_view name, std::string_view heading) {
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < table.columns.size() && row.front() == name; ++i) {
      if (table.columns[i].heading == heading) {
        return row[i];
      }
    }
  }
  return "absent";
}

TEST(PredictionScreen, ShowsModelMappingAndConventions) {
  const cost::CostModel cluster = predict::synthetic::cluster();
  const PredictionScreen screen = screen_of(predict::predict(cluster, gpt3_request()));
  expect_parts(screen.header, {"gpt3-175b: 96 layers", "tp 8 x pp 8 x dp 1 = 64 GPUs on 8 nodes of 8",
                               "64 micro-batches of 1", "recompute full", "synthetic (tests), from known numbers"});
  expect_parts(screen.footer, {"= 10.9 % over the ideal time", "= 9.9 % of the step", "nothing is overlapped",
                               "6 times per micro-batch (recompute full",
                               "the compute share of the bubble is not in here", "--scatter-gather off"});
}

TEST(PredictionScreen, TablesHoldOneCellPerColumn) {
  const cost::CostModel cluster = predict::synthetic::cluster();
  const predict::Prediction prediction = predict::predict(cluster, gpt3_request());
  const PredictionScreen screen = screen_of(prediction);
  EXPECT_EQ(screen.causes.rows.size(), prediction.causes.size() + 1);
  EXPECT_EQ(screen.messages.rows.size(), prediction.lines.size());
  for (const predict::ScreenTable* table : {&screen.causes, &screen.messages}) {
    for (const auto& row : table->rows) {
      EXPECT_EQ(row.size(), table->columns.size());
    }
  }
}

TEST(PredictionScreen, ShowsEveryMessageWithItsCurve) {
  const cost::CostModel cluster = predict::synthetic::cluster();
  const PredictionScreen screen = screen_of(predict::predict(cluster, gpt3_request()));
  EXPECT_EQ(cell(screen.messages, "tensor", "operation"), "all_reduce");
  EXPECT_EQ(cell(screen.messages, "tensor", "group"), "8 ranks (8 per node)");
  EXPECT_EQ(cell(screen.messages, "tensor", "placed on"), "1 node");
  EXPECT_EQ(cell(screen.messages, "tensor", "fabric"), "nvswitch");
  EXPECT_EQ(cell(screen.messages, "tensor", "payload"), "48 MiB");
  EXPECT_EQ(cell(screen.messages, "tensor", "count"), "1536");
  EXPECT_EQ(cell(screen.messages, "tensor", "each (ms)"), "0.2617");  // 10 us + 50331648 / 200e9 s
  EXPECT_EQ(cell(screen.messages, "tensor", "total (ms)"), "401.9");
  EXPECT_EQ(cell(screen.messages, "tensor", "curve"), "[1]");
  EXPECT_EQ(cell(screen.messages, "tensor", "segment"), "1 KiB .. 16 GiB");
  EXPECT_EQ(cell(screen.messages, "pipeline", "placed on"), "2 nodes");
  EXPECT_EQ(cell(screen.messages, "pipeline", "curve"), "[2]");
  const std::string first = "[1] " + cluster.curves[0].name();
  const std::string second = "[2] " + cluster.curves[1].name();
  expect_parts(screen.footnotes, {first, second, "machine synthetic", "interval over within_launch"});
}

TEST(Prediction, RefusesModelsOfPointsWithoutANetwork) {
  for (const Flag flag : {Flag::emulated, Flag::shared_gpu}) {
    cost::CostModel cluster = predict::synthetic::cluster();
    cluster.curves.back().flags.set(flag);
    try {
      predict::predict(cluster, gpt3_request());
      ADD_FAILURE() << "accepted: " << name_of(flag);
    } catch (const InputError& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find(std::string("is flagged ").append(name_of(flag))), std::string::npos) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos);
    }
  }
}

TEST(PredictionScreen, LineRatesHaveNoInterval) {
  const cost::CostModel model = predict::synthetic::model_of(
      {predict::synthetic::with_launches(predict::synthetic::cluster().curves[0], {0.9, 1.0, 1.1})});
  predict::PredictionRequest request = gpt3_request();
  request.line_rate = predict::LineRate{BytesPerSecond{25e9}, Seconds{5e-6}};
  const PredictionScreen screen = screen_of(predict::predict(model, request));
  EXPECT_EQ(cell(screen.causes, "pipeline", "95 % interval (ms)"), "not known");
  EXPECT_EQ(cell(screen.causes, "pipeline", "basis"), "line_rate");
  EXPECT_NE(cell(screen.causes, "tensor", "95 % interval (ms)").find(" .. "), std::string::npos);
  EXPECT_EQ(cell(screen.messages, "pipeline", "remarks"), "(a)");
  EXPECT_EQ(cell(screen.messages, "pipeline", "fabric"), "line rate");
  expect_parts(screen.footnotes, {"(a) estimated from line rate, not measured"});
  expect_parts(screen.header, {"WARNING     LINE RATE"});
}

TEST(PredictionScreen, RoundsLargePayloads) {
  const cost::CostModel cluster = predict::synthetic::cluster();
  predict::PredictionRequest request = gpt3_request();
  request.mapping.data = 2;
  EXPECT_EQ(cell(screen_of(predict::predict(cluster, request)).messages, "data", "payload"), "10.42 GiB");
}

TEST(PredictionScreen, SaysWhenNothingIsSent) {
  const cost::CostModel cluster = predict::synthetic::cluster();
  predict::PredictionRequest request;
  request.transformer = workload::synthetic::gpt3();
  const PredictionScreen screen = screen_of(predict::predict(cluster, request));
  EXPECT_TRUE(screen.causes.rows.empty());
  EXPECT_TRUE(screen.messages.rows.empty());
  expect_parts(screen.footer, {"This mapping communicates nothing."});
}

}  // namespace
}  // namespace hockney::views
