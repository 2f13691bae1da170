#include "commands/plan/sweep_sizes.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "base/error.hpp"

namespace hockney::commands {
namespace {

constexpr std::uint64_t most = 1ULL << 24;

std::uint64_t size_in(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || value == 0 || value > most) {
    throw InputError(fmt::format("'{}', expected numbers from 1 to {} as in 1,2,4 or 1..64", word, most));
  }
  return value;
}

}  // namespace

std::vector<std::uint64_t> parse_sweep_sizes(std::string_view text) {
  std::vector<std::uint64_t> sizes;
  if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
    const std::uint64_t first = size_in(text.substr(0, dots));
    const std::uint64_t last = size_in(text.substr(dots + 2));
    if (last < first) {
      throw InputError(fmt::format("'{}', expected the smaller number first", text));
    }
    for (std::uint64_t size = first; size <= last; size *= 2) {
      sizes.push_back(size);
    }
    return sizes;
  }
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    sizes.push_back(size_in(text.substr(from, comma - from)));
    from = comma + 1;
  }
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

}  // namespace hockney::commands
