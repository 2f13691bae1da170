#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/error.hpp"
#include "base/fields.hpp"
#include "base/names.hpp"
#include "record/measurement.hpp"

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
  void (*store)(const Row& row, std::byte* cell, std::size_t width) = nullptr;
  void (*load)(Row& row, const std::byte* cell, std::size_t width) = nullptr;
};

template <class Row, std::size_t N, std::size_t M>
constexpr std::array<Column<Row>, N + M> operator+(const std::array<Column<Row>, N>& left,
                                                   const std::array<Column<Row>, M>& right) {
  std::array<Column<Row>, N + M> both{};
  for (std::size_t i = 0; i < N + M; ++i) {
    both[i] = i < N ? left[i] : right[i - N];
  }
  return both;
}

namespace detail {

template <class Enum>
inline constexpr auto words = all_names<Enum>();
inline constexpr std::array<std::string_view, 2> no_yes{"no", "yes"};

/// A code is the enumerator's value, which must be its place in the table of names.
template <class Enum>
constexpr bool counts_from_zero() {
  for (std::size_t i = 0; i < Names<Enum>::table.size(); ++i) {
    if (static_cast<std::size_t>(Names<Enum>::table[i].first) != i) {
      return false;
    }
  }
  return true;
}

constexpr bool bits_count_from_zero() {
  for (std::size_t i = 0; i < Names<Flag>::table.size(); ++i) {
    if (static_cast<std::uint32_t>(Names<Flag>::table[i].first) != 1U << i) {
      return false;
    }
  }
  return true;
}

template <class Value>
constexpr void describe(ColumnSpec& spec) {
  if constexpr (std::is_enum_v<Value>) {
    static_assert(counts_from_zero<Value>());
    spec.type = CellType::u8;
    spec.meanings = words<Value>;
  } else if constexpr (std::is_same_v<Value, bool>) {
    spec.type = CellType::u8;
    spec.meanings = no_yes;
  } else if constexpr (std::is_same_v<Value, Flags>) {
    static_assert(bits_count_from_zero());
    spec.type = CellType::u32;
    spec.meanings = words<Flag>;
    spec.is_mask = true;
  } else if constexpr (std::is_same_v<Value, std::string>) {
    spec.type = CellType::text;
  } else if constexpr (std::is_same_v<Value, double>) {
    spec.type = CellType::f64;
  } else if constexpr (std::is_signed_v<Value>) {
    spec.type = sizeof(Value) == 4 ? CellType::i32 : CellType::i64;
  } else {
    static_assert(std::is_same_v<Value, std::uint32_t> || sizeof(Value) == 8);
    spec.type = sizeof(Value) == 4 ? CellType::u32 : CellType::u64;
  }
}

template <class Value>
void store_value(const Value& value, std::byte* cell, std::size_t width) {
  if constexpr (std::is_same_v<Value, std::string>) {
    if (value.size() > width) {
      throw InputError(
          fmt::format("the text '{:.40}...' is longer than the {} bytes that a launch file keeps of it", value, width));
    }
    std::memset(cell, 0, width);
    std::memcpy(cell, value.data(), value.size());
  } else if constexpr (std::is_enum_v<Value> || std::is_same_v<Value, bool>) {
    *cell = static_cast<std::byte>(value);
  } else {
    static_assert(std::is_trivially_copyable_v<Value>);
    std::memcpy(cell, &value, sizeof value);
  }
}

template <class Value>
void load_value(Value& value, const std::byte* cell, std::size_t width) {
  if constexpr (std::is_same_v<Value, std::string>) {
    const auto* text = reinterpret_cast<const char*>(cell);
    value.assign(text, strnlen(text, width));
  } else if constexpr (std::is_same_v<Value, bool>) {
    value = *cell != std::byte{0};
  } else if constexpr (std::is_enum_v<Value>) {
    value = static_cast<Value>(*cell);
  } else {
    std::memcpy(&value, cell, sizeof value);
  }
}

}  // namespace detail

/// The column whose value is reached from a row through this chain of members; its cell type follows from the last
/// one: enumerations and bool become codes, Flags a mask.
template <auto First, auto... Rest>
constexpr auto column(std::string_view name, std::string_view units, std::string_view long_name,
                      std::size_t width = 0) {
  using Path = Field<First, Rest...>;
  using Row = typename Path::Object;
  using Value = typename Path::Value;
  Column<Row> made;
  made.spec = {name, {}, width, units, long_name, {}, false, 0};
  detail::describe<Value>(made.spec);
  made.store = [](const Row& row, std::byte* cell, std::size_t cell_width) {
    detail::store_value(Path::in(row), cell, cell_width);
  };
  made.load = [](Row& row, const std::byte* cell, std::size_t cell_width) {
    detail::load_value(Path::in(row), cell, cell_width);
  };
  return made;
}

/// The column as one that files of an earlier minor version do not have: they read as the row's default.
template <class Row>
constexpr Column<Row> since(std::uint32_t minor, Column<Row> made) {
  made.spec.since_minor = minor;
  return made;
}

}  // namespace hockney::store::schema
