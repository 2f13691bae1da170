#include "base/text_table.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/error.hpp"

namespace hockney::inline base {
namespace {

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // not a UTF-8 continuation byte
  }));
}

}  // namespace

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

void TextTable::add(std::vector<std::string> cells) {
  if (cells.size() != columns_.size()) {
    throw Failure(fmt::format("a table row has {} cells, expected {}", cells.size(), columns_.size()));
  }
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> TextTable::heading_widths() const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) {
    widths.push_back(std::max(width_of(column.heading), column.least_width));
  }
  return widths;
}

std::string TextTable::lay_out(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const {
  std::string text;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string cell = i < cells.size() ? cells[i] : std::string{};
    const std::string padding(widths[i] - std::min(widths[i], width_of(cell)), ' ');
    text += i == 0 ? "" : "  ";
    text += columns_[i].align == Align::left ? cell + padding : padding + cell;
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string TextTable::print() const {
  std::vector<std::size_t> widths = heading_widths();
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::vector<std::string> headings;
  for (const Column& column : columns_) {
    headings.push_back(column.heading);
  }
  std::string text = lay_out(headings, widths) + "\n";
  for (const auto& row : rows_) {
    text += lay_out(row, widths) + "\n";
  }
  return text;
}

std::string TextTable::heading_line() const {
  std::vector<std::string> headings;
  for (const Column& column : columns_) {
    headings.push_back(column.heading);
  }
  return line(headings);
}

std::string TextTable::line(const std::vector<std::string>& cells) const { return lay_out(cells, heading_widths()); }

}  // namespace hockney::inline base
