#include "import/tables/csv_table.hpp"

#include <algorithm>
#include <array>

#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::size_t most_lines_above_header = 5000;
constexpr std::size_t longest_header = 1 << 14;
constexpr std::array<char, 5> delimiters{',', ';', '|', '\t', ' '};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Cells go into files and onto terminals.
std::string printable(std::string_view text) {
  std::string kept(text);
  std::replace_if(
      kept.begin(), kept.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return kept;
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

bool is_rule(std::string_view line) { return line.find_first_not_of("|-:=+ \t\r") == std::string_view::npos; }

// Words between blanks may be prose that happens to speak of size and time.
bool data_follows(const LogText& text, std::size_t header) {
  const auto below = std::find_if(text.lines.begin() + static_cast<std::ptrdiff_t>(header) + 1, text.lines.end(),
                                  [](const LogLine& line) { return !line.text.empty(); });
  return below != text.lines.end() && looks_like_data(below->text);
}

}  // namespace

std::vector<std::string> csv_cells(std::string_view line, char delimiter) {
  std::vector<std::string> cells;
  if (delimiter == ' ') {
    for (const std::string_view word : words_of(line)) {
      cells.push_back(printable(word));
    }
    return cells;
  }
  std::string_view rest = trimmed(line);
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
    cells.push_back(printable(trimmed(cell + std::string(rest.substr(0, end)))));
    if (end == rest.size()) {
      return cells;
    }
    rest.remove_prefix(end + 1);
  }
}

CsvTable read_csv(const LogText& text, const std::function<bool(const std::vector<std::string>&)>& is_header) {
  CsvTable table;
  char delimiter = ',';
  for (std::size_t i = 0; i < text.lines.size(); ++i) {
    const std::size_t number = text.lines[i].number;
    const std::string_view line = trimmed(text.lines[i].raw);
    if (line.empty() || is_rule(line)) {
      continue;
    }
    if (!table.header.cells.empty()) {
      if (line.front() != '#') {
        table.rows.push_back({number, csv_cells(line, delimiter)});
        table.last_line = number;
      }
      continue;
    }
    if (number > most_lines_above_header) {
      return table;
    }
    const std::string_view body = line.substr(std::min(line.find_first_not_of("# \t"), line.size()));
    const auto found = std::find_if(delimiters.begin(), delimiters.end(), [&](char candidate) {
      return body.size() <= longest_header && is_header(csv_cells(body, candidate)) &&
             (candidate != ' ' || data_follows(text, i));
    });
    if (found != delimiters.end()) {
      delimiter = *found;
      table.header = {number, csv_cells(body, delimiter)};
      table.last_line = number;
    } else {
      table.lines_above += line.front() != '#' && looks_like_data(line) ? 1 : 0;
    }
  }
  return table;
}

}  // namespace hockney::import
