#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "import/imported.hpp"
#include "import/tables/column.hpp"
#include "import/tables/facts.hpp"
#include "import/text/log_text.hpp"

namespace hockney::import {

struct SheetRow {
  std::size_t line = 0;
  std::vector<std::string> cells;

  /// Empty where the row ends before the column.
  const std::string& cell(std::size_t column) const {
    static const std::string none;
    return column < cells.size() ? cells[column] : none;
  }
};

/// One table of a text: a header, its rows, and what the text above says about them.
struct Sheet {
  Facts facts;
  std::string title;  ///< the last line of text above
  std::size_t header_line = 0;
  std::vector<Column> columns;
  std::vector<SheetRow> rows;
  std::vector<std::string> notes;  ///< what was left aside
};

struct Sheets {
  std::vector<Sheet> sheets;
  std::vector<RefusedLine> stray;  ///< lines that look like data and stand under no header
};

/// Finds the tables of a text: CSV, TSV, Markdown, org-mode, LaTeX, drawn boxes, columns between blanks, and "key:
/// value" lines as a table of one row. A header is a line with a size and a time or a bandwidth, or whose first row has
/// them. A second header ends a table, and so does a line of text between its rows that says something else than the
/// text above the table did: then the columns stay. Lines beginning with '#' are text, or headers. Linear in the text.
Sheets read_sheets(std::span<const LogLine> lines);

}  // namespace hockney::import
