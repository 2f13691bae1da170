#include "import/tables/turned_sheet.hpp"

#include <algorithm>
#include <utility>

namespace hockney::import {

bool has_columns_of_sizes(const std::vector<Column>& columns) {
  return columns.size() > 1 && std::all_of(columns.begin() + 1, columns.end(),
                                           [](const Column& each) { return each.series.size.has_value(); });
}

void turn_columns_of_sizes(Sheet& sheet) {
  if (!has_columns_of_sizes(sheet.columns)) {
    return;
  }
  std::vector<std::string> headings{"size"};
  for (const SheetRow& row : sheet.rows) {
    headings.push_back(row.cells.front());
  }
  std::vector<Column> columns = read_header(headings);
  const bool told = std::all_of(columns.begin() + 1, columns.end(),
                                [](const Column& each) { return is_value(each.role) && each.unit; });
  if (!told || !is_header(columns)) {
    return;
  }
  std::vector<SheetRow> rows;
  for (std::size_t k = 1; k < sheet.columns.size(); ++k) {
    SheetRow turned{sheet.header_line, {sheet.columns[k].heading}};
    for (const SheetRow& row : sheet.rows) {
      turned.cells.push_back(k < row.cells.size() ? row.cells[k] : std::string{});
    }
    rows.push_back(std::move(turned));
  }
  sheet.columns = std::move(columns);
  sheet.rows = std::move(rows);
}

}  // namespace hockney::import
