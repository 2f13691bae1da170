#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "import/tables/column.hpp"
#include "import/tables/text_above.hpp"

namespace hockney::import {

/// How the lines of a table are cut into cells, and what its columns hold.
struct TableHeader {
  char delimiter = ',';
  std::vector<Column> columns;
  bool outer_bars = false;  ///< '|' stands before its first column, too

  /// Where the header has no bar before its first column, a row that begins with one has nothing in it.
  std::vector<std::string> cells_of(std::string_view row) const;
  /// Whether a column of sizes has a number in these cells.
  bool has_size(const std::vector<std::string>& cells) const;
  /// Whether these cells have a size, or a number where the headings are the sizes.
  bool is_data(const std::vector<std::string>& cells) const;
};

/// The header that line `i` of a text is: one with a size and a time or a bandwidth, or whose first row has them, or a
/// number where the text above tells a unit. Nothing for other lines.
std::optional<TableHeader> find_table_header(std::span<const std::string> texts, std::size_t i, const TextAbove& above);

}  // namespace hockney::import
