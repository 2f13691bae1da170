#include "views/report/report.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "fit/simulated_machine.hpp"
#include "views/report/curve_charts.hpp"
#include "views/report/marks.hpp"
#include "views/report/sample_figures.hpp"

namespace hockney::views {
namespace {

ReportedCampaign campaign_of(const std::string& name, std::vector<Launch> launches) {
  fit::FitOptions options;
  options.admitted = cost::no_network_constant;
  fit::CampaignFit fit = fit::fit_campaign(launches, options);
  return {.name = name, .launches = std::move(launches), .fit = std::move(fit)};
}

Report report_of(std::vector<Launch> launches) {
  Report report{.title = "title", .producer = "hockney test", .campaigns = {}};
  report.campaigns.push_back(campaign_of("c", std::move(launches)));
  return report;
}

fit::SimulatedMachine a_machine(Flags flags = {}) {
  fit::SimulatedMachine machine{
      .launch_effect = 0.02, .samples = 30, .payloads = fit::SimulatedMachine::octaves(10, 24)};
  machine.flags = flags;
  return machine;
}

Flags flag(Flag each) { return {static_cast<std::uint32_t>(each)}; }

template <class Picture>
std::vector<Picture> pictures(const render::Page& page) {
  std::vector<Picture> found;
  for (const render::Section& section : page.sections) {
    for (const render::Block& block : section.blocks) {
      if (const auto* picture = std::get_if<Picture>(&block)) {
        found.push_back(*picture);
      }
    }
  }
  return found;
}

const render::Section* section_of(const render::Page& page, std::string_view id) {
  const auto found = std::find_if(page.sections.begin(), page.sections.end(),
                                  [&](const render::Section& section) { return section.id == id; });
  return found == page.sections.end() ? nullptr : &*found;
}

TEST(Report, EveryFigureOfDataThatIsNoMeasurementSaysSo) {
  for (const auto& [each, word] :
       {std::pair{Flag::simulated, "SIMULATED:"}, std::pair{Flag::emulated, "EMULATED:"},
        std::pair{Flag::shared_gpu, "SHARED GPU:"}, std::pair{Flag::oversubscribed, "OVERSUBSCRIBED:"}}) {
    const render::Page page = report_page(report_of(a_machine(flag(each)).run_several(2, 1)));
    const auto charts = pictures<render::ChartGroup>(page);
    ASSERT_GE(charts.size(), 3U);
    for (const render::ChartGroup& chart : charts) {
      ASSERT_FALSE(chart.remarks.empty()) << chart.title;
      EXPECT_TRUE(chart.remarks.front().starts_with(word)) << chart.title;
    }
    EXPECT_TRUE(page.remarks.front().starts_with(word));
  }
}

TEST(Report, MeasurementsCarryNoMarks) {
  const render::Page page = report_page(report_of(a_machine().run_several(2, 1)));
  for (const render::ChartGroup& chart : pictures<render::ChartGroup>(page)) {
    EXPECT_TRUE(chart.remarks.empty()) << chart.title;
  }
  EXPECT_TRUE(page.remarks.empty());
}

TEST(Report, PointsThatAreNotToBeUsedAreDrawnApartAndMarked) {
  std::vector<Launch> launches = a_machine().run_several(2, 1);
  launches[0].measurements[3].flags.set(Flag::void_fabric);
  const render::Page page = report_page(report_of(launches));
  const render::ChartGroup curves = pictures<render::ChartGroup>(page).front();
  ASSERT_FALSE(curves.remarks.empty());
  EXPECT_TRUE(curves.remarks.front().starts_with("VOID POINTS:"));
  const auto& series = curves.panels.front().series;
  const auto voids = std::find_if(series.begin(), series.end(),
                                  [](const render::Series& each) { return each.name.starts_with("VOID"); });
  ASSERT_NE(voids, series.end());
  EXPECT_EQ(voids->x, std::vector<double>{8192});
  EXPECT_EQ(page.headline.health, render::Health::doubtful);
}

TEST(Report, WrongResultsAreNotHealthy) {
  std::vector<Launch> launches = a_machine().run_several(1, 1);
  launches[0].info.finalised = true;
  EXPECT_EQ(report_page(report_of(launches)).headline.health, render::Health::unknown) << "nothing was scanned";
  launches[0].measurements[0].flags.set(Flag::wrong_result);
  EXPECT_EQ(report_page(report_of(launches)).headline.health, render::Health::bad);
}

TEST(Report, TellsFiveNumbersAtMostAndTheirIntervals) {
  const render::Page page = report_page(report_of(a_machine().run_several(3, 1)));
  ASSERT_EQ(page.headline.numbers.size(), 3U);  // nothing between nodes, no prediction
  const render::KeyNumber& rate = page.headline.numbers.front();
  EXPECT_EQ(rate.label, "best bus bandwidth inside a node");
  EXPECT_NE(rate.remark.find("16 MiB"), std::string::npos) << rate.remark;
  EXPECT_NE(rate.remark.find("95 %:"), std::string::npos) << rate.remark;
  EXPECT_NEAR(std::stod(rate.value), 16777216 / (4e-6 + 16777216 / 180e9) / 1e9, 180 * 0.05);
  EXPECT_EQ(page.headline.numbers.back().label, "launches differ by");
}

TEST(Report, BandsOfTwoLaunchesAreStudents) {
  constexpr double student_of_two = 12.706;
  const Report report = report_of(a_machine().run_several(2, 1));
  const cost::CurvePoint& point = report.campaigns[0].fit.model.curves.at(0).points.at(0);
  const double own = std::sqrt(point.relative_error * point.relative_error - 1e-4);  // without the 1 % of lines
  const render::Series band = pictures<render::ChartGroup>(report_page(report)).front().panels.front().series.front();
  EXPECT_NEAR(std::log(band.high[0] / band.y[0]), std::hypot(student_of_two * own, 1.96 * 0.01), 1e-4);
  EXPECT_NEAR(std::log(band.y[0] / band.low[0]), std::hypot(student_of_two * own, 1.96 * 0.01), 1e-4);
}

TEST(Report, OneLaunchSaysThatItDoesNotKnowTheNext) {
  const render::Page page = report_page(report_of(a_machine().run_several(1, 1)));
  EXPECT_EQ(page.headline.numbers.back().value, "not known");
}

TEST(Report, SectionsWithNothingToShowAreLeftOut) {
  const render::Page page = report_page(report_of(a_machine().run_several(2, 1)));
  EXPECT_NE(section_of(page, "curves"), nullptr);
  EXPECT_NE(section_of(page, "samples"), nullptr);
  EXPECT_NE(section_of(page, "caveats"), nullptr);
  EXPECT_EQ(section_of(page, "load"), nullptr);
  EXPECT_EQ(section_of(page, "pairs"), nullptr);
  EXPECT_EQ(section_of(page, "overhead"), nullptr);
}

TEST(LoadCharts, DivideTheTimeUnderLoadByThatOfTheSameGroupAlone) {
  std::vector<Launch> launches = a_machine().run_several(1, 1);
  launches[0].info.machine = "m";
  std::vector<Measurement> loaded = launches[0].measurements;
  for (Measurement& visit : loaded) {
    visit.point.group.concurrent = 4;
    std::for_each(visit.elapsed.begin(), visit.elapsed.end(), [](double& time) { time *= 3; });
  }
  launches[0].measurements.insert(launches[0].measurements.end(), loaded.begin(), loaded.end());
  const ReportedCampaign campaign = campaign_of("c", std::move(launches));
  std::vector<CampaignCurve> curves;
  for (const cost::CostCurve& curve : campaign.fit.model.curves) {
    curves.push_back({&curve, "c"});
  }
  const render::ChartGroup group = load_charts(curves);
  ASSERT_EQ(group.panels.size(), 1U);
  ASSERT_EQ(group.panels.front().series.size(), 1U);
  const render::Series& series = group.panels.front().series.front();
  ASSERT_EQ(series.y.size(), 15U);
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    EXPECT_NEAR(series.y[i], 3, 1e-9);
    EXPECT_LT(series.low[i], 3);
    EXPECT_GT(series.high[i], 3);
  }
}

TEST(SampleFigures, FindTheOutlierAndTheRankThatWasSlowest) {
  std::vector<Launch> launches = a_machine().run_several(1, 1);
  for (int rank = 0; rank < 2; ++rank) {
    launches[0].placements.push_back(
        {.rank = rank, .host = "host-" + std::to_string(rank), .local_rank = 0, .gpu = {}});
  }
  Measurement& visit = launches[0].measurements[5];
  visit.point.group = {.ranks = 2, .ranks_per_node = 1};
  visit.point.fabric = Fabric::tcp;
  visit.rank_columns = 2;
  visit.elapsed.clear();
  for (int i = 0; i < 30; ++i) {
    const double noise = 1 + 0.001 * (i % 7);
    visit.elapsed.insert(visit.elapsed.end(), {1e-3 * noise, (i == 11 ? 5e-2 : 1e-3) * noise * 1.002});
  }
  const std::vector<render::Block> blocks = sample_figures(launches);
  const auto foldout = std::find_if(blocks.begin(), blocks.end(), [](const render::Block& block) {
    return std::holds_alternative<render::Foldout>(block);
  });
  ASSERT_NE(foldout, blocks.end());
  const auto& worst = std::get<render::Foldout>(*foldout).tables.front().rows.front();
  EXPECT_EQ(std::get<std::int64_t>(worst[3].value()), 12);
  EXPECT_EQ(std::get<std::string>(worst[5].value()), "1 on host-1");
}

TEST(SampleFigures, ImportedTablesHaveNone) {
  fit::SimulatedMachine machine = a_machine();
  machine.samples = 1;
  EXPECT_TRUE(sample_figures(machine.run_several(1, 1)).empty());
}

}  // namespace
}  // namespace hockney::views
