#include "launch_files.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "store/example_launch.hpp"

namespace hockney::bench {
namespace {

Placement place(int rank, const std::string& host) {
  Placement placement;
  placement.rank = rank;
  placement.host = host;
  return placement;
}

LaunchFiles::Common common_of(const std::filesystem::path& folder) {
  LaunchFiles::Common common;
  common.folder = folder;
  common.info.campaign = "tiny";
  common.info.machine = "node-a";
  common.info.plan_text = "name = \"tiny\"";
  common.info.seed = 7;
  common.info.ranks = 2;
  common.facts = {{"transport", "nccl"}, {"version.nccl", "22809"}};
  common.placements = {place(0, "node-a"), place(1, "node-b")};
  return common;
}

Launch begun_as(const LaunchFiles::Common& common) {
  Launch begun;
  begun.info = common.info;
  begun.provenance = common.facts;
  begun.placements = common.placements;
  return begun;
}

std::string why_not_resumed(const Launch& begun, const LaunchFiles::Common& now) {
  try {
    require_same_launch("a.h5.part", begun, now, "tiny");
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

TEST(Resuming, GoesOnWithTheSameLaunch) {
  const auto now = common_of("out");
  EXPECT_EQ(why_not_resumed(begun_as(now), now), "");
}

TEST(Resuming, SaysWhatIsNotAsItWas) {
  const auto now = common_of("out");
  Launch begun = begun_as(now);
  begun.info.machine = "node-z";
  EXPECT_EQ(why_not_resumed(begun, now), "a.h5.part: cannot be resumed: its machine was 'node-z', now it is 'node-a'");
  begun = begun_as(now);
  begun.info.ranks = 4;
  EXPECT_EQ(why_not_resumed(begun, now), "a.h5.part: cannot be resumed: its number of ranks was '4', now it is '2'");
  begun = begun_as(now);
  begun.info.plan_text += "\n";
  EXPECT_EQ(why_not_resumed(begun, now),
            "a.h5.part: cannot be resumed: it was begun with another version of plan 'tiny'");
  begun = begun_as(now);
  begun.provenance["version.nccl"] = "22203";
  EXPECT_EQ(why_not_resumed(begun, now),
            "a.h5.part: cannot be resumed: its version.nccl was '22203', now it is '22809'");
  begun = begun_as(now);
  begun.provenance["env.NCCL_MAX_CTAS"] = "4";
  EXPECT_EQ(why_not_resumed(begun, now), "a.h5.part: cannot be resumed: its NCCL_MAX_CTAS was '4', now it is ''");
  begun = begun_as(now);
  auto with_sharp = now;
  with_sharp.facts["env.NCCL_COLLNET_ENABLE"] = "1";
  EXPECT_EQ(why_not_resumed(begun, with_sharp),
            "a.h5.part: cannot be resumed: its NCCL_COLLNET_ENABLE was '', now it is '1'");
  begun = begun_as(now);
  begun.placements[1].gpu = "GPU-1";
  EXPECT_EQ(why_not_resumed(begun, now),
            "a.h5.part: cannot be resumed: its place of rank 1 was 'node-b GPU-1', now it is 'node-b '");
}

TEST(Resuming, DoesNotMindAnotherSeedAndFactsThatItDoesNotCompare) {
  const auto now = common_of("out");
  Launch begun = begun_as(now);
  begun.info.seed = 8;
  begun.provenance["env.NCCL_DEBUG"] = "INFO";
  begun.provenance.erase("version.nccl");
  EXPECT_EQ(why_not_resumed(begun, now), "");
}

TEST(LaunchFiles, OfCurvesAndStepsAreTwoAndGoOnTogether) {
  const store::TemporaryFolder folder;
  const auto common = common_of(folder.path());
  Measurement curve = store::example_visit(0, 2, 10);
  Measurement step = store::example_visit(1, 2, 10);
  step.point = Case();
  step.point.become(Operation::step_replay);
  {
    LaunchFiles files = LaunchFiles::begin(common, true);
    files.append(curve);
  }
  LaunchFiles::Common again = common;
  again.info.seed = 99;
  LaunchFiles files = LaunchFiles::resume(again, "tiny");
  EXPECT_EQ(files.seed(), 7U) << "the order is that of the launch that goes on";
  EXPECT_TRUE(files.is_finished(curve.point, curve.pass));
  EXPECT_FALSE(files.is_finished(step.point, step.pass));
  files.append(step);
  EXPECT_EQ(files.finish().size(), 2U);
}

TEST(LaunchFiles, CannotGoOnWhereNothingWasBegun) {
  const store::TemporaryFolder folder;
  EXPECT_THROW(LaunchFiles::resume(common_of(folder.path()), "tiny"), InputError);
}

}  // namespace
}  // namespace hockney::bench
