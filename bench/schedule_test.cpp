#include "schedule.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "base/error.hpp"

namespace hockney::bench {
namespace {

const NameFilter everything({});

std::vector<Case> curves_and_a_step() {
  std::vector<Case> cases(4);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    cases[i].payload = Bytes{std::uint64_t{8} << i};
  }
  cases[1].become(Operation::step_replay);
  return cases;
}

std::vector<std::string> names_in(const Schedule& schedule) {
  std::vector<std::string> names;
  for (const Visit& visit : schedule.visits()) {
    names.push_back(schedule.name(visit));
  }
  return names;
}

TEST(Schedule, VisitsEveryPointOncePerPass) {
  const auto cases = curves_and_a_step();
  const auto names = names_in(Schedule(cases, 3, 1, everything));
  EXPECT_EQ(names.size(), 12U);
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), 12U);
}

TEST(Schedule, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const std::vector<Case> cases = [] {
    std::vector<Case> many(20);
    for (std::size_t i = 0; i < many.size(); ++i) {
      many[i].payload = Bytes{8 * (i + 1)};
    }
    return many;
  }();
  EXPECT_EQ(names_in(Schedule(cases, 2, 7, everything)), names_in(Schedule(cases, 2, 7, everything)));
  EXPECT_NE(names_in(Schedule(cases, 2, 7, everything)), names_in(Schedule(cases, 2, 8, everything)));
}

TEST(Schedule, MeasuresTheCurvesOfAPassBeforeItsSteps) {
  const auto cases = curves_and_a_step();
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    const Schedule schedule(cases, 2, seed, everything);
    EXPECT_TRUE(schedule.has_curves_and_steps());
    std::vector<bool> steps;
    for (const Visit& visit : schedule.visits()) {
      steps.push_back(schedule.is_step(visit));
    }
    EXPECT_EQ(steps, (std::vector<bool>{false, false, false, true, false, false, false, true}));
  }
}

TEST(Schedule, KeepsTheOrderOfWhatTheFilterAdmits) {
  const auto cases = curves_and_a_step();
  const Schedule whole(cases, 2, 7, everything);
  const Schedule filtered(cases, 2, 7, NameFilter({"--benchmark_filter=payload:(8B|64B)/"}));
  std::vector<std::string> expected = names_in(whole);
  std::erase_if(expected, [](const std::string& name) {
    return name.find("payload:8B/") == std::string::npos && name.find("payload:64B/") == std::string::npos;
  });
  EXPECT_EQ(names_in(filtered), expected);
  EXPECT_EQ(expected.size(), 4U);
  EXPECT_FALSE(filtered.has_curves_and_steps());
}

TEST(Schedule, LeavesOutWhatIsFinishedAndStillKnowsBothParts) {
  const auto cases = curves_and_a_step();
  Schedule schedule(cases, 1, 7, everything);
  const std::string step = schedule.name(schedule.visits().back());
  schedule.leave_out("1110");
  EXPECT_EQ(names_in(schedule), std::vector<std::string>{step});
  EXPECT_TRUE(schedule.has_curves_and_steps());
  EXPECT_THROW(schedule.leave_out("1110"), Failure) << "marks of another schedule";
}

}  // namespace
}  // namespace hockney::bench
