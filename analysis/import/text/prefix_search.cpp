#include "import/text/prefix_search.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "import/imported_points.hpp"
#include "import/tables/facts.hpp"
#include "import/text/log_line.hpp"
#include "import/text/printed_number.hpp"

namespace hockney::import {
namespace {

using Kind = PrefixToken::Kind;
using Tokens = std::vector<PrefixToken>;

constexpr std::size_t lines_below_header = 4;

bool is_comment(std::string_view content) {
  constexpr std::string_view check_column = "#wrong";
  return content.starts_with('#') && !content.starts_with(check_column) &&
         (content.size() == 1 || content[1] < '0' || content[1] > '9');
}

// "8  2  float  sum ..."
bool is_nccl_row(std::string_view content) {
  constexpr std::size_t least_words = 7;
  if (content.empty() || content.front() < '0' || content.front() > '9') {
    return false;
  }
  const auto words = words_of(content);
  const auto whole = [&](std::size_t i) { return words[i].find_first_not_of("0123456789") == std::string_view::npos; };
  return words.size() >= least_words && whole(0) && whole(1) &&
         words[2].find_first_of("abcdefghijklmnopqrstuvwxyz") == 0;
}

// A '|' opens the row of a Markdown table unless a name stands before it.
std::size_t without_bars(const std::string& kinds, std::size_t count) {
  while (count > 0 && kinds[count - 1] == '|' && (count == 1 || kinds[count - 2] == '|' || kinds[count - 2] == '>')) {
    --count;
  }
  return count;
}

// How many tokens a header and a row have in common: what may differ in a prefix may differ.
std::size_t common_tokens(const Tokens& header, const Tokens& row) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min(header.size(), row.size()); ++i) {
    const bool same = header[i].kind == row[i].kind &&
                      (header[i].kind == Kind::word || header[i].kind == Kind::sign
                           ? header[i].text == row[i].text
                           : header[i].kind != Kind::group || header[i].text.front() == row[i].text.front());
    if (!same) {
      break;
    }
    count = header[i].cut && row[i].cut ? i + 1 : count;
  }
  return without_bars(shape_of(header, count), count);
}

/// One look at all lines for prefixes that repeat.
class Search {
 public:
  explicit Search(const std::vector<TextLine>& lines) : lines_(lines) {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      look_at(i);
    }
  }

  /// The prefixes, longest first.
  std::vector<PrefixShape> prefixes() {
    std::vector<PrefixShape> candidates;
    for (auto& [kinds, shape] : shapes_) {
      if (is_candidate(shape)) {
        candidates.push_back(std::move(shape));
      }
    }
    keep_most_seen(candidates);
    std::sort(candidates.begin(), candidates.end(),
              [](const PrefixShape& a, const PrefixShape& b) { return a.size() > b.size(); });
    std::vector<std::size_t> rows(candidates.size());
    for (const TextLine& line : lines_) {
      const Tokens tokens = prefix_tokens(line.text);
      const auto found = std::find_if(candidates.begin(), candidates.end(),
                                      [&](const PrefixShape& shape) { return shape.begins(tokens); });
      if (found != candidates.end() && looks_like_data(content_behind(line.text, tokens, found->size()))) {
        ++rows[static_cast<std::size_t>(found - candidates.begin())];
      }
    }
    std::vector<PrefixShape> found;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (rows[i] > 0) {
        found.push_back(std::move(candidates[i]));
      }
    }
    return found;
  }

 private:
  void look_at(std::size_t i) {
    const std::string_view line = lines_[i].text;
    const Tokens tokens = prefix_tokens(line);
    const std::string_view content = content_behind(line, tokens, tokens.size());
    if (is_comment(content)) {
      add(tokens, tokens.size(), &PrefixShape::comments, i);
    } else if (is_table_header(line)) {
      look_below(i, tokens);
    } else if (const auto count = tokens_before_row(line, tokens)) {
      add(tokens, *count, &PrefixShape::rows, i);
    }
  }

  void look_below(std::size_t header, const Tokens& tokens) {
    for (std::size_t i = header + 1; i < std::min(lines_.size(), header + 1 + lines_below_header); ++i) {
      const Tokens below = prefix_tokens(lines_[i].text);
      const std::size_t count = common_tokens(tokens, below);
      if (looks_like_data(content_behind(lines_[i].text, below, count)) &&
          is_table_header(content_behind(lines_[header].text, tokens, count))) {
        add(tokens, count, &PrefixShape::headers, header);
        return;
      }
    }
  }

  static std::optional<std::size_t> tokens_before_row(std::string_view line, const Tokens& tokens) {
    if (is_nccl_row(content_behind(line, tokens, 0))) {
      return 0;
    }
    for (std::size_t count = 1; count <= tokens.size(); ++count) {
      if (tokens[count - 1].cut && is_nccl_row(content_behind(line, tokens, count))) {
        return count;
      }
    }
    return std::nullopt;
  }

  void add(const Tokens& tokens, std::size_t count, std::size_t PrefixShape::*evidence, std::size_t line) {
    const std::string kinds = shape_of(tokens, count);
    const bool names = evidence != &PrefixShape::rows;
    anchors_ += names ? 1 : 0;
    first_ = names ? std::min(first_, line) : first_;
    last_ = names ? std::max(last_, line) : last_;
    if (count == 0 || without_bars(kinds, count) != count) {
      return;
    }
    PrefixShape& shape = shapes_[kinds];
    shape.kinds = kinds;
    ++(shape.*evidence);
    shape.take(tokens);
  }

  // A log has a few prefixes; a text that has hundreds is made to waste time.
  static void keep_most_seen(std::vector<PrefixShape>& candidates) {
    constexpr std::size_t most = 32;
    const auto seen = [](const PrefixShape& shape) { return shape.comments + shape.headers + shape.rows; };
    std::stable_sort(candidates.begin(), candidates.end(),
                     [&](const PrefixShape& a, const PrefixShape& b) { return seen(a) > seen(b); });
    candidates.resize(std::min(candidates.size(), most));
  }

  // "COMMS-RES-all_reduce-float32" before header and rows says what was timed.
  static bool tells_operation(const PrefixShape& shape) {
    return std::any_of(shape.words.begin(), shape.words.end(), [](const std::set<std::string>& words) {
      return std::any_of(words.begin(), words.end(), [](const std::string& word) {
        const auto parts = words_in(word);
        return operation_of_cell(word) && std::any_of(parts.begin(), parts.end(), element_of_word);
      });
    });
  }

  bool is_candidate(const PrefixShape& shape) const {
    constexpr std::size_t most_bare_words = 3;
    const std::size_t evidence = shape.comments + shape.headers;
    if (tells_operation(shape)) {
      return false;
    }
    if (evidence == 0) {
      return shape.is_strong() && shape.rows > 1 && anchors_ == 0;
    }
    if (shape.is_strong()) {
      return true;
    }
    const bool nearly_all = 5 * evidence >= 4 * anchors_;
    return nearly_all && shape.bare_words() <= most_bare_words && (!shape.is_of_numbers() || may_be_numbers(shape));
  }

  // Rows begin with numbers too: every line from the first comment to the last row has to, and where no comment does,
  // the numbers have to count lines, be one number, or be seconds since 1970.
  bool may_be_numbers(const PrefixShape& shape) const {
    constexpr double some_epoch = 1e9;
    std::vector<double> numbers;
    for (std::size_t i = first_; i < lines_.size() && (i <= last_ || looks_like_data(lines_[i].text)); ++i) {
      const Tokens tokens = prefix_tokens(lines_[i].text);
      if (tokens.empty()) {
        continue;
      }
      if (!shape.begins(tokens)) {
        return false;
      }
      const auto number = read_printed_number(tokens.front().text);
      numbers.push_back(number ? number->value : 0);
    }
    const auto steps = [&](double least, double most) {
      return std::adjacent_find(numbers.begin(), numbers.end(),
                                [&](double a, double b) { return b - a < least || b - a > most; }) == numbers.end();
    };
    constexpr std::size_t least_lines = 3;
    return shape.comments > 1 ||
           (numbers.size() >= least_lines &&
            (steps(0, 0) || steps(1, 1) ||
             std::all_of(numbers.begin(), numbers.end(), [](double number) { return number > some_epoch; })));
  }

  const std::vector<TextLine>& lines_;
  std::map<std::string, PrefixShape> shapes_;
  std::size_t anchors_ = 0;  // comments and headers
  std::size_t first_ = static_cast<std::size_t>(-1);
  std::size_t last_ = 0;
};

}  // namespace

std::size_t PrefixShape::bare_words() const {
  return static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), 'w'));
}

void PrefixShape::take(const Tokens& tokens) {
  words.resize(size());
  for (std::size_t i = 0; i < size(); ++i) {
    if (tokens[i].kind == Kind::word) {
      words[i].emplace(tokens[i].text);
    }
  }
}

bool PrefixShape::begins(const Tokens& tokens) const {
  if (tokens.size() < size() || !tokens[size() - 1].cut || shape_of(tokens, size()) != kinds) {
    return false;
  }
  for (std::size_t i = 0; i < size(); ++i) {
    if (tokens[i].kind == Kind::word && !words[i].contains(std::string(tokens[i].text))) {
      return false;
    }
  }
  return true;
}

bool is_table_header(std::string_view line) {
  const std::string text = lower_case(line);
  constexpr std::array<std::string_view, 6> sizes{"size", "bytes", "message", "msg", "count", "payload"};
  constexpr std::array<std::string_view, 8> times{"time", "lat", "bw", "bandwidth", "(us", "(ms", "us)", "usec"};
  return holds_any(text, sizes) && holds_any(text, times) && !looks_like_data(line);
}

std::vector<PrefixShape> repeated_prefixes(const std::vector<TextLine>& lines) { return Search(lines).prefixes(); }

}  // namespace hockney::import
