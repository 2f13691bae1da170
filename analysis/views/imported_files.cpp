#include "views/imported_files.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "render/fields.hpp"
#include "views/summary_columns.hpp"

namespace hockney::views {
namespace {

using import::ImportedTable;
using import::ImportTotals;
using import::ReadFile;
using render::data_column;
using render::Table;

constexpr std::tuple total_fields{
    field<&ImportTotals::tables>("totals.tables", "1", "tables found"),
    field<&ImportTotals::tables_used>("totals.tables_used", "1", "of these, tables that became launches"),
    field<&ImportTotals::data_lines>("totals.data_lines", "1", "lines of data: used + size_zero + refused"),
    field<&ImportTotals::used>("totals.used", "1", "lines that became points"),
    field<&ImportTotals::size_zero>("totals.size_zero", "1", "lines of size 0"),
    field<&ImportTotals::refused>("totals.refused", "1", "lines refused")};

constexpr std::tuple table_fields{field<&ImportedTable::first_line>("first_line", "1", "from 1"),
                                  field<&ImportedTable::last_line>("last_line", "1", "from 1"),
                                  field<&ImportedTable::title>("title", "", "operation, group, element type"),
                                  field<&ImportedTable::rows>("rows", "1", "rows"),
                                  field<&ImportedTable::rows_used>("rows_used", "1", "rows that became points"),
                                  field<&ImportedTable::rows_of_size_zero>("rows_of_size_zero", "1", "of size 0"),
                                  field<&ImportedTable::rows_refused>("rows_refused", "1", "refused"),
                                  field<&ImportedTable::refusal>("refusal", "", "why the whole table was refused"),
                                  field<&ImportedTable::notes>("notes", "", "remarks")};

Table tables_of(const ReadFile& file) {
  Table tables{.columns = render::columns_of(table_fields)};
  append(tables.columns, {data_column("points"), data_column("machine"), data_column("launch_file")});
  for (std::size_t i = 0; i < file.file.tables.size(); ++i) {
    const ImportedTable& table = file.file.tables[i];
    auto& row = tables.rows.emplace_back(render::cells_of(table, table_fields));
    append(row, {table.launch ? table.launch->measurements.size() : 0, table.launch ? table.launch->info.machine : "",
                 file.launch_files[i]});
  }
  return tables;
}

Table refused_lines_of(const ReadFile& file) {
  Table lines{.columns = {data_column("line"), data_column("reason")}};
  for (const import::RefusedLine& refused : file.file.refused) {
    lines.rows.push_back({refused.line, refused.reason});
  }
  return lines;
}

std::vector<std::string> lines_of(const ReadFile& file) {
  if (!file.refusal.empty()) {
    return {fmt::format("{}: refused{}: {}", file.path, file.format.empty() ? "" : fmt::format(" as {}", file.format),
                        file.refusal)};
  }
  std::string report = import::report(file.file);
  report.pop_back();  // the last line's end
  std::vector<std::string> lines{fmt::format("{}: read as {} ({})", file.path, file.format, file.evidence), report};
  for (std::size_t i = 0; i < file.launch_files.size(); ++i) {
    if (!file.launch_files[i].empty()) {
      const ImportedTable& table = file.file.tables[i];
      lines.push_back(fmt::format("  lines {}-{} -> {}, machine '{}'", table.first_line, table.last_line,
                                  file.launch_files[i], table.launch->info.machine));
    }
  }
  return lines;
}

}  // namespace

Table imported_file(const ReadFile& file) {
  Table table{.name = "files", .lines = lines_of(file)};
  table.columns = {data_column("file"), data_column("format"), data_column("evidence"), data_column("refusal")};
  append(table.columns, render::columns_of(total_fields));
  append(table.columns, {data_column("tables"), data_column("refused_lines")});
  auto& row = table.rows.emplace_back(std::vector<render::Cell>{file.path, file.format, file.evidence, file.refusal});
  append(row, render::cells_of(import::totals(file.file), total_fields));
  append(row, {tables_of(file), refused_lines_of(file)});
  return table;
}

render::View imported_files(std::span<const ReadFile> files, const std::string& out) {
  render::View view{.what = "import", .version = "1.0.0", .main_table = "files"};
  ImportTotals sum;
  for (const ReadFile& file : files) {
    sum += import::totals(file.file);
    view.tables.push_back(imported_file(file));
    view.tables.back().lines.clear();
  }
  const auto refused =
      std::count_if(files.begin(), files.end(), [](const auto& file) { return !file.refusal.empty(); });
  view.title = fmt::format("total: files: {}, {} refused; {}; launches written to {}: {}", files.size(), refused,
                           to_string(sum), out, sum.tables_used);
  for_each_field(total_fields, [&](const auto& field) {
    view.facts.push_back({std::string(field.name), {}, field.in(sum)});
  });
  view.facts.push_back({"totals.files", {}, files.size()});
  view.facts.push_back({"totals.files_refused", {}, refused});
  return view;
}

}  // namespace hockney::views
