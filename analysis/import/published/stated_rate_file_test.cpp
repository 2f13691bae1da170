#include "import/published/stated_rate_file.hpp"

#include <gtest/gtest.h>
#include <string>

#include "base/error.hpp"

namespace hockney::import {
namespace {

std::string refusal_of(const std::string& text) {
  try {
    refuse_stated_rate(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "not refused";
}

const std::string between_nodes =
    "# machine: boxes\n# source: a page\n# fabric: infiniband\n# estimated: line rate\n# bandwidth_gb_per_s: 24\n"
    "# latency_us: 10\n";

TEST(StatedRateFile, IsRefusedWithTheCommandThatTakesItsRate) {
  EXPECT_EQ(refusal_of(between_nodes),
            "states a line rate and measured nothing, so there is no curve to import: infiniband of boxes, 24 GB/s per "
            "GPU and direction, latency 10 us; predict from it with hockney predict --inter-node-bandwidth 24GB/s "
            "--inter-node-latency 10us");
}

TEST(StatedRateFile, InsideANodeHasNoCommand) {
  std::string inside = between_nodes;
  inside.replace(inside.find("infiniband"), 10, "nvswitch");
  EXPECT_NE(refusal_of(inside).find("takes a stated rate between nodes only"), std::string::npos);
}

TEST(StatedRateFile, ThatIsNotWholeSaysWhatIsMissing) {
  EXPECT_NE(refusal_of(between_nodes.substr(0, between_nodes.find("# latency"))).find("key 'latency_us' is missing"),
            std::string::npos);
}

TEST(StatedRateFile, OtherTextsAreLeftAlone) {
  for (const char* text : {"", "# nThread 1 nGpus 8\n", "estimated: line rate\n", "size,time_us\n8,2\n"}) {
    EXPECT_EQ(refusal_of(text), "not refused") << text;
  }
}

}  // namespace
}  // namespace hockney::import
