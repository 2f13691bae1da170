#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>

#include "base/shipped.hpp"
#include "base/strict_table.hpp"

namespace hockney::inline base {
namespace {

namespace fs = std::filesystem;

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

StrictTable parse(std::string_view text) { return StrictTable::parse(text, "a.toml"); }

TEST(StrictTable, ReadsEveryType) {
  StrictTable table = parse(
      "name = 'x'\ncount = 3\nshare = 0.5\nwhole = 2\nflag = true\nlist = ['a', 7]\none = 'b'\nflags = [true, false]\n"
      "numbers = [1, 2]\n[sub]\nkey = 1\n[[item]]\nkey = 2\n[[item]]\nkey = 3\n");
  EXPECT_EQ(table.text("name"), "x");
  EXPECT_EQ(table.integer("count", 1), 3);
  EXPECT_EQ(table.optional_number("share"), 0.5);
  EXPECT_EQ(table.optional_number("whole"), 2.0);
  EXPECT_EQ(table.optional_boolean("flag"), true);
  EXPECT_EQ(table.texts("list"), (std::vector<std::string>{"a", "7"}));
  EXPECT_EQ(table.texts("one"), std::vector<std::string>{"b"});
  EXPECT_EQ(table.booleans("flags"), (std::vector<bool>{true, false}));
  EXPECT_EQ(table.integers("numbers", 1), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(table.table("sub")->integer("key", 0), 1);
  EXPECT_EQ(table.tables("item").at(1).integer("key", 0), 3);
  EXPECT_FALSE(table.has("absent"));
  EXPECT_FALSE(table.optional_text("absent"));
  EXPECT_TRUE(table.texts("absent").empty());
  EXPECT_TRUE(table.tables("absent").empty());
  EXPECT_NO_THROW(table.finish());
}

TEST(StrictTable, RefusesWithFileLineAndKey) {
  const struct {
    const char* text;
    std::function<void(StrictTable&)> read;
    const char* message;
  } cases[] = {
      {"a = 1\nnaem = 'x'\n", [](auto& t) { t.has("a"), t.has("name"), t.finish(); },
       "a.toml:2: unknown key 'naem'; did you mean 'name'? (one of: a, name)"},
      {"a = 1\nname = 7\n", [](auto& t) { t.text("name"); }, "a.toml:2: key 'name': expected a string"},
      {"a = 1\n", [](auto& t) { t.text("name"); }, "key 'name': is missing; expected a string"},
      {"\n\ncount = 0\n", [](auto& t) { t.integer("count", 1); },
       "a.toml:3: key 'count': expected a whole number, 1 or more"},
      {"count = 1.5\n", [](auto& t) { t.optional_integer("count", 1); }, "a.toml:1: key 'count'"},
      {"count = '3'\n", [](auto& t) { t.integer("count", 1); }, "a.toml:1: key 'count'"},
      {"share = 'x'\n", [](auto& t) { t.optional_number("share"); }, "expected a number"},
      {"flag = 1\n", [](auto& t) { t.optional_boolean("flag"); }, "expected true or false"},
      {"list = ['a', 1.5]\n", [](auto& t) { t.texts("list"); }, "a list of strings"},
      {"flags = [true, 1]\n", [](auto& t) { t.booleans("flags"); }, "true, false or a list"},
      {"numbers = [3, 0]\n", [](auto& t) { t.integers("numbers", 1); }, "whole numbers, 1 or more"},
      {"sub = 1\n", [](auto& t) { t.table("sub"); }, "expected a table"},
      {"item = [1]\n", [](auto& t) { t.tables("item"); }, "array of tables, [[item]]"},
      {"[sub]\nx = 1\n", [](auto& t) { t.table("sub")->finish(); }, "a.toml:2: unknown key 'x'"},
      {"a = 1\n", [](auto& t) { t.located("a", []() -> int { throw InputError("odd"); }); }, "a.toml:1: key 'a': odd"},
  };
  for (const auto& expected : cases) {
    StrictTable table = parse(expected.text);
    const std::string message = refusal([&] { expected.read(table); });
    EXPECT_NE(message.find(expected.message), std::string::npos) << message;
    EXPECT_TRUE(message.starts_with("a.toml:")) << message;
  }
  EXPECT_TRUE(refusal([] { parse("a = 1\nb = \n"); }).starts_with("a.toml:2: not TOML"))
      << refusal([] { parse("b ="); });
  EXPECT_NE(refusal([] { StrictTable::read("/does/not/exist.toml"); }).find("cannot be read"), std::string::npos);
}

TEST(FindShippedToml, TakesNamesAndPaths) {
  const fs::path folder = fs::path(testing::TempDir()) / "hockney_shipped_test";
  fs::create_directories(folder);
  std::ofstream(folder / "quick.toml") << "name = 'quick'\n";
  EXPECT_TRUE(names_a_file("./quick") && names_a_file("quick.toml"));
  EXPECT_FALSE(names_a_file("quick-1.5b"));
  EXPECT_EQ(find_shipped_toml("plan", "quick", folder), folder / "quick.toml");
  EXPECT_EQ(find_shipped_toml("plan", (folder / "quick.toml").string(), "/nowhere"), folder / "quick.toml");
  EXPECT_NE(refusal([&] { find_shipped_toml("plan", "quik", folder); }).find("did you mean 'quick'"),
            std::string::npos);
  EXPECT_NE(refusal([&] { find_shipped_toml("plan", "./quick.toml", folder); }).find("no such file"),
            std::string::npos);
  fs::remove_all(folder);
}

TEST(ReadTextFile, RefusesWhatCannotBeRead) {
  EXPECT_NE(refusal([] { read_text_file("/nowhere.toml"); }).find("cannot be read"), std::string::npos);
  const fs::path memory = "/proc/self/mem";  // a file whose first byte cannot be read
  if (fs::is_regular_file(memory)) {
    EXPECT_NE(refusal([&] { read_text_file(memory); }).find("cannot be read"), std::string::npos);
  }
}

TEST(StrictTable, NamesTheKeyThatWasMeant) {
  StrictTable table = StrictTable::parse("layers = 2\nhiden = 4\n", "model.toml");
  table.integer("layers", 1);
  try {
    table.integer("hidden", 1);
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("model.toml:2: unknown key 'hiden'; did you mean 'hidden'?"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace hockney::inline base
