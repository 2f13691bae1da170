#include "predict/score/table_lines.hpp"

#include <gtest/gtest.h>

namespace hockney::predict {
namespace {

constexpr std::array<std::string_view, 3> known{"layers", "name", "gbs"};

/// Fields of the first known column of every line, and what is skipped.
struct Read {
  std::vector<std::string> names;
  std::vector<std::size_t> numbers;
  std::vector<SkippedLine> skipped;
};

Read read(const std::string& text) {
  TableLines lines(text, "runs.csv", known);
  Read all;
  all.skipped = for_each_line(lines, [&] {
    all.names.emplace_back(lines.field(lines.column("name")));
    all.numbers.push_back(lines.number());
  });
  return all;
}

using Words = std::vector<std::string>;

TEST(TableLines, QuotesHoldCommasQuotesAndLineEnds) {
  const Read all = read("layers,name\n1,\"a, \"\"b\"\"\"\n\n2,\"two\nlines\r\nmore\"\r\n3,c\r\n4,\"\"");
  EXPECT_EQ(all.names, (Words{"a, \"b\"", "two\nlines\r\nmore", "c", ""}));
  EXPECT_EQ(all.numbers, (std::vector<std::size_t>{2, 4, 7, 8}));
  EXPECT_TRUE(all.skipped.empty());
}

TEST(TableLines, TextIsTheLineAsItWasRead) {
  const std::string text = "\xEF\xBB\xBFlayers,name\r\n1,\"a\nb\"\r\n";
  TableLines lines(text, "runs.csv", known);
  EXPECT_EQ(lines.header(), "layers,name") << "without the byte order mark";
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.text(), "1,\"a\nb\"");
  EXPECT_FALSE(lines.next());
}

TEST(TableLines, AQuoteThatIsLeftOpenLosesItsLineAlone) {
  for (const std::string rest : {"3,c\n", "3,\"c\"\n", "3,\"c, \"\"d\"\"\"\n"}) {
    const Read all = read("layers,name\n1,a\n2,\"b\n" + rest);
    EXPECT_EQ(all.numbers, (std::vector<std::size_t>{2, 4})) << rest;
    ASSERT_EQ(all.skipped.size(), 1U) << rest;
    EXPECT_EQ(all.skipped[0].place, "runs.csv:3");
    EXPECT_NE(all.skipped[0].reason.find("quote"), std::string::npos);
    EXPECT_EQ(all.skipped[0].reason.find("runs.csv"), std::string::npos) << "the place says that";
  }
}

TEST(TableLines, SemicolonsAndTabsSeparateWhereTheFirstLineHasMostOfThem) {
  EXPECT_EQ(read("layers;name;gbs\n1;\"a; b\";8\n2;c, d;8\n").names, (Words{"a; b", "c, d"}));
  EXPECT_EQ(read("layers\tname\tgbs (a, b)\r\n1\ta, b; c\t8\r\n").names, (Words{"a, b; c"}));
}

TEST(TableLines, BetweenSemicolonsACommaMaySeparateAFraction) {
  const auto layers = [](const std::string& text) {
    TableLines lines(text, "runs.csv", known);
    std::uint64_t value = 0;
    lines.next();
    lines.read(lines.column("layers"), value);
    return value;
  };
  EXPECT_EQ(layers("layers,name\n\"1,024\",a\n"), 1024U);
  EXPECT_EQ(layers("layers\tname\n1,024\ta\n"), 1024U);
  EXPECT_EQ(layers("layers;name\n1 024;a\n"), 1024U);
  EXPECT_THROW(layers("layers;name\n1,024;a\n"), InputError);
}

TEST(TableLines, QuotesInsideAFieldAreText) {
  EXPECT_EQ(read("layers,name\n1,5\" disk\n2,\"a\" b\n3,c\n").names, (Words{"5\" disk", "c"}));
}

TEST(TableLines, LinesOfAnotherLengthAreSkipped) {
  const Read all = read("layers,name\n1\n2,b,3\n4,d\n");
  EXPECT_EQ(all.names, Words{"d"});
  EXPECT_EQ(all.skipped.size(), 2U);
  EXPECT_EQ(all.skipped[1].reason, "3 fields, expected 2 as in the first line");
}

TEST(TableLines, NamesTheColumnsThatItIgnores) {
  const std::string text = "layers,colour,laiers\n1,2,3\n";
  EXPECT_EQ(TableLines(text, "runs.csv", known).ignored_columns(),
            "runs.csv: columns that are not read: 'colour', 'laiers' (did you mean 'layers'?)");
  EXPECT_EQ(TableLines("layers\n1\n", "runs.csv", known).ignored_columns(), "");
}

TEST(TableLines, RefusesWhatHasNoColumnsOrOneTwice) {
  EXPECT_THROW(TableLines("", "runs.csv", known), InputError);
  EXPECT_THROW(TableLines("\n1\n", "runs.csv", known), InputError);
  EXPECT_THROW(TableLines("name,gbs,name\n", "runs.csv", known), InputError);
}

TEST(TableLines, WholeNumbersMayEndInPointZero) {
  const std::string text = "layers,gbs\n8.0,1.5\n";
  TableLines lines(text, "runs.csv", known);
  ASSERT_TRUE(lines.next());
  std::uint64_t layers = 0;
  EXPECT_TRUE(lines.read(lines.column("layers"), layers));
  EXPECT_EQ(layers, 8U);
  EXPECT_THROW(lines.read(lines.column("gbs"), layers), InputError);
}

TEST(TableLines, NotStatedIsAsAnEmptyField) {
  for (const std::string words : {"not stated", " - ", "n/a", "NaN", "None", "?", ""}) {
    const std::string text = "layers,name\n" + words + ",a\n";
    TableLines lines(text, "runs.csv", known);
    ASSERT_TRUE(lines.next());
    std::uint64_t layers = 7;
    EXPECT_FALSE(lines.read(lines.column("layers"), layers)) << words;
    EXPECT_EQ(layers, 7U);
  }
}

TEST(TableLines, ColumnsMayBeNamedInOtherCaseAndSignsAndByAnAlias) {
  const std::array<ColumnAlias, 2> aliases{{{"num_layers", "layers"}, {"global_batch_size", "gbs"}}};
  const std::string text = "Num-Layers, NAME ,Global batch size (sequences),Name\n8, a ,64,b\n";
  TableLines lines(text, "runs.csv", known, aliases);
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.field(lines.column("layers")), "8");
  EXPECT_EQ(lines.field(lines.column("name")), "a");
  EXPECT_EQ(lines.field(lines.column("gbs")), "64");
  EXPECT_EQ(lines.ignored_columns().find("NAME"), std::string::npos);
  EXPECT_NE(lines.ignored_columns().find("'Name'"), std::string::npos) << "the second of one name";
}

TEST(TableLines, TheColumnThatIsWrittenAsKnownGoesBeforeAnAlias) {
  const std::array<ColumnAlias, 1> aliases{{{"num_layers", "layers"}}};
  const std::string text = "num_layers,layers\n8,9\n";
  TableLines lines(text, "runs.csv", known, aliases);
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.field(lines.column("layers")), "9");
}

TEST(TableLines, OfSeveralHeadingsTheNearestToTheNameIsRead) {
  const std::array<ColumnAlias, 1> aliases{{{"layers", "layers"}}};
  const std::string text = "n_layer,Layers,GBS (sequences),gbs \n7,8,9,10\n";
  TableLines lines(text, "runs.csv", known, aliases);
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.field(lines.column("layers")), "8");
  EXPECT_EQ(lines.field(lines.column("gbs")), "10");
  EXPECT_EQ(lines.ignored_columns(), "runs.csv: columns that are not read: 'n_layer', 'GBS (sequences)'");
}

TEST(TableLines, NumbersAsPeopleWriteThem) {
  const auto whole = [](std::string_view text) {
    std::uint64_t value = 0;
    TableLines::read_number(text, value);
    return value;
  };
  EXPECT_EQ(whole("1,024"), 1024U);
  EXPECT_EQ(whole("1_048_576"), 1048576U);
  EXPECT_EQ(whole("8K"), 8192U);
  EXPECT_THROW(whole("1,02"), InputError);
  EXPECT_THROW(whole("1,024_000"), InputError);
  EXPECT_THROW(whole("K"), InputError);
  double real = 0;
  TableLines::read_number("12,345.5", real);
  EXPECT_EQ(real, 12345.5);
}

TEST(TableLines, SwitchesAndRecomputationAsPeopleWriteThem) {
  constexpr std::array<std::string_view, 2> columns{"on", "recompute"};
  const std::string text = "on,recompute\nYes,Full\nno,off\nTRUE,Selective\nmaybe,none\n";
  TableLines lines(text, "runs.csv", columns);
  const auto read = [&] {
    std::pair<bool, Recompute> row;
    lines.next();
    lines.read(lines.column("on"), row.first);
    lines.read(lines.column("recompute"), row.second);
    return row;
  };
  EXPECT_EQ(read(), (std::pair{true, Recompute::full}));
  EXPECT_EQ(read(), (std::pair{false, Recompute::none}));
  EXPECT_EQ(read(), (std::pair{true, Recompute::selective}));
  EXPECT_THROW(read(), InputError);
}

}  // namespace
}  // namespace hockney::predict
