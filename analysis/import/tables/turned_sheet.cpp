#include "import/tables/turned_sheet.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

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
      turned.cells.push_back(row.cell(k));
    }
    rows.push_back(std::move(turned));
  }
  sheet.columns = std::move(columns);
  sheet.rows = std::move(rows);
}

void join_units(Sheet& sheet) {
  for (std::size_t k = 1; k < sheet.columns.size(); ++k) {
    const std::string heading = letters_and_digits(sheet.columns[k].heading);
    if (!heading.ends_with("unit") && !heading.ends_with("units")) {
      continue;
    }
    for (SheetRow& row : sheet.rows) {
      const auto unit = unit_of_word(row.cell(k));
      for (std::size_t i = k; unit && i-- > 0;) {
        const Column& column = sheet.columns[i];
        const bool fits = is_time_or_rate(*unit) ? is_value(column.role) : is_size(column);
        const auto number = fits ? read_quantity(row.cells[i], column.numbers) : std::nullopt;
        if (number && !number->unit) {
          row.cells[i] += " " + row.cells[k];
          break;
        }
      }
    }
    sheet.columns[k].role = ColumnRole::ignored;
  }
}

}  // namespace hockney::import
