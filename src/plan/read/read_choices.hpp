#pragma once

#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "base/strict_table.hpp"

namespace hockney::inline plan {

/// The words of an enumeration under a key, one or a list; `by_default` when the key is absent. Throws InputError
/// (file, line, key) that names the nearest known word.
template <class Enum>
std::vector<Enum> read_names(StrictTable& table, std::string_view key, const std::vector<Enum>& by_default) {
  std::vector<Enum> values;
  for (const std::string& name : table.texts(key)) {
    values.push_back(table.located(key, [&] { return parse_name<Enum>(name); }));
  }
  return values.empty() ? by_default : values;
}

/// One boolean or a list; { false } when the key is absent.
inline std::vector<bool> read_choices(StrictTable& table, std::string_view key) {
  const std::vector<bool> values = table.booleans(key);
  return values.empty() ? std::vector<bool>{false} : values;
}

/// Whole numbers from 1 to `most` under a key, one or a list; { 1 } when the key is absent.
inline std::vector<std::uint64_t> read_counts(StrictTable& table, std::string_view key, std::int64_t most) {
  std::vector<std::uint64_t> counts;
  for (const std::int64_t count : table.integers(key, 1)) {
    if (count > most) {
      table.refuse(key, "expected at most " + std::to_string(most));
    }
    counts.push_back(static_cast<std::uint64_t>(count));
  }
  return counts.empty() ? std::vector<std::uint64_t>{1} : counts;
}

}  // namespace hockney::inline plan
