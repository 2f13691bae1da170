#include "views/interference.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "fit/simulated_machine.hpp"
#include "fit/text_matching.hpp"
#include "views/launches.hpp"

namespace hockney::views {
namespace {

/// Every point alone, and with four groups at once, `slowdown` times as long, in each launch by a share more.
std::vector<Launch> launches_with(std::size_t count, double slowdown, double each_more = 1e-3) {
  const fit::SimulatedMachine machine{.launch_effect = 0.1, .samples = 9, .payloads = {kibibytes(1), mebibytes(1)}};
  std::vector<Launch> launches = machine.run_several(count, 7);
  for (Launch& launch : launches) {
    for (Measurement visit : std::vector(launch.measurements)) {
      visit.point.group.concurrent = 4;
      for (double& elapsed : visit.elapsed) {
        elapsed *= slowdown;
      }
      launch.measurements.push_back(std::move(visit));
    }
    slowdown *= 1 + each_more;
  }
  return launches;
}

std::vector<render::Table> tables_of(const std::vector<Launch>& launches) {
  const std::vector<PointOfLaunch> points = points_of(launches);
  return interference(points);
}

double number(const render::Table& table, std::size_t row, std::string_view key) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].key == key) {
      const double* const value = std::get_if<double>(&table.rows.at(row).at(i).value());
      return value == nullptr ? std::nan("") : *value;
    }
  }
  return std::nan("");
}

TEST(Interference, LaunchesThatMeasuredBothAreComparedWithThemselves) {
  const auto tables = tables_of(launches_with(3, 1.7));
  ASSERT_EQ(tables.size(), 2U);
  ASSERT_EQ(tables[1].rows.size(), 2U) << "a row per payload";
  for (const std::size_t row : {0U, 1U}) {
    EXPECT_NEAR(number(tables[1], row, "ratio"), 1.7, 0.01);
    EXPECT_NEAR(number(tables[1], row, "ratio_lo"), 1.7, 0.01) << "launches differ by 10 %, and so do both sides";
    EXPECT_NEAR(number(tables[1], row, "ratio_hi"), 1.7, 0.01);
  }
  EXPECT_TRUE(tables[1].remarks.empty());
}

TEST(Interference, LaunchesThatMeasuredOneEachHaveAWideInterval) {
  std::vector<Launch> launches = launches_with(6, 1.7);
  for (std::size_t i = 0; i < launches.size(); ++i) {
    std::erase_if(launches[i].measurements,
                  [i](const Measurement& visit) { return (visit.point.group.concurrent > 1) == (i % 2 == 0); });
  }
  const auto tables = tables_of(launches);
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_LT(number(tables[1], 0, "ratio_lo"), 0.9 * number(tables[1], 0, "ratio"));
  EXPECT_GT(number(tables[1], 0, "ratio_hi"), 1.1 * number(tables[1], 0, "ratio"));
}

TEST(Interference, OneLaunchGivesARatioAndSaysWhatItCannotKnow) {
  const std::vector<Launch> launches = launches_with(1, 1.7);
  const auto tables = tables_of(launches);
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_NEAR(number(tables[1], 0, "ratio"), 1.7, 1e-9);
  EXPECT_TRUE(std::isnan(number(tables[1], 0, "ratio_lo")));
  const render::View view = views::launches(launches, false);
  EXPECT_TRUE(fit::holds_text(to_text(view), "no interval: it takes two launches"));
  EXPECT_TRUE(fit::holds_text(to_json(view), "\"ratio_lo\": null"));
  EXPECT_TRUE(fit::holds_text(to_csv(view, "interference"), "payload_bytes"));
}

TEST(Interference, LaunchesThatAgreeToTheLastDigitAreNoProof) {
  const auto tables = tables_of(launches_with(3, 2, 0));
  EXPECT_NEAR(number(tables.at(1), 0, "ratio"), 2, 1e-9);
  EXPECT_TRUE(std::isnan(number(tables[1], 0, "ratio_lo")));
}

TEST(Interference, WhatWasNotMeasuredAloneIsNamed) {
  std::vector<Launch> launches = launches_with(2, 1.7);
  for (Launch& launch : launches) {
    for (Measurement& visit : launch.measurements) {
      visit.point.in_place = visit.point.group.concurrent > 1;
    }
  }
  const auto tables = tables_of(launches);
  ASSERT_EQ(tables.size(), 1U);
  ASSERT_EQ(tables[0].remarks.size(), 1U);
  EXPECT_TRUE(fit::holds_text(tables[0].remarks[0], "one group alone was not measured: all_reduce/"));
}

TEST(Interference, ResultsThatAreWrongDoNotCount) {
  std::vector<Launch> launches = launches_with(2, 1.7);
  for (Measurement& visit : launches[1].measurements) {
    visit.flags.set(Flag::wrong_result);
  }
  EXPECT_TRUE(std::isnan(number(tables_of(launches).at(1), 0, "ratio_lo"))) << "one launch is left";
}

// A pair on two nodes with one rank each has the stride 1; with eight ranks per node, eight pairs have the stride 8.
TEST(Interference, OneRankPerNodeIsAloneWhateverTheStride) {
  std::vector<Launch> launches = launches_with(2, 1.7);
  for (Launch& launch : launches) {
    for (Measurement& visit : launch.measurements) {
      Group& group = visit.point.group;
      group.ranks_per_node = 1;
      group.stride = group.concurrent > 1 ? 8 : 1;
    }
  }
  EXPECT_EQ(tables_of(launches).size(), 2U);
}

}  // namespace
}  // namespace hockney::views
