#include "vocabulary/flags.hpp"

#include <gtest/gtest.h>

namespace hockney::inline vocabulary {
namespace {

TEST(Flags, ThoseOfNoMeasurementSaySoAndTheOthersAreSilent) {
  Flags flags;
  flags.set(Flag::drifting);
  EXPECT_TRUE(describe(flags).empty());
  EXPECT_EQ(prefix_of(flags), "");
  flags.set(Flag::shared_gpu);
  flags.set(Flag::simulated);
  EXPECT_EQ(describe(flags),
            (std::vector<std::string>{"SIMULATED: answered by the scripted transport; no transfer took place",
                                      "SHARED GPU: several ranks on one GPU; no network constants"}));
  EXPECT_EQ(prefix_of(flags), "SIMULATED: SHARED GPU: ");
}

}  // namespace
}  // namespace hockney::inline vocabulary
