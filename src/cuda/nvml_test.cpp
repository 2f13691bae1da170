#include "cuda/nvml.hpp"

#include <gtest/gtest.h>
#include <initializer_list>
#include <vector>

namespace hockney::cuda {
namespace {

std::vector<NvLink> links_to(std::initializer_list<LinkEnd> ends) {
  std::vector<NvLink> links;
  for (const LinkEnd end : ends) {
    links.push_back({end, ""});
  }
  return links;
}

TEST(FabricOfLinks, SaysWhatTheActiveLinksEndIn) {
  using enum LinkEnd;
  EXPECT_EQ(fabric_of({}), Fabric::pcie);
  EXPECT_EQ(fabric_of(links_to({nvswitch, nvswitch})), Fabric::nvswitch);
  EXPECT_EQ(fabric_of(links_to({gpu, gpu, gpu})), Fabric::nvlink);
}

TEST(FabricOfLinks, DoesNotGuess) {
  using enum LinkEnd;
  EXPECT_EQ(fabric_of(links_to({unknown})), Fabric::unknown);
  EXPECT_EQ(fabric_of(links_to({nvswitch, gpu})), Fabric::unknown);
  EXPECT_EQ(fabric_of(links_to({npu, npu})), Fabric::unknown);
}

void expect_no_answers(const Nvml& nvml) {
  EXPECT_EQ(nvml.state("GPU-0").sm_clock_mhz, 0.0);
  EXPECT_EQ(nvml.state("GPU-0").throttle_reasons, 0U);
  EXPECT_EQ(nvml.intra_node_fabric("GPU-0"), Fabric::unknown);
  EXPECT_EQ(nvml.driver_version(), "");
  EXPECT_EQ(nvml.name_at("0000:07:00.0"), "");
  EXPECT_FALSE(nvml.links_at("0000:07:00.0"));
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
