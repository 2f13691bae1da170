#include "views/brief_costs.hpp"

#include <gtest/gtest.h>

#include "record/stated_ports.hpp"

namespace hockney::views {
namespace {

cost::CostCurve curve_over(Fabric fabric, Group group, double rate) {
  cost::CostCurve curve;
  curve.machine = "dgx-a100";
  curve.shape.become(Operation::all_gather);
  curve.shape.fabric = fabric;
  curve.shape.group = group;
  cost::AlphaBeta small;
  small.from = kibibytes(1);
  small.to = kibibytes(64);
  small.alpha_s = 20e-6;
  small.alpha_interval_s = {19e-6, 21e-6};
  small.beta_s_per_byte = 1e-10;
  cost::AlphaBeta large = small;
  large.from = mebibytes(1);
  large.to = mebibytes(512);
  large.beta_s_per_byte = 1 / rate;
  large.beta_interval_s_per_byte = {1 / (1.1 * rate), 1 / (0.9 * rate)};
  curve.segments = {small, large};
  return curve;
}

platform::Platform dgx() {
  platform::Platform platform;
  platform.title = "NVIDIA DGX A100";
  platform.gpus_per_node = 8;
  platform.inner_fabric = Fabric::nvswitch;
  platform.inner_rate = {300e9};
  platform.outer_fabric = Fabric::infiniband;
  platform.nics_per_node = 8;
  platform.nic_rate = {25e9};
  return platform;
}

std::vector<Launch> launches(bool with_ports) {
  std::vector<Launch> launches(1);
  launches[0].info.machine = "dgx-a100";
  if (with_ports) {
    state(launches[0].provenance, {Fabric::infiniband, 4, {25e9}});
  }
  return launches;
}

double share_in(const render::View& view, std::size_t row) {
  const render::Table& table = view.tables.front();
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    if (table.columns[column].key == "share_of_line_rate") {
      return std::get<double>(table.rows.at(row).at(column).value());
    }
  }
  throw std::logic_error("no share");
}

cost::CostModel model() {
  cost::CostModel model;
  model.curves = {curve_over(Fabric::nvswitch, {.ranks = 8, .ranks_per_node = 8}, 240e9),
                  curve_over(Fabric::infiniband, {.ranks = 16, .ranks_per_node = 8}, 160e9)};
  return model;
}

TEST(BriefCosts, ShareIsBusbwOfLargeMessagesOverWhatTheLinksCarry) {
  const LineRates rates(launches(false), [](const std::string&) { return std::optional(dgx()); });
  const render::View view = brief_costs(model(), rates);
  EXPECT_DOUBLE_EQ(share_in(view, 0), 240.0 * 7 / 8 / 300);
  EXPECT_DOUBLE_EQ(share_in(view, 1), 160.0 * 15 / 16 / 200);
  const std::string text = to_text(view);
  EXPECT_NE(text.find("19.0 .. 21.0"), std::string::npos) << text;
  EXPECT_NE(text.find("216 .. 264"), std::string::npos) << text;
  EXPECT_NE(text.find("line rate of dgx-a100: NVIDIA DGX A100"), std::string::npos) << text;
}

TEST(BriefCosts, PortsThatALaunchSawAreBetterThanACatalogue) {
  const LineRates rates(launches(true), [](const std::string&) { return std::optional(dgx()); });
  const render::View view = brief_costs(model(), rates);
  EXPECT_DOUBLE_EQ(share_in(view, 0), 240.0 * 7 / 8 / 300);
  EXPECT_DOUBLE_EQ(share_in(view, 1), 160.0 * 15 / 16 / 100);
  EXPECT_NE(to_text(view).find("the ports that the launch saw, 4 x 25 GB/s (infiniband)"), std::string::npos)
      << to_text(view);
}

TEST(BriefCosts, LaunchesThatSawOtherPortsAreTold) {
  std::vector<Launch> differ = launches(false);
  for (const std::uint32_t ports : {4U, 3U, 4U}) {
    differ.push_back(launches(false).front());
    state(differ.back().provenance, {Fabric::infiniband, ports, {25e9}});
  }
  const LineRates rates(differ, [](const std::string&) { return std::optional(dgx()); });
  ASSERT_EQ(rates.sources().size(), 1U);
  EXPECT_EQ(rates.sources().front(),
            "line rate of dgx-a100: NVIDIA DGX A100; between nodes the ports that the first launch saw, 4 x 25 GB/s "
            "(infiniband); LAUNCHES DIFFER, others saw 3 x 25 GB/s (infiniband): their shares are not of their own "
            "ports");
  EXPECT_DOUBLE_EQ(share_in(brief_costs(model(), rates), 1), 160.0 * 15 / 16 / 100) << "the first launch saw none";
}

TEST(BriefCosts, FootnotesSayWhatIntervalsRestOn) {
  cost::CostModel two = model();
  two.curves[1].basis = cost::IntervalBasis::launches;
  two.curves[1].launches = 3;
  const render::View view = brief_costs(two, LineRates({}, nullptr));
  const std::string text = to_text(view);
  EXPECT_NE(text.find("[1] interval basis: within-launch only (1 launch)"), std::string::npos) << text;
  EXPECT_NE(text.find("[2] interval basis: 95 % Student t over 3 launches"), std::string::npos) << text;
  EXPECT_NE(to_json(view).find("\"basis\": \"launches\""), std::string::npos);
}

TEST(BriefCosts, ABetaOfZeroHasNoRate) {
  cost::CostModel flat = model();
  cost::AlphaBeta& last = flat.curves[0].segments.back();
  last.beta_s_per_byte = 0;
  last.beta_interval_s_per_byte = {0, 1e-12};
  const LineRates rates(launches(false), [](const std::string&) { return std::optional(dgx()); });
  const render::View view = brief_costs(flat, rates);
  const std::string text = to_text(view);
  EXPECT_EQ(text.find("inf "), std::string::npos) << text;
  EXPECT_NE(text.find("above 1000"), std::string::npos) << text;
  EXPECT_NE(to_json(view).find("\"rate_bytes_per_s\": null"), std::string::npos);
  EXPECT_NE(to_json(view).find("\"share_of_line_rate\": null"), std::string::npos);
}

TEST(BriefCosts, SayHowToNameAPlatformWhereNoneIsKnown) {
  const LineRates rates(launches(false), [](const std::string&) { return std::optional<platform::Platform>(); });
  EXPECT_NE(to_text(brief_costs(model(), rates)).find("line rate: not known"), std::string::npos);
}

}  // namespace
}  // namespace hockney::views
