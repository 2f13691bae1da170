#include "base/names.hpp"

#include <gtest/gtest.h>

namespace hockney::inline base {

enum class Colour { red, green, blue };

struct ColourNames {
  static constexpr std::string_view what = "colour";
  static constexpr std::array<NamedValue<Colour>, 2> table{{{Colour::red, "red"}, {Colour::green, "green"}}};
};
ColourNames names_of(Colour);

namespace {

static_assert(name_of(Colour::green) == "green");
static_assert(all_names<Colour>() == std::array<std::string_view, 2>{"red", "green"});

TEST(Names, ParseWhatTheyPrint) {
  for (const auto& [value, name] : Names<Colour>::table) {
    EXPECT_EQ(parse_name<Colour>(name), value);
  }
  EXPECT_THROW(name_of(Colour::blue), Failure);
}

TEST(Names, RefuseTheUnknownAndNameTheNearest) {
  for (const auto* word : {"gren", "Green", "greeen"}) {
    try {
      parse_name<Colour>(word);
      ADD_FAILURE() << word;
    } catch (const InputError& error) {
      EXPECT_EQ(std::string(error.what()),
                "unknown colour '" + std::string(word) + "'; did you mean 'green'? (one of: red, green)");
    }
  }
}

TEST(NearestName, BeginsWithTheWordOrHasTheSmallestEditDistance) {
  constexpr std::array<std::string_view, 4> known{"all_reduce", "all_gather", "reduce_scatter", "ping_pong"};
  const std::pair<const char*, const char*> cases[] = {{"allreduce", "all_reduce"},
                                                       {"gather", "all_gather"},
                                                       {"reducescater", "reduce_scatter"},
                                                       {"pingpong", "ping_pong"}};
  for (const auto& [word, nearest] : cases) {
    EXPECT_EQ(nearest_name(word, known), nearest) << word;
  }
  EXPECT_EQ(nearest_name("gpt3", std::array<std::string_view, 2>{"dbrx", "gpt3-175b"}), "gpt3-175b");
  EXPECT_EQ(nearest_name("anything", {}), "");
}

}  // namespace
}  // namespace hockney::inline base
