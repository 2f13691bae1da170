#include "render/view.hpp"

#include <utility>

namespace hockney::render {

Cell::Cell(Table rows) : value_(std::make_shared<const Table>(std::move(rows))) {}

Cell Cell::shown_as(std::string text) const {
  Cell cell = *this;
  cell.text_ = std::move(text);
  return cell;
}

Column number_column(std::string key, std::string heading, Form form) {
  return {std::move(key), std::move(heading), form};
}

Column text_column(std::string key, std::string heading) {
  return {std::move(key), std::move(heading), nullptr, Align::left};
}

Column line_above(std::string key) { return {std::move(key), {}, nullptr, Align::left, Shown::above_row}; }

Column data_column(std::string key) { return {std::move(key), {}, nullptr, Align::left, Shown::nowhere}; }

}  // namespace hockney::render
