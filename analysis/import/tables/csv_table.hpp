#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "import/text/log_text.hpp"

namespace hockney::import {

/// One line of a delimited text.
struct CsvRow {
  std::size_t line = 0;  ///< from 1
  std::vector<std::string> cells;
};

/// A text of delimited lines: a header, then rows.
struct CsvTable {
  CsvRow header;
  std::vector<CsvRow> rows;
  std::size_t last_line = 0;
  std::size_t lines_above = 0;  ///< lines above the header that look like data
};

/// The cells of one line, without blanks around them. Delimiters are ',', ';', '|', tab, and ' ' for runs of blanks and
/// tabs; a cell in double quotes may hold the delimiter, and "" for a quote (RFC 4180, one line each). Empty cells at
/// both ends of a line of '|' are none.
std::vector<std::string> csv_cells(std::string_view line, char delimiter);

/// Finds the first line, of the first 5000, that is a header: for some delimiter, its cells are what `is_header` wants.
/// A '#' before a header is no part of it. Lines after it that are blank or begin with '#' are skipped, and lines of
/// dashes as below the header of Markdown tables. Without a header the table has no header cells. Linear in the text.
CsvTable read_csv(const LogText& text, const std::function<bool(const std::vector<std::string>&)>& is_header);

}  // namespace hockney::import
