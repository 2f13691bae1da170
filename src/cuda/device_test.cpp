#include "cuda/device.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::cuda {
namespace {

std::vector<Device> devices(int count, const std::string& first = "GPU-a") {
  std::vector<Device> list(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    list[static_cast<std::size_t>(i)].ordinal = i;
    list[static_cast<std::size_t>(i)].uuid = first + std::to_string(i);
  }
  return list;
}

std::string refusal(int visible, int local_rank, int local_ranks, int on_node) {
  try {
    choose_device(devices(visible), local_rank, local_ranks, on_node, false);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(ChooseDevice, TheIndexIsTheLocalRankWhenAllRanksSeeAllGpus) {
  EXPECT_EQ(choose_device(devices(8), 0, 8, 8, false).ordinal, 0);
  EXPECT_EQ(choose_device(devices(8), 5, 8, 8, false).ordinal, 5);
}

TEST(ChooseDevice, ALauncherThatBindsOneGpuPerRankHasChosen) {
  const auto bound = devices(1, "GPU-third");
  EXPECT_EQ(choose_device(bound, 3, 4, 4, false).uuid, "GPU-third0");
}

TEST(ChooseDevice, RanksThatSeeHalfOfTheNodeCountRound) {
  EXPECT_EQ(choose_device(devices(4), 3, 8, 8, false).ordinal, 3);
  EXPECT_EQ(choose_device(devices(4), 6, 8, 8, false).ordinal, 2);
}

TEST(ChooseDevice, FewerGpusThanRanksAreRefusedWithBothNumbers) {
  const std::string text = refusal(4, 0, 8, 4);
  EXPECT_NE(text.find("8 ranks"), std::string::npos) << text;
  EXPECT_NE(text.find("4 GPUs"), std::string::npos) << text;
  EXPECT_NE(text.find("--share-gpu"), std::string::npos) << text;
  EXPECT_FALSE(refusal(1, 0, 2, 1).empty());  // one visible GPU each, but the same one
  EXPECT_TRUE(refusal(4, 1, 2, 4).empty());
}

TEST(ChooseDevice, SharedGpusAreDealtOutInTurn) {
  EXPECT_EQ(choose_device(devices(2), 0, 5, 2, true).ordinal, 0);
  EXPECT_EQ(choose_device(devices(2), 1, 5, 2, true).ordinal, 1);
  EXPECT_EQ(choose_device(devices(2), 4, 5, 2, true).ordinal, 0);
}

TEST(WhyNoDevices, NamesWhatIsWrong) {
  EXPECT_NE(why_no_devices(0, 13000, nullptr).find("no NVIDIA driver"), std::string::npos);
  EXPECT_EQ(
      why_no_devices(12040, 13000, nullptr),
      "no GPU: the NVIDIA driver is too old: it is for CUDA 12.4, and this program is built with CUDA 13.0: NVIDIA "
      "driver 580 or newer (or build it with an older CUDA Toolkit: docs/building.md)");
  EXPECT_NE(why_no_devices(13000, 13000, "").find("CUDA_VISIBLE_DEVICES is ''"), std::string::npos);
  EXPECT_EQ(why_no_devices(13000, 13000, nullptr).find("CUDA_VISIBLE_DEVICES"), std::string::npos);
}

TEST(WhyNoDevices, ADriverOfAnEarlierMinorVersionIsNotTooOld) {
  EXPECT_EQ(why_no_devices(12000, 12090, "7"), "no GPU is visible: CUDA_VISIBLE_DEVICES is '7'");
}

TEST(OldestDriver, FollowsTheMajorVersionOfCuda) {
  EXPECT_EQ(needs_of(13000), "CUDA 13.0: NVIDIA driver 580 or newer");
  EXPECT_EQ(needs_of(13020), "CUDA 13.2: NVIDIA driver 580 or newer");
  EXPECT_EQ(needs_of(12090), "CUDA 12.9: NVIDIA driver 525 or newer");
  EXPECT_EQ(needs_of(14000), "CUDA 14.0: an NVIDIA driver for it") << "not known when this was written";
}

TEST(WhyNoDevices, IsOneLine) {
  for (const int driver : {0, 12040, 13000}) {
    EXPECT_EQ(why_no_devices(driver, 13000, "7").find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace hockney::cuda
