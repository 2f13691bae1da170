#pragma once

#include <charconv>
#include <fmt/format.h>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"

namespace hockney::import {

/// The trimmed cells of a line without quotes.
inline std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const auto comma = line.find(',');
    cells.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) {
      return cells;
    }
    line.remove_prefix(comma + 1);
  }
}

/// A cell that holds a whole number. `what` names it in the InputError for anything else.
template <class Integer>
Integer whole_number_above_zero(std::string_view cell, std::string_view what) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size() || value == 0) {
    throw InputError(fmt::format("{} is '{}', expected a whole number above 0", what, cell));
  }
  return value;
}

}  // namespace hockney::import
