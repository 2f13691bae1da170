#include "render/html/table_html.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "render/cell_text.hpp"
#include "render/html/escape.hpp"

namespace hockney::render {
namespace {

// HTML lets the ends of rows and cells be left out; they would be a tenth of a page of many points.

bool has_place(const Column& column) { return column.shown != Shown::nowhere && column.shown != Shown::above_row; }

std::string_view class_of(const Column& column) { return column.align == Align::left ? " class=\"text\"" : ""; }

std::string headings_html(const Table& table) {
  std::string html = "<thead><tr>";
  for (const Column& column : table.columns) {
    html +=
        has_place(column) ? fmt::format(R"(<th scope="col"{}>{}</th>)", class_of(column), escaped(column.heading)) : "";
  }
  return html + "</tr></thead>\n";
}

std::string row_html(const Table& table, const std::vector<Cell>& row) {
  std::string above;
  std::string html = "<tr>";
  std::size_t shown = 0;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    const std::string content = escaped(text_of(row.at(i), column.form));
    if (column.shown == Shown::above_row) {
      above += content;
    } else if (has_place(column)) {
      html += fmt::format("<td{}>{}", class_of(column), content);
      ++shown;
    }
  }
  html += "\n";
  return above.empty() ? html : fmt::format("<tr class=\"above\"><td colspan=\"{}\">{}\n", shown, above) + html;
}

std::string lines_html(const std::vector<std::string>& lines, std::string_view kind) {
  std::string html;
  for (const std::string& line : lines) {
    html += line.empty() ? "" : fmt::format("<p class=\"{}\">{}</p>\n", kind, escaped(line));
  }
  return html;
}

}  // namespace

std::string table_html(const Table& table) {
  std::string html = table.title.empty() ? "" : fmt::format("<h3>{}</h3>\n", escaped(table.title));
  html += lines_html(table.lines, "line");
  if (!table.rows.empty() && std::any_of(table.columns.begin(), table.columns.end(), has_place)) {
    html += "<div class=\"scroll\" tabindex=\"0\"><table>\n" + headings_html(table) + "<tbody>\n";
    for (const std::vector<Cell>& row : table.rows) {
      html += row_html(table, row);
    }
    html += "</tbody></table></div>\n";
  }
  return html + lines_html(table.remarks, "remark");
}

}  // namespace hockney::render
