#include "import/text/source_order.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "import/text/log_line.hpp"
#include "import/text/prefix_search.hpp"

namespace hockney::import {
namespace {

using Kind = PrefixToken::Kind;
using Range = std::pair<std::size_t, std::size_t>;  // lines, from the first header to the last row

std::vector<TextLine> sorted(std::vector<TextLine> lines, const std::vector<std::string>& sources,
                             const std::map<std::string, std::size_t>& rank) {
  std::vector<std::pair<std::size_t, std::size_t>> order;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    order.emplace_back(rank.at(sources[i]), i);
  }
  std::sort(order.begin(), order.end());
  std::vector<TextLine> result;
  for (const auto& [source, i] : order) {
    result.push_back(std::move(lines[i]));
  }
  return result;
}

bool overlap(const std::map<std::string, Range>& tables) {
  std::vector<Range> ranges;
  for (const auto& [source, range] : tables) {
    ranges.push_back(range);
  }
  std::sort(ranges.begin(), ranges.end());
  return std::adjacent_find(ranges.begin(), ranges.end(),
                            [](const Range& a, const Range& b) { return b.first < a.second; }) != ranges.end();
}

}  // namespace

std::string source_of(const std::vector<PrefixToken>& tokens, std::size_t count) {
  constexpr std::size_t most_digits = 6;
  std::string source;
  const bool labelled = count > 1 && tokens[0].kind == Kind::number && tokens[1].text == ":" &&
                        digits_at(tokens[0].text, 0) == tokens[0].text.size() && tokens[0].text.size() <= most_digits;
  if (labelled) {
    source = fmt::format("{} ", tokens[0].text);  // the task of srun -l
  }
  for (std::size_t i = 0; i < count; ++i) {
    const bool timed = tokens[i].kind == Kind::group && std::count_if(tokens[i].text.begin(), tokens[i].text.end(),
                                                                      [](char c) { return c == ':' || c == '.'; }) > 1;
    if (tokens[i].kind == Kind::word || (tokens[i].kind == Kind::group && !timed)) {
      source += fmt::format("{} ", tokens[i].text);
    }
  }
  return source;
}

bool order_by_source(std::vector<TextLine>& lines, const std::vector<std::string>& sources) {
  std::map<std::string, std::size_t> rank{{"", 0}};
  std::map<std::string, Range> tables;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    rank.try_emplace(sources[i], rank.size());
    if (sources[i].empty()) {
      continue;
    }
    if (is_table_header(lines[i].text)) {
      tables.try_emplace(sources[i], i, i);
    } else if (const auto table = tables.find(sources[i]); table != tables.end() && looks_like_data(lines[i].text)) {
      table->second.second = i;
    }
  }
  const bool mixed = overlap(tables);
  if (mixed) {
    lines = sorted(std::move(lines), sources, rank);
  }
  return mixed;
}

}  // namespace hockney::import
