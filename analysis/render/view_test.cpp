#include "render/view.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "render/fields.hpp"
#include "render/forms.hpp"

namespace hockney::render {
namespace {

Table points(std::vector<std::vector<Cell>> rows) {
  Table table{.name = "points"};
  table.columns = {text_column("launch", "launch"), number_column("payload_bytes", "payload", bytes),
                   number_column("t_s", "time us", microseconds), data_column("group.ranks")};
  table.rows = std::move(rows);
  return table;
}

View example() {
  View view{.what = "example", .version = "1.0.0", .title = "an example", .main_table = "points"};
  view.tables = {points({{"a", mebibytes(1), 4e-6, 8}}), points({{"b, c", kibibytes(64), Cell(), 16}})};
  view.tables[1].title = "more";
  view.tables[1].remarks = {"beneath"};
  return view;
}

TEST(View, ATerminalShowsEachPartWithItsTitleInTheUnitsOfTheHeadings) {
  EXPECT_EQ(to_text(example()),
            "an example\n"
            "launch  payload  time us\n"
            "a         1 MiB        4\n"
            "\n"
            "more\n"
            "launch  payload  time us\n"
            "b, c     64 KiB        -\n"
            "beneath\n");
}

TEST(View, CsvHasTheRowsOfAllPartsUnroundedAndQuotedWhereNeeded) {
  EXPECT_EQ(to_csv(example()),
            "launch,payload_bytes,t_s,group.ranks\n"
            "a,1048576,4e-06,8\n"
            "\"b, c\",65536,,16\n");
}

TEST(View, CsvHasOneTableAndNamesTheOthers) {
  View view = example();
  view.tables.push_back(Table{.name = "launches", .columns = {data_column("id")}, .rows = {{"x"}}});
  EXPECT_EQ(to_csv(view, "launches"), "id\nx\n");
  try {
    to_csv(view, "launch");
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "--csv=launch: there is no such table; expected one of: points, launches");
  }
}

TEST(View, APartThatLacksAColumnKnowsNothingThere) {
  View view = example();
  view.tables.push_back(Table{.name = "points", .columns = {data_column("more")}, .rows = {{true}}});
  EXPECT_EQ(to_csv(view),
            "launch,payload_bytes,t_s,group.ranks,more\na,1048576,4e-06,8,\n\"b, c\",65536,,16,\n,,,,true\n");
}

TEST(View, JsonHasOneArrayPerTableAndObjectsWhereKeysHaveDots) {
  View view = example();
  view.facts = {{"total.count", "points", 2}, {"total.error", "", std::numeric_limits<double>::infinity()}};
  view.warnings = {"SIMULATED"};
  view.notes = {"nothing left out"};
  const auto json = nlohmann::json::parse(to_json(view));
  EXPECT_EQ(json, nlohmann::json::parse(R"({
    "schema": "hockney example", "version": "1.0.0", "total": {"count": 2, "error": null}, "warnings": ["SIMULATED"],
    "points": [{"launch": "a", "payload_bytes": 1048576, "t_s": 4e-6, "group": {"ranks": 8}},
               {"launch": "b, c", "payload_bytes": 65536, "t_s": null, "group": {"ranks": 16}}],
    "notes": ["nothing left out"]})"));
}

TEST(View, RowsInACellAreForJsonOnly) {
  View view{.what = "x", .main_table = "files"};
  const Table lines{.columns = {data_column("line")}, .rows = {{1}, {2}}};
  view.tables = {{.name = "files", .columns = {data_column("file"), data_column("lines")}, .rows = {{"a", lines}}}};
  EXPECT_EQ(to_csv(view), "file\na\n");
  EXPECT_EQ(nlohmann::json::parse(to_json(view))["files"],
            nlohmann::json::parse(R"([{"file": "a", "lines": [{"line": 1}, {"line": 2}]}])"));
  EXPECT_EQ(to_text(view), "");
}

TEST(View, LongTextsBecomeFootnotesAndLongNamesLinesOfTheirOwn) {
  View view;
  Table& table = view.tables.emplace_back();
  table.columns = {line_above("name"), number_column("n", "n"),
                   Column{"remarks", "remarks", nullptr, Align::left, Shown::as_letter}};
  const std::vector<std::string> both{"once", "twice"};
  table.rows = {{"first", 1, both}, {"second", 2, "twice"}, {"third", 3, Cell()}};
  EXPECT_EQ(to_text(view),
            "n  remarks\n"
            "first\n"
            "1  (a)(b)\n"
            "second\n"
            "2  (b)\n"
            "third\n"
            "3  -\n"
            "(a) once\n"
            "(b) twice\n");
}

TEST(View, FactsAndWarningsShareAMargin) {
  View view{.title = "a step"};
  view.facts = {{"model", "model", "gpt3"}, {"hidden", "", 4}, {"time_s", "time ms", 0.0125, milliseconds}};
  view.warnings = {"no curve"};
  view.notes = {"one point left out"};
  EXPECT_EQ(to_text(view),
            "a step\n"
            "model    gpt3\n"
            "time ms  12.5\n"
            "WARNING  no curve\n"
            "\n"
            "notes:\n"
            "  one point left out\n");
}

TEST(View, ACellMaySayHowATerminalShowsIt) {
  View view{.main_table = "t"};
  view.tables = {{.name = "t", .columns = {number_column("x", "x")}, .rows = {{Cell(1.2345).shown_as("1.2 +- 0.1")}}}};
  EXPECT_EQ(to_text(view), "         x\n1.2 +- 0.1\n");
  EXPECT_EQ(to_csv(view), "x\n1.2345\n");
}

struct Wheel {
  double radius_m = 0.3;
  Bytes memory{16};
};

TEST(View, AFieldTableMakesItsColumns) {
  constexpr std::tuple fields{field<&Wheel::radius_m>("radius_m", "m", "radius"),
                              field<&Wheel::memory>("memory_bytes", "B", "memory")};
  View view{.main_table = "wheels"};
  view.tables = {{.name = "wheels", .columns = columns_of(fields), .rows = {cells_of(Wheel{}, fields)}}};
  EXPECT_EQ(to_csv(view), "radius_m,memory_bytes\n0.3,16\n");
}

}  // namespace
}  // namespace hockney::render
