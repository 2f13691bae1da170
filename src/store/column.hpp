#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace hockney::store::schema {

/// How one cell lies in a file: a little-endian number, or UTF-8 text of fixed width padded with zero bytes.
enum class CellType { u8, i32, u32, u64, i64, f64, text };

/// "u8", "i32", ..., "text".
constexpr std::string_view name_of_cell(CellType type) {
  constexpr std::array<std::string_view, 7> names{"u8", "i32", "u32", "u64", "i64", "f64", "text"};
  return names[static_cast<std::size_t>(type)];
}

/// What a column is, apart from where its values come from.
struct ColumnSpec {
  std::string_view name;
  CellType type = CellType::u8;
  std::size_t width = 0;   ///< bytes of a text; 0: as wide as the longest text when the dataset is created
  std::string_view units;  ///< UDUNITS; "1" for counts, codes and ratios; empty for text
  std::string_view long_name;
  std::span<const std::string_view> meanings;  ///< words of a code or of a mask's bits, by value; else empty
  bool is_mask = false;                        ///< bit i means meanings[i]; otherwise code i does
  std::uint32_t since_minor = 0;               ///< minor version of the schema that brought the column

  constexpr bool is_code() const { return !meanings.empty() && !is_mask; }
};

/// A column of a table whose rows are `Row`s: how a row's value gets into a cell and back. A cell is `width` bytes.
template <class Row>
struct Column {
  ColumnSpec spec;
  std::size_t (*length)(const Row& row) = nullptr;  ///< bytes of a row's text; 0 for numbers
  void (*store)(const Row& row, std::byte* cell, std::size_t width) = nullptr;
  void (*load)(Row& row, const std::byte* cell, std::size_t width) = nullptr;
};

}  // namespace hockney::store::schema
