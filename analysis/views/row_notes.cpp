#include "views/row_notes.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace hockney::views {
namespace {

/// Lines that are skipped for one reason.
struct Reason {
  std::string text;
  std::vector<std::string> places;
};

// In order of their first lines.
std::vector<Reason> by_reason(std::span<const predict::SkippedLine> skipped) {
  std::vector<Reason> reasons;
  for (const predict::SkippedLine& line : skipped) {
    auto found =
        std::find_if(reasons.begin(), reasons.end(), [&](const Reason& each) { return each.text == line.reason; });
    if (found == reasons.end()) {
      found = reasons.insert(reasons.end(), {line.reason, {}});
    }
    found->places.push_back(line.place);
  }
  return reasons;
}

}  // namespace

void add_skipped(render::View& view, std::span<const predict::SkippedLine> skipped,
                 std::span<const std::string> ignored_columns) {
  view.facts.push_back({"skipped_rows", "rows skipped", skipped.size()});
  if (!skipped.empty()) {
    render::Table table{.name = "skipped", .title = fmt::format("{} rows skipped", skipped.size())};
    table.columns = {render::number_column("rows", "rows"), render::text_column("row", "the first"),
                     render::text_column("reason", "reason"), render::data_column("places")};
    for (const Reason& reason : by_reason(skipped)) {
      table.rows.push_back({reason.places.size(), reason.places.front(), reason.text, reason.places});
    }
    view.tables.push_back(std::move(table));
  }
  view.notes.insert(view.notes.end(), ignored_columns.begin(), ignored_columns.end());
}

std::vector<std::string> uneven_rows(std::span<const predict::StepRow* const> rows) {
  std::size_t count = 0;
  std::string first;
  for (const predict::StepRow* row : rows) {
    if (const std::string words = row->taken_otherwise(); !words.empty()) {
      ++count;
      first = count > 1 ? first : fmt::format("line {}, {}: {}", row->line, row->model.name, words);
    }
  }
  if (count == 0) {
    return {};
  }
  return {fmt::format("UNEVEN: {} rows do not divide and are taken as their fullest GPU has it; the first: {}", count,
                      first)};
}

}  // namespace hockney::views
