#include "import/tables/units_line.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "import/tables/cells.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

Column with_unit(Column column, const Unit& unit) {
  const bool fits = (is_size(column) && !is_time_or_rate(unit)) ||
                    (column.role == ColumnRole::time && unit.kind == UnitKind::time) ||
                    (is_rate(column) && unit.kind == UnitKind::rate);
  if (fits) {
    column.unit = unit;
  } else if (column.role == ColumnRole::other && is_time_or_rate(unit)) {
    set_role_by_unit(column, unit.kind);
    column.unit = unit;
  }
  return column;
}

// To the column whose heading stands nearest above.
void give_unit(const std::string& header, std::size_t position, const Unit& unit, std::vector<Column>& columns) {
  Column* nearest = nullptr;
  std::size_t least = header.size() + position;
  std::size_t from = 0;
  for (Column& column : columns) {
    const std::size_t begin = header.find(column.heading, from);
    if (begin == std::string::npos) {
      return;
    }
    from = begin + column.heading.size();
    const std::size_t middle = (begin + from) / 2;
    const std::size_t distance = middle > position ? middle - position : position - middle;
    if (distance < least) {
      least = distance;
      nearest = &column;
    }
  }
  if (nearest != nullptr && !nearest->unit) {
    *nearest = with_unit(*nearest, unit);
  }
}

}  // namespace

bool is_units_line(const std::string& line) {
  const auto words = words_of(without_hash(line));
  return !words.empty() && std::all_of(words.begin(), words.end(), [](std::string_view word) {
    return word == "|" || unit_of_word(trimmed(word, "()[]|")).has_value();
  });
}

void give_units(const std::string& line, const std::string& header, std::vector<Column>& columns) {
  for (std::size_t at = line.find_first_not_of("# \t|"); at < line.size();) {
    const std::size_t end = std::min(line.find_first_of(" \t|", at), line.size());
    const std::string_view word = std::string_view(line).substr(at, end - at);
    if (const auto unit = unit_of_word(trimmed(word, "()[]"))) {
      give_unit(header, at + (end - at) / 2, *unit, columns);
    }
    at = std::min(line.find_first_not_of(" \t|", end), line.size());
  }
}

}  // namespace hockney::import
