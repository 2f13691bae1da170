#include "record/usable.hpp"

#include <cmath>
#include <gtest/gtest.h>

namespace hockney::inline record {
namespace {

Measurement good_visit() {
  Measurement visit;
  visit.point.fabric = Fabric::nvswitch;
  visit.rank_columns = 2;
  visit.elapsed = {1e-6, 2e-6};
  visit.verification = Verification::passed;
  return visit;
}

Measurement flagged(Flag flag) {
  Measurement visit = good_visit();
  visit.flags.set(flag);
  return visit;
}

std::string reason(const Measurement& visit) {
  const Usability answer = usable(visit);
  EXPECT_EQ(static_cast<bool>(answer), answer.reason.empty());
  return answer.reason;
}

TEST(Usable, AVisitWithTimesCountsWhetherItsDataWereCheckedOrNot) {
  Measurement visit = good_visit();
  EXPECT_EQ(reason(visit), "");
  visit.verification = Verification::not_checked;
  EXPECT_EQ(reason(visit), "");
}

TEST(Usable, RemarksThatOnlyWarnLeaveAVisitIn) {
  for (const Flag flag :
       {Flag::simulated, Flag::oversubscribed, Flag::not_steady, Flag::skewed, Flag::quantised, Flag::fabric_unproven,
        Flag::network_path, Flag::shared_gpu, Flag::emulated, Flag::drifting, Flag::throttled}) {
    EXPECT_EQ(reason(flagged(flag)), "") << name_of(flag);
  }
}

TEST(Usable, AnotherFabricThanTheRequestedOneIsNoAnswer) {
  Measurement visit = flagged(Flag::void_fabric);
  visit.observed = Fabric::pcie;
  EXPECT_EQ(reason(visit), "void_fabric: nvswitch requested, pcie observed");
}

TEST(Usable, AnotherAlgorithmThanThePinnedOneIsNoAnswer) {
  Measurement visit = flagged(Flag::void_pin);
  visit.point.algorithm = "ring";
  visit.point.protocol = "ll";
  visit.observation.algorithm = "Tree";
  visit.observation.protocol = "LL";
  EXPECT_EQ(reason(visit), "void_pin: algorithm 'ring', protocol 'll' pinned; 'Tree', 'LL' ran");
}

TEST(Usable, APinThatNothingProvesIsNoAnswer) {
  Measurement visit = flagged(Flag::pin_unproven);
  visit.point.algorithm = "tree";
  visit.point.protocol = "ll128";
  EXPECT_EQ(reason(visit), "pin_unproven: algorithm 'tree', protocol 'll128' pinned; '', '' is all that was told");
}

TEST(Usable, WrongDataDoNotCountWhetherTheFlagSaysItOrTheVerification) {
  EXPECT_EQ(reason(flagged(Flag::wrong_result)), "wrong_result: verification found wrong data");
  Measurement visit = good_visit();
  visit.verification = Verification::failed;
  EXPECT_EQ(reason(visit), "verification failed");
}

TEST(Usable, AGateThatOpenedByItselfTimesTheHost) {
  EXPECT_EQ(reason(flagged(Flag::gate_timeout)), "gate_timeout: the gate opened before everything was queued");
}

TEST(Usable, EverySampleNeedsATimeAboveZero) {
  const std::string expected = "no samples, or a time that is not above 0";
  Measurement visit = good_visit();
  visit.elapsed.clear();
  EXPECT_EQ(reason(visit), expected);
  for (const double bad : {0.0, -1e-6, std::nan(""), HUGE_VAL}) {
    visit.elapsed = {1e-6, 2e-6, bad, bad};
    EXPECT_EQ(reason(visit), expected) << bad;
  }
}

}  // namespace
}  // namespace hockney::inline record
