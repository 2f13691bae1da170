#include "cuda/nvml.hpp"

#include <array>
#include <gtest/gtest.h>
#include <vector>

namespace hockney::cuda {
namespace {

TEST(FabricOfLinks, SaysWhatTheActiveLinksEndIn) {
  using enum LinkEnd;
  EXPECT_EQ(fabric_of({}), Fabric::pcie);
  EXPECT_EQ(fabric_of(std::array{nvswitch, nvswitch}), Fabric::nvswitch);
  EXPECT_EQ(fabric_of(std::array{gpu, gpu, gpu}), Fabric::nvlink);
}

TEST(FabricOfLinks, DoesNotGuess) {
  using enum LinkEnd;
  EXPECT_EQ(fabric_of(std::array{unknown}), Fabric::unknown);
  EXPECT_EQ(fabric_of(std::array{nvswitch, gpu}), Fabric::unknown);
  EXPECT_EQ(fabric_of(std::array{npu, npu}), Fabric::unknown);
}

void expect_no_answers(const Nvml& nvml) {
  EXPECT_EQ(nvml.state("GPU-0").sm_clock_mhz, 0.0);
  EXPECT_EQ(nvml.state("GPU-0").throttle_reasons, 0U);
  EXPECT_EQ(nvml.intra_node_fabric("GPU-0"), Fabric::unknown);
  EXPECT_EQ(nvml.driver_version(), "");
}

TEST(Nvml, SaysThatTheLibraryIsNotThere) {
  const Nvml nvml("libnvidia-ml-of-no-host.so.1");
  EXPECT_NE(nvml.unavailable().find("libnvidia-ml-of-no-host.so.1"), std::string::npos);
  expect_no_answers(nvml);
}

TEST(Nvml, SaysThatALibraryIsNotNvml) {
  const Nvml nvml("libm.so.6");
  EXPECT_NE(nvml.unavailable().find("nvmlInit_v2"), std::string::npos) << nvml.unavailable();
  expect_no_answers(nvml);
}

TEST(Nvml, StaysUnavailableWhenMoved) {
  Nvml nvml("libnvidia-ml-of-no-host.so.1");
  const Nvml moved = std::move(nvml);
  EXPECT_FALSE(moved.unavailable().empty());
  expect_no_answers(moved);
}

}  // namespace
}  // namespace hockney::cuda
