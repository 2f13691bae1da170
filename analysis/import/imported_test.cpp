#include "import/imported.hpp"

#include <gtest/gtest.h>

namespace hockney::import {
namespace {

TEST(Report, AddsUpAndNamesLines) {
  ImportedTable used;
  used.first_line = 3;
  used.last_line = 9;
  used.title = "all_reduce";
  used.launch.emplace();
  used.rows = 5;
  used.rows_used = 3;
  used.rows_of_size_zero = 1;
  used.rows_refused = 1;
  used.notes = {"no footer"};
  ImportedTable refused;
  refused.first_line = 20;
  refused.last_line = 22;
  refused.title = "broadcast";
  refused.refusal = "not read yet";
  refused.rows = refused.rows_refused = 2;
  refused.notes = {"no footer"};
  const ImportedFile file{"a.txt", {used, refused}, {{8, "cut"}, {30, "odd"}, {31, "odd"}, {33, "odd"}}, 3};
  EXPECT_EQ(report(file),
            "a.txt: tables: 2, 1 used; data lines: 10 = 3 used + 1 of size 0 + 6 refused\n"
            "  lines 3-9: all_reduce; rows: 3 of 5, points: 0\n"
            "    note: no footer (further tables with it: 1)\n"
            "  lines 20-22: broadcast; rows: 0 of 2; refused: not read yet\n"
            "  a.txt:8: refused: cut\n"
            "  a.txt:30-31: refused: odd\n"
            "  a.txt:33: refused: odd\n");
  EXPECT_EQ(report({.name = "b.txt", .tables = {}, .refused = {}, .lines_outside_tables = 0}),
            "b.txt: tables: 0, 0 used; data lines: 0 = 0 used + 0 of size 0 + 0 refused\n");
}

}  // namespace
}  // namespace hockney::import
