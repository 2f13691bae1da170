#include "commands/predict/mapping_flags.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "commands/predict/ways.hpp"

namespace hockney::commands {
namespace {

Mapping parsed(const std::string& flags, const Mapping& usual = {}) {
  MappingFlags said;
  CLI::App app;
  said.add_to(app);
  app.parse(flags);
  return said.over(usual);
}

TEST(MappingFlags, ReadEitherNameOfAField) {
  EXPECT_EQ(parsed("--mbs 1 --gbs 8 --tp 4").tensor, 4U);
  EXPECT_EQ(parsed("--mbs 1 --gbs 8 --tensor 4").tensor, 4U);
  EXPECT_EQ(parsed("--mbs 1 --gbs 8 --virtual-stages 2").virtual_stages, 2U);
  EXPECT_TRUE(parsed("--mbs 1 --gbs 8 --sequence-parallel").sequence_parallel);
  EXPECT_FALSE(parsed("--mbs 1 --gbs 8 --no-overlap-tensor").overlap_tensor);
  EXPECT_EQ(parsed("--mbs 1 --gbs 8 --recompute full").recompute, Recompute::full);
}

TEST(MappingFlags, RefuseWhatIsNoValueByTheFlagsName) {
  try {
    parsed("--mbs 1 --gbs 8 --tp four");
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()), "--tp four: 'four': expected a whole number");
  }
  EXPECT_THROW(parsed("--tp 4"), CLI::RequiredError) << "batch sizes have no usual value";
}

TEST(MappingFlags, ReadBackWhatTheyWrite) {
  Mapping mapping;
  mapping.tensor = 8;
  mapping.micro_batch = 2;
  mapping.global_batch = 64;
  mapping.recompute = Recompute::selective;
  mapping.flash_attention = true;
  mapping.overlap_tensor = false;
  mapping.routing_skew = 0.5;
  const Mapping again = parsed(to_flags(mapping));
  EXPECT_EQ(to_flags(again), to_flags(mapping));
  EXPECT_EQ(again.recompute, mapping.recompute);
  EXPECT_FALSE(again.overlap_tensor);
  EXPECT_EQ(again.routing_skew, 0.5);
}

TEST(MappingFlags, SayWhatDiffersFromWhatIsUsual) {
  Mapping usual;
  usual.flash_attention = true;
  usual.overlap_gradients = true;
  EXPECT_TRUE(parsed("--mbs 1 --gbs 8", usual).flash_attention);
  EXPECT_FALSE(parsed("--mbs 1 --gbs 8 --no-flash", usual).flash_attention);
  EXPECT_EQ(to_flags(parsed("--mbs 1 --gbs 8 --no-flash", usual), usual), "--mbs 1 --gbs 8 --no-flash");
}

TEST(MappingFlags, TakeTheLastWordOnAPart) {
  MappingFlags flags;
  flags.say("pp", "2");
  flags.say("pp", "4");
  EXPECT_EQ(flags.over({}).pipeline, 4U);
  EXPECT_THROW(flags.say("pq", "4"), InputError) << "names the nearest part";
}

TEST(WaysToPredict, MayBeSaidByAFlag) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(with_way_to_predict({"predict", "--rows", "x.csv"}), (Words{"predict", "rows", "--rows", "x.csv"}));
  EXPECT_EQ(with_way_to_predict({"predict", "--cost", "x", "--communication"}),
            (Words{"predict", "communication", "--cost", "x", "--communication"}));
  EXPECT_EQ(with_way_to_predict({"predict", "--cost", "x"}), (Words{"predict", "step", "--cost", "x"}));
  EXPECT_EQ(with_way_to_predict({"predict", "against", "r"}), (Words{"predict", "against", "r"}));
  EXPECT_EQ(with_way_to_predict({"predict", "--help"}), (Words{"predict", "--help"}));
  EXPECT_EQ(with_way_to_predict({"show", "--rows"}), (Words{"show", "--rows"}));
}

}  // namespace
}  // namespace hockney::commands
