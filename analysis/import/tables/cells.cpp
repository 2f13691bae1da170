#include "import/tables/cells.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "import/tables/plain_text.hpp"
#include "import/tables/quantity.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string cell_text(std::string_view text) {
  std::string cell(trimmed(text));
  std::replace(cell.begin(), cell.end(), joining_blank, ' ');
  return cell;
}

std::string quoted_cell(std::string_view& rest) {
  std::string cell;
  rest.remove_prefix(1);
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '"') {
      cell += c;
    } else if (rest.starts_with('"')) {
      cell += c;
      rest.remove_prefix(1);
    } else {
      break;
    }
  }
  return cell;
}

// "||Size||Time (us)||", a header of Jira, with single bars; other lines as they are.
std::string with_single_bars(std::string_view line) {
  std::string single;
  std::size_t singles = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool bar = line[i] == '|';
    const bool doubled = bar && i + 1 < line.size() && line[i + 1] == '|';
    singles += bar && !doubled ? 1 : 0;
    single += line[i];
    i += doubled ? 1 : 0;
  }
  return singles == 0 ? single : std::string(line);
}

std::vector<std::string> cut_at(std::string_view line, char delimiter) {
  std::vector<std::string> cells;
  std::string_view rest = trimmed(line);
  const std::string single = delimiter == '|' && rest.starts_with("||") ? with_single_bars(rest) : std::string{};
  rest = single.empty() ? rest : std::string_view(single);
  if (delimiter == '|') {
    rest.remove_prefix(rest.starts_with('|') ? 1 : 0);
    rest.remove_suffix(rest.ends_with('|') ? 1 : 0);
  }
  for (;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(delimiter == '\t' ? " \r" : blanks), rest.size()));
    std::string cell;
    if (rest.starts_with('"')) {
      cell = quoted_cell(rest);
    }
    const std::size_t end = std::min(rest.find(delimiter), rest.size());
    cells.push_back(cell_text(cell + std::string(rest.substr(0, end))));
    if (end == rest.size()) {
      return cells;
    }
    rest.remove_prefix(end + 1);
  }
}

// Cells two blanks or more, or a tab, apart.
std::vector<std::string> cut_at_gaps(std::string_view line) {
  std::vector<std::string> cells;
  for (std::string_view rest = trimmed(line); !rest.empty();) {
    const std::size_t end = std::min({rest.find("  "), rest.find('\t'), rest.size()});
    cells.push_back(cell_text(rest.substr(0, end)));
    rest = trimmed(rest.substr(end));
  }
  return cells;
}

// Words; what stands in brackets goes with the word before it.
std::vector<std::string> cut_at_blanks(std::string_view line) {
  std::vector<std::string> cells;
  std::size_t open = 0;
  for (const std::string_view word : words_of(line)) {
    const bool opens = word.starts_with('(') || word.starts_with('[');
    if (!cells.empty() && (opens || open > 0)) {
      cells.back() += " " + cell_text(word);
    } else {
      cells.push_back(cell_text(word));
    }
    open +=
        static_cast<std::size_t>(std::count_if(word.begin(), word.end(), [](char c) { return c == '(' || c == '['; }));
    const auto closed =
        static_cast<std::size_t>(std::count_if(word.begin(), word.end(), [](char c) { return c == ')' || c == ']'; }));
    open -= std::min(open, closed);
  }
  return cells;
}

// "16 KiB" is one cell where the header wants so.
std::vector<std::string> with_units(const std::vector<std::string>& words) {
  std::vector<std::string> cells;
  for (const std::string& word : words) {
    const auto number = cells.empty() ? std::nullopt : read_quantity(cells.back(), {});
    if (number && !number->unit && unit_of_word(word)) {
      cells.back() += " " + word;
    } else {
      cells.push_back(word);
    }
  }
  return cells;
}

}  // namespace

std::vector<std::string> cells_of_line(std::string_view line, char delimiter, std::size_t wanted) {
  if (delimiter != ' ') {
    return cut_at(line, delimiter);
  }
  auto words = cut_at_blanks(line);
  if (wanted == 0 || words.size() == wanted) {
    return words;
  }
  for (auto other : {cut_at_gaps(line), with_units(words)}) {
    if (other.size() == wanted) {
      return other;
    }
  }
  return words;
}

std::vector<std::vector<std::string>> header_cells(std::string_view line, char delimiter) {
  if (delimiter != ' ') {
    return {cut_at(line, delimiter)};
  }
  std::vector<std::vector<std::string>> ways{cut_at_gaps(line)};
  auto words = cut_at_blanks(line);
  if (words != ways.front()) {
    ways.push_back(std::move(words));
  }
  return ways;
}

std::string_view without_hash(std::string_view line) {
  return line.substr(std::min(line.find_first_not_of("# \t"), line.size()));
}

bool is_rule(std::string_view line) {
  constexpr std::array<std::string_view, 6> latex{"\\hline",      "\\toprule", "\\midrule",
                                                  "\\bottomrule", "\\cline",   "\\cmidrule"};
  const std::string_view text = trimmed(line);
  return text.find_first_not_of("|-:=+_* \t\r.") == std::string_view::npos ||
         std::any_of(latex.begin(), latex.end(), [&](auto word) { return text.starts_with(word); });
}

}  // namespace hockney::import
