#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "base/error.hpp"
#include "base/fields.hpp"
#include "base/names.hpp"
#include "store/column.hpp"
#include "vocabulary/flags.hpp"

// From a table of fields to columns. Compiling this for every field takes a while, so that one source does it.
namespace hockney::store::schema {

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
std::size_t length_of(const Value& value) {
  if constexpr (std::is_same_v<Value, std::string>) {
    return value.size();
  } else {
    return 0;
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

/// The column of a field of rows. Its cell type follows from the value: enumerations and bool become codes, Flags a
/// mask. Where the row's variant holds another alternative, the cell is that of the value's default.
template <auto... Path>
constexpr auto column(const Field<Path...>& field) {
  using Of = Field<Path...>;
  Column<typename Of::Object> made;
  made.spec = {field.word(), {}, field.longest, field.unit, field.meaning, {}, false, field.since_minor};
  detail::describe<typename Of::Value>(made.spec);
  made.length = [](const typename Of::Object& row) { return detail::length_of(Of::get(row)); };
  made.store = [](const typename Of::Object& row, std::byte* cell, std::size_t width) {
    detail::store_value(Of::get(row), cell, width);
  };
  made.load = [](typename Of::Object& row, const std::byte* cell, std::size_t width) {
    typename Of::Value value{};
    detail::load_value(value, cell, width);
    Of::set(row, value);
  };
  return made;
}

/// The columns of a table of fields, in its order.
template <class... Fields>
constexpr auto columns_of(const std::tuple<Fields...>& fields) {
  return std::apply([](const auto&... each) { return std::array{column(each)...}; }, fields);
}

}  // namespace hockney::store::schema
