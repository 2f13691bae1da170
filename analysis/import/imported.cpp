#include "import/imported.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace hockney::import {
namespace {

std::string refused_lines(const ImportedFile& file) {
  std::string text;
  for (std::size_t i = 0; i < file.refused.size();) {
    std::size_t last = i;
    while (last + 1 < file.refused.size() && file.refused[last + 1].line == file.refused[last].line + 1 &&
           file.refused[last + 1].reason == file.refused[i].reason) {
      ++last;
    }
    const std::string range = last == i ? fmt::format("{}", file.refused[i].line)
                                        : fmt::format("{}-{}", file.refused[i].line, file.refused[last].line);
    text += fmt::format("  {}:{}: refused: {}\n", file.name, range, file.refused[i].reason);
    i = last + 1;
  }
  return text;
}

// Under the first table that has it: a log may hold a hundred tables with the same notes.
std::string notes_of(const ImportedFile& file, std::size_t index, std::set<std::string>& printed) {
  std::string text;
  for (const std::string& note : file.tables[index].notes) {
    if (!printed.insert(note).second) {
      continue;
    }
    const auto further =
        std::count_if(file.tables.begin() + static_cast<std::ptrdiff_t>(index) + 1, file.tables.end(),
                      [&](const ImportedTable& table) {
                        return std::find(table.notes.begin(), table.notes.end(), note) != table.notes.end();
                      });
    text +=
        fmt::format("    note: {}{}\n", note, further > 0 ? fmt::format(" (further tables with it: {})", further) : "");
  }
  return text;
}

std::string describe(const ImportedTable& table) {
  const std::string where = fmt::format("  lines {}-{}: {}", table.first_line, table.last_line, table.title);
  return table.launch ? fmt::format("{}; rows: {} of {}, points: {}\n", where, table.rows_used, table.rows,
                                    table.launch->measurements.size())
                      : fmt::format("{}; rows: 0 of {}; refused: {}\n", where, table.rows, table.refusal);
}

}  // namespace

ImportTotals& ImportTotals::operator+=(const ImportTotals& other) {
  tables += other.tables;
  tables_used += other.tables_used;
  data_lines += other.data_lines;
  used += other.used;
  size_zero += other.size_zero;
  refused += other.refused;
  return *this;
}

ImportTotals totals(const ImportedFile& file) {
  ImportTotals sum;
  for (const ImportedTable& table : file.tables) {
    sum += {.tables = 1,
            .tables_used = table.launch ? 1U : 0U,
            .data_lines = table.rows,
            .used = table.rows_used,
            .size_zero = table.rows_of_size_zero,
            .refused = table.rows_refused};
  }
  sum.data_lines += file.lines_outside_tables;
  sum.refused += file.lines_outside_tables;
  return sum;
}

std::string to_string(const ImportTotals& totals) {
  return fmt::format("tables: {}, {} used; data lines: {} = {} used + {} of size 0 + {} refused", totals.tables,
                     totals.tables_used, totals.data_lines, totals.used, totals.size_zero, totals.refused);
}

std::string report(const ImportedFile& file) {
  std::string text = fmt::format("{}: {}\n", file.name, to_string(totals(file)));
  std::set<std::string> printed;
  for (std::size_t i = 0; i < file.tables.size(); ++i) {
    text += describe(file.tables[i]) + notes_of(file, i, printed);
  }
  return text + refused_lines(file);
}

}  // namespace hockney::import
