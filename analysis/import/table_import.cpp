#include "import/table_import.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace hockney::import {

TableImport::TableImport(const std::filesystem::path& file, const ImportOptions& options,
                         std::vector<RefusedLine>& refused)
    : file_(file), options_(options), all_refused_(refused) {}

ImportedTable TableImport::run() {
  try {
    read();
    make_launch();
  } catch (const InputError& reason) {
    table.launch.reset();
    table.refusal = reason.what();
    table.notes.clear();
    table.rows_used = table.rows_of_size_zero = 0;
    table.rows_refused = table.rows;
  }
  return std::move(table);
}

void TableImport::make_launch() {
  if (table.rows == 0) {
    throw InputError("no rows");
  }
  const bool contradicts_itself = 2 * contradictions_ > table.rows;
  if (points_.empty() || contradicts_itself) {
    throw InputError(
        refused_.empty()
            ? "no row of a size above 0"
            : fmt::format("{}; line {}: {}{}", points_.empty() ? "no usable row" : "most rows contradict themselves",
                          refused_.front().line, refused_.front().reason, contradicts_itself ? advice() : ""));
  }
  table.launch = launch_of_points(points_, program(), file_,
                                  fmt::format("lines {}-{}", table.first_line, table.last_line), options_);
  std::vector<std::string> notes = notes_on(*table.launch, options_);
  table.notes.insert(table.notes.begin(), notes.begin(), notes.end());
  note_if(table.rows_of_size_zero > 0, fmt::format("rows of size 0, left out: {}", table.rows_of_size_zero));
  describe(*table.launch);
  all_refused_.insert(all_refused_.end(), refused_.begin(), refused_.end());
}

void TableImport::use(std::size_t line, std::vector<ImportedPoint> points) {
  for (const ImportedPoint& point : points) {
    if (std::string reason = impossible_rate(point); !reason.empty()) {
      refuse_contradiction(line, std::move(reason));
      return;
    }
  }
  ++table.rows_used;
  points_.insert(points_.end(), std::make_move_iterator(points.begin()), std::make_move_iterator(points.end()));
}

void TableImport::refuse(std::size_t line, std::string reason) {
  refused_.push_back({line, std::move(reason)});
  ++table.rows_refused;
}

void TableImport::refuse_contradiction(std::size_t line, std::string reason) {
  ++contradictions_;
  refuse(line, std::move(reason));
}

void TableImport::note_if(bool condition, std::string text) {
  if (condition) {
    table.notes.push_back(std::move(text));
  }
}

void sort_by_line(std::vector<RefusedLine>& refused) {
  std::stable_sort(refused.begin(), refused.end(),
                   [](const RefusedLine& a, const RefusedLine& b) { return a.line < b.line; });
}

}  // namespace hockney::import
