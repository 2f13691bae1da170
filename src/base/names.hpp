#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace hockney::inline base {

/// One enumerator and the word that stands for it in plans, files, flags and tables.
template <class Enum>
using NamedValue = std::pair<Enum, std::string_view>;

/// The table of an enumeration: `static constexpr std::array<NamedValue<Enum>, N> table` and
/// `static constexpr std::string_view what` (what one value is, for error messages). It is the return type of the
/// function `names_of(Enum)` that is declared beside the enumeration and found by its argument; no body is needed.
template <class Enum>
using Names = decltype(names_of(std::declval<Enum>()));

/// The word for an enumerator. Throws Failure for a value outside the table.
template <class Enum>
constexpr std::string_view name_of(Enum value) {
  for (const auto& [candidate, name] : Names<Enum>::table) {
    if (candidate == value) {
      return name;
    }
  }
  throw Failure("no name for this " + std::string(Names<Enum>::what));
}

/// All words of an enumeration, in declaration order.
template <class Enum>
constexpr auto all_names() {
  std::array<std::string_view, Names<Enum>::table.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = Names<Enum>::table[i].second;
  }
  return names;
}

/// The known word with the smallest edit distance to `word`, of those that begin with it if there are such; empty when
/// `known` is.
std::string_view nearest_name(std::string_view word, std::span<const std::string_view> known);

/// Whether two words are different spellings of each other: at most two letters added, dropped or replaced.
bool is_near_name(std::string_view a, std::string_view b);

/// "unknown WHAT 'WORD'; did you mean 'NEAREST'? (one of: ...)".
std::string unknown_name(std::string_view what, std::string_view word, std::span<const std::string_view> known);

/// The enumerator that a word stands for. Throws InputError that names the nearest known word.
template <class Enum>
Enum parse_name(std::string_view word) {
  for (const auto& [value, name] : Names<Enum>::table) {
    if (name == word) {
      return value;
    }
  }
  throw InputError(unknown_name(Names<Enum>::what, word, all_names<Enum>()));
}

}  // namespace hockney::inline base
