#include "import/tables/column_groups.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "import/tables/cells.hpp"
#include "import/tables/column.hpp"
#include "import/tables/heading_words.hpp"

namespace hockney::import {
namespace {

using Headings = std::vector<std::string>;

// How often each heading comes.
std::map<std::string, std::size_t> times_of(const Headings& headings) {
  std::map<std::string, std::size_t> times;
  for (const std::string& heading : headings) {
    ++times[heading];
  }
  return times;
}

// "\\multicolumn{2}{c}{Ring}" is "Ring", "Ring".
Headings without_multicolumn(Headings names) {
  constexpr std::string_view command = "\\multicolumn{";
  constexpr double most_columns = 64;
  Headings all;
  for (const std::string& name : names) {
    const auto width = name.starts_with(command)
                           ? read_quantity(name.substr(command.size(), name.find('}') - command.size()), {})
                           : std::nullopt;
    const std::size_t begin = width ? name.rfind('{') + 1 : 0;
    all.insert(all.end(), width ? static_cast<std::size_t>(std::clamp(width->number.value, 1.0, most_columns)) : 1,
               width ? name.substr(begin, name.find('}', begin) - begin) : name);
  }
  return all;
}

// A name stands over the columns behind it that come again, until the next name.
Headings over_cells(Headings names, const Headings& headings) {
  names = without_multicolumn(std::move(names));
  names.resize(std::max(names.size(), headings.size()));
  const auto times = times_of(headings);
  for (std::size_t k = 1; k < headings.size(); ++k) {
    names[k] = names[k].empty() && times.at(headings[k]) > 1 ? names[k - 1] : names[k];
  }
  return names;
}

// Between blanks every group has as many of the headings that come again.
Headings over_blanks(Headings names, const Headings& headings) {
  const auto times = times_of(headings);
  std::size_t in_group = 0;
  std::size_t most = 0;
  for (const auto& [heading, count] : times) {
    in_group += count > 1 ? 1 : 0;
    most = std::max(most, count);
  }
  names.erase(names.begin(), names.begin() + (names.size() == most + 1 ? 1 : 0));  // "Message" above the sizes
  Headings groups(headings.size());
  std::size_t at = 0;
  for (std::size_t k = 0; names.size() == most && k < headings.size(); ++k) {
    groups[k] = times.at(headings[k]) > 1 ? names[std::min(at++ / in_group, most - 1)] : "";
  }
  return groups;
}

}  // namespace

std::vector<std::string> group_names(std::string_view above, char delimiter, const std::vector<std::string>& headings) {
  if (times_of(headings).size() == headings.size()) {
    return {};
  }
  Headings names = delimiter == ' ' ? header_cells(above, delimiter).front() : cells_of_line(above, delimiter);
  const bool data = std::any_of(names.begin(), names.end(),
                                [](const std::string& name) { return read_quantity(name, {}).has_value(); });
  if (data || is_header(read_header(names))) {
    return {};
  }
  const Headings groups =
      delimiter == ' ' ? over_blanks(std::move(names), headings) : over_cells(std::move(names), headings);
  std::set<std::pair<std::string, std::string>> columns;
  for (std::size_t k = 0; k < headings.size(); ++k) {
    columns.emplace(groups[k], headings[k]);
  }
  const bool tells = groups.size() == headings.size() && columns.size() == headings.size();
  return tells ? groups : Headings{};
}

bool is_line_of_statistics(std::string_view line) {
  const auto words = words_in(line);
  return words.size() > 1 && std::all_of(words.begin(), words.end(), statistic_of_word);
}

std::vector<std::string> with_line_below(const std::vector<std::string>& headings, std::string_view below) {
  const auto statistics = words_in(below);
  const std::size_t in_group = std::set<std::string>(statistics.begin(), statistics.end()).size();
  const std::size_t groups = is_line_of_statistics(below) ? statistics.size() / in_group : 0;
  if (groups == 0 || groups * in_group != statistics.size() || groups >= headings.size()) {
    return {};
  }
  const std::size_t first = headings.size() - groups;
  Headings all(headings.begin(), headings.begin() + static_cast<std::ptrdiff_t>(first));
  for (std::size_t k = 0; k < statistics.size(); ++k) {
    all.push_back(statistics[k] + " " + headings[first + k / in_group]);
  }
  return all;
}

}  // namespace hockney::import
