#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "import/text/printed_number.hpp"

namespace hockney::import {

enum class UnitKind { bytes, elements, time, rate };

/// A unit as people write it: "KiB", "MB", "usec", "GB/s". `factor` turns a number into B, elements, us or GB/s.
/// `other` does what some people mean by the same word: 10^6 of MB, whose factor is 2^20; 2^30 B/s of GB/s; bits of a
/// gbps in small letters. 0 where nobody means anything else.
struct Unit {
  UnitKind kind = UnitKind::bytes;
  double factor = 1;
  double other = 0;
};

inline bool is_time_or_rate(const Unit& unit) { return unit.kind == UnitKind::time || unit.kind == UnitKind::rate; }

/// The unit that a word stands for, whatever its case, except that Gb is a bit's and GB a byte's where the word has
/// capitals at all. Nothing for other words.
std::optional<Unit> unit_of_word(std::string_view word);

/// A number and the unit that stands behind it in the same cell.
struct Quantity {
  PrintedNumber number;
  std::optional<Unit> unit{};
};

/// How a table writes its numbers.
struct NumberStyle {
  bool decimal_comma = false;  ///< "0,5" is a half and "1.024" a thousand and 24
};

/// Reads a cell: "1,024", "2 287.61", "24.0kB", "16 KiB", "0.16ms", "2^20", "**32.4**", "~12", "32.4 (1.5x)", "7.7 +-
/// 0.1". Nothing for anything else: words, several numbers, unknown units.
std::optional<Quantity> read_quantity(std::string_view cell, NumberStyle style);

/// Whether a cell can only be a number with a decimal comma: "0,5", "12,25".
bool has_decimal_comma(std::string_view cell);

}  // namespace hockney::import
