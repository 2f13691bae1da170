#include "import/tables/text_above.hpp"

#include <algorithm>

namespace hockney::import {

void TextAbove::add(std::string_view line) {
  constexpr std::size_t most = 1000;
  lines_.emplace_back(line);
  lines_.erase(lines_.begin(), lines_.begin() + (lines_.size() > most ? 1 : 0));
}

bool TextAbove::settle(bool behind_rows) {
  if (!lines_.empty() && behind_rows) {
    context_.end_table();
  }
  bool changed = false;
  for (const std::string& line : lines_) {
    changed = context_.take(line) || changed;
  }
  lines_.clear();
  return changed;
}

bool TextAbove::tells_unit() const {
  constexpr std::ptrdiff_t near = 5;
  const auto first = lines_.end() - std::min(near, std::distance(lines_.begin(), lines_.end()));
  return std::any_of(first, lines_.end(), [](const std::string& line) { return facts_in(line).unit.has_value(); });
}

}  // namespace hockney::import
