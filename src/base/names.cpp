#include "base/names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>
#include <utility>
#include <vector>

namespace hockney::inline base {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
    }
  }
  return row.back();
}

}  // namespace

std::string_view nearest_name(std::string_view word, std::span<const std::string_view> known) {
  const auto distance = [&](std::string_view name) {
    return std::pair(!name.starts_with(word), edit_distance(word, name));
  };
  const auto nearest =
      std::min_element(known.begin(), known.end(), [&](auto a, auto b) { return distance(a) < distance(b); });
  return nearest == known.end() ? std::string_view{} : *nearest;
}

bool is_near_name(std::string_view a, std::string_view b) {
  constexpr std::size_t most = 2;
  return edit_distance(a, b) <= most;
}

std::string unknown_name(std::string_view what, std::string_view word, std::span<const std::string_view> known) {
  return fmt::format("unknown {} '{}'; did you mean '{}'? (one of: {})", what, word, nearest_name(word, known),
                     fmt::join(known, ", "));
}

}  // namespace hockney::inline base
