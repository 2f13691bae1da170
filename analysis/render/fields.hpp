#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "base/fields.hpp"
#include "render/view.hpp"

namespace hockney::render {

/// A column for each field of a table of fields, by its name; a terminal shows none of them until it gets a heading.
template <class... Fields>
std::vector<Column> columns_of(const std::tuple<Fields...>& fields) {
  std::vector<Column> columns;
  for_each_field(fields, [&](const auto& field) { columns.push_back(data_column(std::string(field.name))); });
  return columns;
}

/// The cells of an object under columns_of() the same fields.
template <class Object, class... Fields>
std::vector<Cell> cells_of(const Object& object, const std::tuple<Fields...>& fields) {
  std::vector<Cell> cells;
  for_each_field(fields, [&](const auto& field) { cells.emplace_back(field.in(object)); });
  return cells;
}

}  // namespace hockney::render
