#include "import/text/line_prefix.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "import/text/log_line.hpp"
#include "import/text/prefix_search.hpp"
#include "import/text/prefix_tokens.hpp"
#include "import/text/printed_number.hpp"
#include "import/text/source_order.hpp"

namespace hockney::import {
namespace {

using Kind = PrefixToken::Kind;
using Tokens = std::vector<PrefixToken>;

constexpr std::size_t most_passes = 3;  // prefixes in prefixes

// A label that says what was timed is no prefix.
bool names_an_operation(std::string_view text) {
  constexpr std::array<std::string_view, 6> words{"reduce", "gather", "scatter", "alltoall", "broadcast", "NCCL "};
  return holds_any(text, words);
}

struct Removed {
  std::string example;
  std::size_t lines = 0;
};

class Removal {
 public:
  explicit Removal(std::vector<TextLine> lines) : lines_(std::move(lines)), sources_(lines_.size()) {}

  void run() {
    for (std::size_t pass = 0; pass < most_passes; ++pass) {
      const std::vector<PrefixShape> prefixes = repeated_prefixes(lines_);
      if (prefixes.empty()) {
        break;
      }
      for (std::size_t i = 0; i < lines_.size(); ++i) {
        remove(prefixes, i);
      }
    }
    free_single_rows();
    ordered_ = order_by_source(lines_, sources_);
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> notes;
    for (const auto& [kinds, removed] : removed_) {
      notes.push_back(fmt::format("prefix '{}' of {} line{} removed", removed.example, removed.lines,
                                  removed.lines == 1 ? "" : "s"));
    }
    if (ordered_) {
      notes.emplace_back("several sources wrote at the same time: the lines of each are put together");
    }
    return notes;
  }

  std::vector<TextLine> lines() && { return std::move(lines_); }

 private:
  void remove(const std::vector<PrefixShape>& prefixes, std::size_t i) {
    const Tokens tokens = prefix_tokens(lines_[i].text);
    const auto found =
        std::find_if(prefixes.begin(), prefixes.end(), [&](const PrefixShape& shape) { return shape.begins(tokens); });
    if (found != prefixes.end()) {
      cut(i, tokens, found->size());
    }
  }

  void cut(std::size_t i, const Tokens& tokens, std::size_t count) {
    std::string& text = lines_[i].text;
    Removed& removed = removed_[shape_of(tokens, count)];
    if (removed.lines++ == 0) {
      removed.example = text.substr(0, tokens[count - 1].end);
      removed.example.erase(removed.example.find_last_not_of(" \t") + 1);
      removed.example += tokens[count - 1].kind == Kind::word || tokens[count - 1].kind == Kind::stamp ? " " : "";
    }
    sources_[i] += source_of(tokens, count);
    text.erase(0, tokens[count - 1].end);
  }

  // "nnwwnnnn": numbers and words of a row; empty for what is short or no row.
  static std::string form_of(std::string_view content) {
    constexpr std::size_t least_cells = 6;
    std::string form;
    const auto words = words_of(content);
    if (words.size() < least_cells || !read_printed_number(words.front())) {
      return form;
    }
    for (const std::string_view word : words) {
      form += read_printed_number(word) ? 'n' : 'w';
    }
    return form;
  }

  void free_single_rows() {
    std::set<std::string> forms;
    for (const TextLine& line : lines_) {
      const std::string form = looks_like_data(line.text) ? form_of(line.text) : std::string{};
      if (!form.empty()) {
        forms.insert(form);
      }
    }
    for (std::size_t i = 0; !forms.empty() && i < lines_.size(); ++i) {
      if (looks_like_data(lines_[i].text) && form_of(lines_[i].text).empty() && !names_an_operation(lines_[i].text)) {
        free_single_row(i, forms);
      }
    }
  }

  void free_single_row(std::size_t i, const std::set<std::string>& forms) {
    const Tokens tokens = prefix_tokens(lines_[i].text);
    for (std::size_t count = 1; count <= tokens.size(); ++count) {
      if (tokens[count - 1].cut && shape_of(tokens, count).find_first_of("s:>[(<{") != std::string::npos &&
          forms.contains(form_of(content_behind(lines_[i].text, tokens, count)))) {
        cut(i, tokens, count);
        return;
      }
    }
  }

  std::vector<TextLine> lines_;
  std::vector<std::string> sources_;  // of each line
  std::map<std::string, Removed> removed_;
  bool ordered_ = false;
};

}  // namespace

std::vector<TextLine> remove_prefixes(std::vector<TextLine> lines, std::vector<std::string>& notes) {
  Removal removal(std::move(lines));
  removal.run();
  const auto said = removal.notes();
  notes.insert(notes.end(), said.begin(), said.end());
  return std::move(removal).lines();
}

}  // namespace hockney::import
