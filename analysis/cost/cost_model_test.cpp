#include "cost/cost_model.hpp"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "cost/segments.hpp"

namespace hockney::cost {
namespace {

namespace fs = std::filesystem;

AlphaBeta segment(Bytes from, Bytes to, double alpha, double beta) {
  AlphaBeta result;
  result.from = from;
  result.to = to;
  result.alpha_s = alpha;
  result.beta_s_per_byte = beta;
  result.alpha_interval_s = {0.9 * alpha, 1.1 * alpha};
  result.beta_interval_s_per_byte = {0.9 * beta, 1.1 * beta};
  result.points = 5;
  return result;
}

// 10 us + m at 1 GB/s up to 64 KiB, then 20 us + m at 100 GB/s from 128 KiB to 1 GiB.
CostCurve two_segments() {
  CostCurve curve;
  curve.segments = {segment({8}, kibibytes(64), 10e-6, 1e-9), segment(kibibytes(128), gibibytes(1), 20e-6, 1e-11)};
  return curve;
}

CostCurve over_launches() {
  CostCurve curve = two_segments();
  curve.basis = IntervalBasis::launches;
  curve.launches = 3;
  curve.segments[0].launches = {{9e-6, 1e-9}, {10e-6, 1e-9}, {11e-6, 1e-9}};
  curve.segments[1].launches = {{19e-6, 1e-11}, {20e-6, 1e-11}, {21e-6, 1e-11}};
  return curve;
}

void expect_ordered(const Estimate& estimate) {
  EXPECT_GE(estimate.low_s, 0);
  EXPECT_LE(estimate.low_s, estimate.value_s);
  EXPECT_LE(estimate.value_s, estimate.high_s);
}

TEST(CostCurve, AnswersInsideASegmentWithItsLine) {
  const Estimate estimate = two_segments().at(kibibytes(4));
  EXPECT_DOUBLE_EQ(estimate.value_s, 10e-6 + 4096e-9);
  EXPECT_FALSE(estimate.extrapolated);
  EXPECT_FALSE(estimate.in_gap);
  EXPECT_EQ(estimate.segment, 0U);
  EXPECT_EQ(estimate.curve, two_segments().name());
  EXPECT_TRUE(estimate.remark.empty());
  EXPECT_EQ(two_segments().at(kibibytes(64)).segment, 0U);
  EXPECT_EQ(two_segments().at(kibibytes(128)).segment, 1U);
  EXPECT_FALSE(two_segments().at(kibibytes(128)).in_gap);
}

TEST(CostCurve, InterpolatesLogLogInAGap) {
  const CostCurve curve = two_segments();
  const Bytes middle{92682};  // 64 KiB * sqrt(2): halfway on the log scale
  const Estimate estimate = curve.at(middle);
  const double left = curve.segments[0].at(kibibytes(64)).count();
  const double right = curve.segments[1].at(kibibytes(128)).count();
  EXPECT_NEAR(estimate.value_s / std::sqrt(left * right), 1, 1e-5);
  EXPECT_TRUE(estimate.in_gap);
  EXPECT_FALSE(estimate.extrapolated);
  EXPECT_EQ(estimate.segment, 0U);
}

TEST(CostCurve, AGapIntervalHoldsBothSegmentsLaws) {
  const CostCurve curve = two_segments();
  const Bytes middle = kibibytes(90);
  const Estimate estimate = curve.at(middle);
  expect_ordered(estimate);
  EXPECT_LE(estimate.low_s, curve.segments[1].at(middle).count());
  EXPECT_GE(estimate.high_s, curve.segments[0].at(middle).count());
}

TEST(CostCurve, MarksWhatItExtrapolatesAndWidensWithDistance) {
  const CostCurve curve = over_launches();
  const Estimate edge = curve.at(gibibytes(1));
  const Estimate one_octave = curve.at(gibibytes(2));
  const Estimate two_octaves = curve.at(gibibytes(4));
  EXPECT_FALSE(edge.extrapolated);
  EXPECT_TRUE(two_octaves.extrapolated);
  EXPECT_EQ(two_octaves.remark, "payload 4 GiB is above the largest measured, 1 GiB");
  EXPECT_EQ(curve.at({4}).remark, "payload 4 B is below the smallest measured, 8 B");
  EXPECT_DOUBLE_EQ(two_octaves.value_s, 20e-6 + 4294967296e-11);
  const auto relative_width = [](const Estimate& e) { return (e.high_s - e.low_s) / e.value_s; };
  EXPECT_GT(relative_width(one_octave), relative_width(edge) + 0.09);
  EXPECT_GT(relative_width(two_octaves), relative_width(one_octave) + 0.09);
  expect_ordered(two_octaves);
  CostCurve poor = curve;
  poor.validation.leave_one_out.p95 = 0.5;
  EXPECT_GT(relative_width(poor.at(gibibytes(2))), 0.8);
  expect_ordered(curve.at({0}));
}

TEST(CostCurve, IntervalOverLaunchesIsStudentOnTheLogScale) {
  const Estimate estimate = over_launches().at({1000});
  const double logs[3] = {std::log(10e-6), std::log(11e-6), std::log(12e-6)};
  const Interval expected = mean_interval(logs);
  EXPECT_NEAR(std::log(estimate.low_s), expected.low, 1e-12);
  EXPECT_NEAR(std::log(estimate.high_s), expected.high, 1e-12);
  ASSERT_EQ(estimate.launches_s.size(), 3U);
  EXPECT_NEAR(estimate.launches_s[2], 12e-6, 1e-18);
  EXPECT_EQ(estimate.basis, IntervalBasis::launches);
}

TEST(CostCurve, EveryLaunchAnswersInAGap) {
  const CostCurve curve = over_launches();
  const Estimate estimate = curve.at(kibibytes(100));
  ASSERT_EQ(estimate.launches_s.size(), 3U);
  EXPECT_NEAR(estimate.launches_s[1], estimate.value_s, 1e-18);
  EXPECT_LT(estimate.launches_s[0], estimate.launches_s[1]);
  expect_ordered(estimate);
}

TEST(CostCurve, IntervalFromCovarianceUsesTheCorrelation) {
  CostCurve curve = two_segments();
  curve.segments[0].covariance_aa = 4e-14;
  curve.segments[0].covariance_ab = -1e-18;
  curve.segments[0].covariance_bb = 1e-22;
  const double m = 10000;
  const double deviation = std::sqrt(4e-14 - 2 * m * 1e-18 + m * m * 1e-22);
  const Estimate estimate = curve.at({10000});
  EXPECT_NEAR(std::log(estimate.high_s / estimate.value_s), 1.96 * deviation / estimate.value_s, 1e-9);
  EXPECT_NEAR(estimate.high_s / estimate.value_s, estimate.value_s / estimate.low_s, 1e-9);
}

TEST(CostCurve, AStatedRateAnswersBetweenItsEnds) {
  CostCurve curve = two_segments();
  curve.basis = IntervalBasis::line_rate;
  const Estimate estimate = curve.at({1000});
  EXPECT_NEAR(estimate.low_s, 0.9 * 11e-6, 1e-15);
  EXPECT_NEAR(estimate.high_s, 1.1 * 11e-6, 1e-15);
}

TEST(CostCurve, RefusesToAnswerWithoutData) {
  EXPECT_THROW(CostCurve{}.at({8}), Failure);
  CostCurve curve = two_segments();
  curve.basis = IntervalBasis::launches;
  EXPECT_THROW(curve.at({8}), Failure);
}

// ---- JSON ----

class CostFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("hockney_cost_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    file_ = folder_ / "model.cost.json";
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

  // The model with `from` replaced by `to` in its JSON must be refused with a message that holds all `words`.
  void expect_refused(const std::string& from, const std::string& to, const std::vector<std::string>& words) {
    std::string text = model().json();
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::ofstream(file_) << text;
    try {
      CostModel::read(file_);
      ADD_FAILURE() << to << " was accepted";
    } catch (const InputError& error) {
      for (const std::string& word : words) {
        EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what() << "\nwithout " << word;
      }
      EXPECT_NE(std::string(error.what()).find(file_.string()), std::string::npos) << error.what();
    }
  }

  static CostModel model() {
    CostModel model{"lab", "hockney 0.1.0 fit", {"campaign a, x.h5", "\"quoted\" µ"}, {over_launches()}};
    CostCurve& curve = model.curves[0];
    curve.shape.become(Operation::pipeline_forward);
    curve.shape.transport = TransportKind::nccl;
    curve.shape.fabric = Fabric::infiniband;
    curve.shape.group = {16, 8, 2, 4};
    curve.shape.element = Element::bfloat16;
    curve.shape.mode = Mode::graph;
    curve.shape.buffers = Buffers::symmetric_window;
    curve.shape.cache = Cache::rotate;
    curve.shape.in_place = true;
    curve.shape.set_micro_batches(12);
    curve.shape.operations_per_sample = 7;
    curve.shape.algorithm = "Ring";
    curve.shape.protocol = "LL128";
    curve.machine = "dgx[1-2]";
    curve.source = "somewhere";
    curve.statistic = Statistic::mean_over_ranks;
    curve.flags.set(Flag::simulated);
    curve.flags.set(Flag::oversubscribed);
    curve.segments_capped = true;
    curve.points = {{{8}, 1.0 / 3, 0.1 + 0.2}, {gibibytes(16), std::nextafter(1.0, 2), 5e-324}};
    curve.segments[0].alpha_s = 4.000000000000001e-6;
    curve.segments[0].covariance_aa = 1.0 / 7;
    curve.segments[0].covariance_ab = -1.0 / 11;
    curve.segments[0].covariance_bb = 1.0 / 13;
    curve.segments[0].residual_median = std::numeric_limits<double>::min();
    curve.segments[0].residual_max = 1.0 / 9;
    curve.segments[1].launches[2].beta_s_per_byte = 0.1 / 3;
    model.line_rates = {{Fabric::tcp, {1e9 / 3}, Seconds{1e-4 / 7}, "dgx[1-2]", "a data sheet"},
                        {Fabric::infiniband, {24e9}, Seconds{1e-5}, "dgx[1-2]", "a page"},
                        {Fabric::nvswitch, {300e9}, Seconds{1e-6}, "dgx[1-2]", "a data sheet"}};
    curve.points[0].label = "Ring/LL/2";
    curve.borders = {{kibibytes(64), kibibytes(128), true, false, kibibytes(32), kibibytes(256)}};
    curve.k_stability = 0.93;
    curve.resamples = 100;
    curve.validation.in_sample = {0.01, 0.02, 31};
    curve.validation.leave_one_out = {0.03, 0.04, 29};
    curve.validation.inside_segment = {0.05, 0.06, 20};
    curve.validation.off_grid = {0.07, 0.08, 5};
    curve.validation.held_out = 29;
    return model;
  }

  fs::path folder_;
  fs::path file_;
};

TEST_F(CostFile, ReadsBackToTheLastBit) {
  const CostModel written = model();
  written.write(file_);
  const CostModel read = CostModel::read(file_);
  EXPECT_EQ(read.json(), written.json());
  ASSERT_EQ(read.line_rates.size(), 3U);
  EXPECT_EQ(read.line_rates[0].latency.count(), 1e-4 / 7);
  EXPECT_EQ(read.line_rate_between_nodes()->fabric, Fabric::infiniband);
  EXPECT_EQ(read.name, written.name);
  EXPECT_EQ(read.created_by, written.created_by);
  EXPECT_EQ(read.sources, written.sources);
  const CostCurve& a = written.curves[0];
  const CostCurve& b = read.curves.at(0);
  EXPECT_EQ(b.shape, a.shape);
  EXPECT_EQ(b.basis, a.basis);
  EXPECT_EQ(b.launches, a.launches);
  EXPECT_EQ(b.statistic, a.statistic);
  EXPECT_EQ(b.flags, a.flags);
  EXPECT_EQ(b.machine, a.machine);
  EXPECT_EQ(b.source, a.source);
  EXPECT_EQ(b.segments_capped, a.segments_capped);
  EXPECT_EQ(b.points[1].payload, a.points[1].payload);
  EXPECT_EQ(b.points[0].time_s, a.points[0].time_s);
  EXPECT_EQ(b.points[1].time_s, a.points[1].time_s);
  EXPECT_EQ(b.points[1].relative_error, 5e-324);
  EXPECT_EQ(b.segments[0].alpha_s, a.segments[0].alpha_s);
  EXPECT_EQ(b.segments[0].covariance_aa, a.segments[0].covariance_aa);
  EXPECT_EQ(b.segments[0].covariance_ab, a.segments[0].covariance_ab);
  EXPECT_EQ(b.segments[0].covariance_bb, a.segments[0].covariance_bb);
  EXPECT_EQ(b.segments[0].alpha_interval_s.low, a.segments[0].alpha_interval_s.low);
  EXPECT_EQ(b.segments[0].beta_interval_s_per_byte.high, a.segments[0].beta_interval_s_per_byte.high);
  EXPECT_EQ(b.segments[0].residual_max, a.segments[0].residual_max);
  EXPECT_EQ(b.segments[1].to, a.segments[1].to);
  EXPECT_EQ(b.segments[1].launches[2].beta_s_per_byte, a.segments[1].launches[2].beta_s_per_byte);
  EXPECT_EQ(b.validation.held_out, 29U);
  EXPECT_EQ(b.validation.off_grid.p95, 0.08);
  EXPECT_EQ(b.validation.inside_segment.count, 20U);
  EXPECT_EQ(b.points[0].label, "Ring/LL/2");
  EXPECT_EQ(b.borders.at(0).latest, kibibytes(256));
  EXPECT_TRUE(b.borders[0].forced);
  EXPECT_EQ(b.k_stability, 0.93);
  EXPECT_EQ(b.at(kibibytes(100)).high_s, a.at(kibibytes(100)).high_s);
}

TEST_F(CostFile, LeavesNoTemporaryFileAndReplacesTheOldOne) {
  std::ofstream(file_) << "old";
  model().write(file_);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
  EXPECT_EQ(text_of(file_), model().json());
}

TEST_F(CostFile, UnwritablePlacesAreInputErrors) {
  EXPECT_THROW(model().write(folder_ / "no" / "such" / "folder.json"), InputError);
  EXPECT_THROW(model().write(folder_), InputError) << "a folder stands there";
  for (const auto& entry : fs::directory_iterator(folder_.parent_path())) {
    EXPECT_EQ(entry.path().string().find(folder_.string() + ".tmp"), std::string::npos) << "left behind";
  }
}

TEST_F(CostFile, RefusesNumbersThatJsonCannotHold) {
  CostModel bad = model();
  bad.curves[0].points[0].time_s = std::numeric_limits<double>::infinity();
  EXPECT_THROW(bad.write(file_), Failure);
  EXPECT_FALSE(fs::exists(file_));
}

TEST_F(CostFile, RefusesUnknownKeysNamingTheNearest) {
  expect_refused("\"alpha_s\"", "\"alpha\"", {"curves[0].segments[0].alpha_s", "is missing"});
  expect_refused("\"name\": \"lab\"", "\"name\": \"lab\", \"create_by\": \"x\"",
                 {"'create_by'", "did you mean 'created_by'"});
  expect_refused("\"points\": 5", "\"points\": 5, \"point\": 0",
                 {"curves[0].segments[0].point", "did you mean 'points'"});
  expect_refused("\"ranks\": 16", "\"ranks\": 16, \"strid\": 0", {"curves[0].shape.group.strid", "'stride'"});
}

TEST_F(CostFile, RefusesLineRatesThatSayTheyWereMeasured) {
  expect_refused("\"basis\": \"line_rate\"", "\"basis\": \"launches\"", {"line_rates[0].basis", "'line_rate'"});
  expect_refused("\"bandwidth_bytes_per_s\": 24000000000.0", "\"bandwidth_bytes_per_s\": 0",
                 {"line_rates[1].bandwidth_bytes_per_s", "above 0"});
}

TEST_F(CostFile, RefusesOtherSchemasAndMajorVersions) {
  expect_refused("hockney cost model", "hockney plan", {"'schema'", "hockney plan"});
  expect_refused("\"version\": \"1.4.0\"", "\"version\": \"2.0.0\"", {"'version'", "2.0.0"});
  expect_refused("\"version\": \"1.4.0\"", "\"version\": \"10.0.0\"", {"'version'", "10.0.0"});
}

// Takes out of a model what versions from 1.2 on brought.
void make_version_1_1(nlohmann::ordered_json& json) {
  json["version"] = "1.1.0";
  EXPECT_EQ(json.erase("line_rates"), 1U);
  for (auto& curve : json["curves"]) {
    EXPECT_EQ(curve["shape"].erase("software"), 1U);
    EXPECT_EQ(curve["shape"].erase("native"), 1U);
    EXPECT_EQ(curve["shape"]["group"].erase("first_slot"), 1U);
    for (auto& point : curve["points"]) {
      point.erase("label");
    }
    for (const auto* key : {"borders", "k_stability_fraction", "resamples"}) {
      EXPECT_EQ(curve.erase(key), 1U) << key;
    }
    auto& validation = curve["validation"];
    for (const auto* key : {"least_squares_in_sample", "inside_segment", "at_switch", "segments", "least_squares",
                            "leave_one_launch_out", "off_grid"}) {
      EXPECT_EQ(validation.erase(key), 1U) << key;
    }
    for (auto& errors : validation) {
      if (errors.is_object()) {
        errors.erase("count");
      }
    }
  }
}

TEST_F(CostFile, ReadsModelsOfVersion1Point1) {
  auto json = nlohmann::ordered_json::parse(model().json());
  make_version_1_1(json);
  std::ofstream(file_) << json;
  const CostCurve curve = CostModel::read(file_).curves.at(0);
  EXPECT_EQ(curve.validation.leave_one_out.p95, 0.04);
  EXPECT_EQ(curve.validation.segments.p95, 0.04) << "what the curve answered then";
  EXPECT_EQ(curve.points[0].label, "");
  ASSERT_EQ(curve.borders.size(), 1U);
  EXPECT_EQ(curve.borders[0].after, kibibytes(64));
  EXPECT_EQ(curve.resamples, 0U);
  json["version"] = "1.2.0";
  std::ofstream(file_) << json;
  EXPECT_THROW(CostModel::read(file_), InputError);
}

TEST_F(CostFile, PassesOverTheLawsOverRanksOfEarlierPrograms) {
  auto json = nlohmann::ordered_json::parse(model().json());
  json["group_laws"] = nlohmann::ordered_json::array({{{"name", "all_reduce"}, {"regimes", {1, 2}}}});
  std::ofstream(file_) << json;
  EXPECT_EQ(CostModel::read(file_).json(), model().json());
}

TEST_F(CostFile, ReadsModelsOfVersion1Point0WithTheDefaultsOfWhatTheyLack) {
  auto json = nlohmann::ordered_json::parse(model().json());
  make_version_1_1(json);
  json["version"] = "1.0.0";
  CostModel old = model();
  Case& shape = old.curves[0].shape;
  shape.buffers = Buffers::plain;
  shape.cache = Cache::hot;
  old.line_rates = {};
  for (const auto* key : {"reduction", "buffers", "cache", "routing_skew", "routing_matrix"}) {
    for (auto& curve : json["curves"]) {
      EXPECT_EQ(curve["shape"].erase(key), 1U) << key;
      curve["name"] = old.curves[0].name();
    }
  }
  std::ofstream(file_) << json;
  EXPECT_EQ(CostModel::read(file_).curves.at(0).name(), old.curves[0].name());
  json["version"] = "1.1.0";
  std::ofstream(file_) << json;
  EXPECT_THROW(CostModel::read(file_), InputError);
}

TEST_F(CostFile, RefusesValuesThatCannotBe) {
  expect_refused("\"alpha_low_s\": 9", "\"alpha_low_s\": -9", {"alpha_low_s", "not below 0"});
  expect_refused("\"from_bytes\": 131072", "\"from_bytes\": 65536", {"segments", "do not overlap"});
  expect_refused("\"from_bytes\": 8", "\"from_bytes\": 8.5", {"from_bytes", "whole number"});
  expect_refused("\"from_bytes\": 8", "\"from_bytes\": -8", {"from_bytes", "whole number"});
  expect_refused("\"fabric\": \"infiniband\"", "\"fabric\": \"infinband\"",
                 {"shape.fabric", "did you mean 'infiniband'"});
  expect_refused("\"in_place\": true", "\"in_place\": 1", {"in_place", "true or false"});
  expect_refused("\"simulated\"", "\"simulate\"", {"curves[0].flags", "did you mean 'simulated'"});
  expect_refused("\"interval_basis\": \"launches\"", "\"interval_basis\": \"guess\"", {"interval_basis"});
  expect_refused("\"concurrent\": 4", "\"concurrent\": 5", {"curves[0].name"});
  expect_refused("\"launches\": 3", "\"launches\": 0", {"launches", "1 or more"});
  expect_refused("\"covariance_beta_beta_s2_per_byte2\": 0.07", "\"covariance_beta_beta_s2_per_byte2\": 0.00",
                 {"covariance_alpha_beta_s2_per_byte", "two variances"});
  expect_refused("{", "{{", {"not JSON"});
  expect_refused("\"launches\": 3", "\"launches\": \"3\"", {"launches", "whole number"});
}

TEST_F(CostFile, ReplacesNothingButRegularFiles) {
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THROW(model().write(pipe), InputError);
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST_F(CostFile, RefusesFilesThatCannotBeRead) {
  EXPECT_THROW(CostModel::read(folder_ / "none.json"), InputError);
  EXPECT_THROW(CostModel::read(folder_), InputError);
}

}  // namespace
}  // namespace hockney::cost
