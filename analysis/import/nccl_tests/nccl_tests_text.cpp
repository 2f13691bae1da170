#include "import/nccl_tests/nccl_tests_text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "import/nccl_tests/nccl_tests_header.hpp"
#include "import/nccl_tests/nccl_tests_names.hpp"
#include "import/nccl_tests/nccl_tests_runs.hpp"
#include "import/nccl_tests/nccl_tests_settings.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

using Words = std::vector<std::string_view>;

constexpr std::size_t most_words_of_heading = 8;

bool is_footer(std::string_view body) {
  return body.starts_with("Out of bounds values") || body.starts_with("Avg bus bandwidth") ||
         body.starts_with("Collective test concluded");
}

// "out-of-" may end a wrapped line.
std::size_t find_out_of_place(std::string_view text) {
  return std::min(text.find("out-of-"), text.find("out of place"));
}

std::size_t find_in_place(std::string_view text) { return std::min(text.find("in-place"), text.find("in place")); }

// Out-of-place results alone: the whole row of some forks, or the first half of a longer one.
NcclTestsLayout one_group() {
  NcclTestsLayout layout;
  layout.groups = 1;
  return layout;
}

// A row that follows other output without a line end, from its size on; empty without one.
std::string_view row_behind(std::string_view output) {
  const Words words = words_of(output);
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    const std::span from(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
    if (element_of_nccl_type(words[i + 2]) && begins_nccl_tests_row(from, NcclTestsLayout{})) {
      return output.substr(static_cast<std::size_t>(words[i].data() - output.data()));
    }
  }
  return {};
}

// The depth of a heading ("## NVLS off", "**NVLS off**"), 0 of other lines. One '#' is nccl-tests' own.
std::size_t heading_depth(std::string_view text) {
  constexpr std::size_t below_all = 7;
  const std::size_t depth = std::min(text.find_first_not_of('#'), text.size());
  return depth > 1 && depth < below_all ? depth : text.starts_with("**") && text.ends_with("**") ? below_all : 0;
}

// "Run 2", "second trial": the same once more.
bool says_repeat(std::string_view text) {
  constexpr std::array<std::string_view, 12> repeats{"run",     "trial", "attempt", "iteration", "repeat", "pass",
                                                     "results", "first", "second",  "third",     "test",   "output"};
  const auto words = words_in(text);
  return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
    return is_digit(word.front()) || std::find(repeats.begin(), repeats.end(), word) != repeats.end();
  });
}

class Reader {
 public:
  NcclTestsLog read(const LogText& text) {
    for (std::size_t i = 0; i < text.lines.size();) {
      i += take(text.lines, i);
    }
    drop_pending();
    leave_table();
    std::sort(log_.refused.begin(), log_.refused.end(),
              [](const RefusedLine& a, const RefusedLine& b) { return a.line < b.line; });
    return std::move(log_);
  }

 private:
  // Returns how many lines were taken.
  std::size_t take(std::span<const LogLine> lines, std::size_t i) {
    take_diagnostic(lines[i]);
    const auto header = find_nccl_tests_header(lines, i);
    if (header) {
      open(header->layout, lines[i].number, header->lines > 1);
      return header->lines;
    }
    if (!lines[i].text.empty()) {
      take_text(lines[i]);
    }
    return 1;
  }

  void take_text(const LogLine& line) {
    const std::string_view text = line.text;
    const bool commented = text.front() == '#';
    const std::string_view body = commented ? text.substr(std::min(text.find_first_not_of("# \t"), text.size())) : text;
    const auto words = words_of(body);
    if (words.empty()) {
      return;
    }
    if (!commented && (take_row(words, line.text, line.number) || take_row_behind(line))) {
      return;
    }
    if (is_footer(body)) {
      take_footer(words, body);
    } else {
      take_prose(line, body, commented);
    }
  }

  void take_diagnostic(const LogLine& line) {
    const std::string_view message = line.diagnostic;
    preamble().environment.merge(environment_in(message));
    constexpr std::string_view announcement = "NCCL version ";
    const auto found = message.find(announcement);
    if (found != std::string_view::npos && preamble().nccl_version.empty()) {
      const auto words = words_of(message.substr(found + announcement.size()));
      preamble().nccl_version = words.empty() ? std::string_view{} : words.front();
    }
    const std::string_view row = row_behind(message);
    if (!row.empty()) {
      take_row(words_of(row), std::string(row), line.number);
    }
  }

  // Only a whole row: what people write may have the beginning of one in it.
  bool take_row_behind(const LogLine& line) {
    const std::string_view row = row_behind(line.text);
    const auto words = words_of(row);
    return open_ && !row.empty() && read_nccl_tests_row(words, table().layout) &&
           take_row(words, std::string(row), line.number);
  }

  void take_footer(const Words& words, std::string_view body) {
    const bool belongs = open_ || footer_follows_;
    footer_follows_ = true;
    if (open_ && ++footers_[std::string(words.front())] < headers_) {
      return;  // of another run, whose rows are mixed with these
    }
    close(true);
    unfinished_.clear();
    if (belongs && !log_.tables.empty() && body.ends_with("FAILED")) {
      log_.tables.back().notes.push_back(fmt::format("the log says: {}", body));
    }
    if (words.front() == "Collective" && belongs && !log_.tables.empty() && log_.tables.back().preamble.test.empty()) {
      log_.tables.back().preamble.test = nccl_test_in_file_name(words.back().substr(0, words.back().find("_perf")));
    }
  }

  void take_prose(const LogLine& line, std::string_view body, bool commented) {
    NcclTestsPreamble fresh;
    if (read_nccl_tests_preamble(body, fresh) && (open_ || begins_again(fresh))) {
      const auto& ranks = preamble().ranks;
      unfinished_.insert(unfinished_.end(), ranks.begin(), ranks.end());
      close(false);
    }
    footer_follows_ = false;
    if (find_out_of_place(body) != std::string_view::npos) {
      sides_ = body;
    } else if (find_in_place(body) != std::string_view::npos) {
      sides_ += body;
    }
    const std::size_t ranks_before = preamble().ranks.size();
    const bool later = open_ ? !table().rows.empty() : !next_.options.empty();
    const auto words = words_of(body);
    const bool command = words.size() > 1 && body.find("_perf") != std::string_view::npos;
    read_nccl_tests_preamble(body, later && command ? below_ : preamble());
    take_environment(body, command || words.size() <= most_words_of_heading);
    const bool data = commented ? begins_nccl_tests_row(words, NcclTestsLayout{}) && looks_like_data(body)
                                : preamble().ranks.size() == ranks_before && looks_like_data(body);
    if (data) {
      refuse(line.number,
             commented ? "looks like a row, but is commented out" : "looks like data, but is no row of nccl-tests");
    } else if (!command && words.size() <= most_words_of_heading) {
      take_heading(line.text, body);
    }
  }

  // Of a command or a heading for the table to come, of export lines and env dumps for all tables below.
  void take_environment(std::string_view body, bool of_next) {
    const bool for_all = only_sets_variables(body);
    if (body.find('=') == std::string_view::npos && !for_all && body.find("env ") == std::string_view::npos) {
      return;
    }
    Provenance& to = for_all ? exported_ : open_ && !table().rows.empty() ? below_.environment : preamble().environment;
    body.remove_suffix(body.ends_with(':') ? 1 : 0);  // "With NCCL_ALGO=Tree:"
    for (const auto& [name, value] : for_all || of_next ? environment_in(body) : Provenance{}) {
      to.insert_or_assign(name, value);
    }
  }

  void take_heading(std::string_view text, std::string_view body) {
    if (const std::size_t depth = heading_depth(text)) {
      headings_.erase(headings_.lower_bound(depth), headings_.end());
      headings_[depth] = body;
    }
    if (open_ && !table().rows.empty() && text.front() != '#') {
      text_below_row_ = body;
    }
    const std::string test = nccl_test_in_file_name(body);
    if (!test.empty()) {
      (open_ ? below_ : next_).heading_test = test;
    }
  }

  // A version, test or options line where the preamble has that line already: the run before it printed no table.
  bool begins_again(const NcclTestsPreamble& fresh) const {
    return (!fresh.version.empty() && !next_.version.empty()) || (!fresh.test.empty() && !next_.test.empty()) ||
           (!fresh.options.empty() && !next_.options.empty());
  }

  void open(const NcclTestsLayout& layout, std::size_t number, bool wrapped = false) {
    drop_pending();
    const bool repeated = open_ && table().rows.empty();
    if (!repeated) {
      leave_table();
      log_.tables.emplace_back();
      table().preamble = std::exchange(next_, {});
      if (table().preamble.command.empty() && !below_.command.empty()) {
        table().preamble.take_command(std::exchange(below_, {}));
      }
      if (table().preamble.command.empty() && repeats_last_command()) {
        table().preamble.take_command(last_);
        table().notes.emplace_back("no command line of its own: taken for a repeat of the one above");
      }
      table().preamble.environment.insert(exported_.begin(), exported_.end());
      for (const auto& [depth, heading] : headings_) {
        if (!says_repeat(heading)) {
          table().preamble.title += (table().preamble.title.empty() ? "" : " / ") + heading;
        }
      }
      text_below_row_.clear();
      open_ = true;
      headers_ = 0;
      footers_.clear();
    }
    ++headers_;
    table().layout = layout;
    const std::string sides = std::exchange(sides_, {});
    const std::size_t out_of_place = find_out_of_place(sides);
    const bool whole = !wrapped || out_of_place != std::string::npos;  // a wrapped line may have lost one of the two
    table().layout.in_place_first = (whole && find_in_place(sides) < out_of_place) || layout.in_place_first;
    table().wrapped = wrapped;
    table().repeats_header = repeated;
    table().first_line = table().last_line = number;
  }

  // One command that runs the same test several times is printed once.
  bool repeats_last_command() const {
    const std::string& options = log_.tables.back().preamble.options;
    return !options.empty() && options == last_.options;
  }

  void open_without_header(const NcclTestsLayout& layout, std::size_t number) {
    open(layout, number);
    table().has_header = false;
  }

  void close(bool complete) {
    drop_pending();
    if (open_) {
      table().complete = complete;
    } else {
      next_ = std::exchange(below_, {});
    }
    leave_table();
  }

  void leave_table() {
    if (!open_) {
      return;
    }
    open_ = false;
    next_ = std::exchange(below_, {});
    if (!table().preamble.command.empty()) {
      last_ = table().preamble;
    }
    NcclTestsTable left = std::move(log_.tables.back());
    log_.tables.pop_back();
    auto parts = separate_runs(std::move(left), unfinished_);
    if (parts.size() > 1 || parts.front().repeats_header) {
      unfinished_.clear();
    }
    std::move(parts.begin(), parts.end(), std::back_inserter(log_.tables));
  }

  // Whether the line was a row, or a part of one.
  bool take_row(const Words& words, const std::string& text, std::size_t number) {
    const bool fixed = open_ && table().has_header;
    NcclTestsLayout layout = open_ ? table().layout : NcclTestsLayout{};
    auto row = read_nccl_tests_row(words, layout);
    const auto own_layout = row || fixed ? std::nullopt : layout_of_nccl_tests_row(words);
    if (own_layout) {
      drop_pending();
      open_without_header(*own_layout, number);
      row = read_nccl_tests_row(words, *own_layout);
    }
    const bool lacks_end = row && open_ && table().wrapped && row->left_words < layout.left_columns;
    if (row && has_left_of_table(*row) && !lacks_end) {
      drop_pending();
      add(std::move(*row), number);
      return true;
    }
    if (begins_nccl_tests_row(words, layout) && (open_ || element_of_nccl_type(words[layout.size_column + 2]))) {
      take_beginning(words, text, number, layout);
      return true;
    }
    return !pending_.empty() && continues_nccl_tests_row(words) && join(text, number, layout);
  }

  // A row that lost its last cells may fill a layout with a shorter left part.
  bool has_left_of_table(const NcclTestsRow& row) {
    return !open_ || table().rows.empty() || row.left_words == table().rows.front().left_words;
  }

  void take_beginning(const Words& words, const std::string& text, std::size_t number, const NcclTestsLayout& layout) {
    auto before = open_ ? std::nullopt : read_nccl_tests_row(words_of(pending_), one_group());
    auto row = before ? read_nccl_tests_row(words, one_group()) : std::nullopt;
    if (row) {
      pending_.clear();
      open_without_header(one_group(), pending_lines_.front());
      add(std::move(*before), pending_lines_.front());
      add(std::move(*row), number);
      return;
    }
    drop_pending();
    if (words.size() > layout.left_columns + layout.right_words()) {
      refuse(number, "a row with more cells than the header has columns");
      return;
    }
    pending_ = text;
    pending_lines_ = {number};
  }

  bool join(const std::string& text, std::size_t number, const NcclTestsLayout& layout) {
    std::string joined = pending_ + " " + text;
    auto row = row_of_parts(joined, layout);
    if (!row && open_ && table().wrapped) {
      row = row_of_parts(pending_ + text, layout);  // wrapped inside a number
    }
    if (!row && words_of(joined).size() >= layout.left_columns + layout.right_words()) {
      return false;
    }
    pending_ = std::move(joined);
    pending_lines_.push_back(number);
    if (row) {
      take_joined(*row);
    }
    return true;
  }

  std::optional<NcclTestsRow> row_of_parts(const std::string& joined, const NcclTestsLayout& layout) {
    auto row = read_nccl_tests_row(words_of(joined), layout);
    return row && has_left_of_table(*row) ? row : std::nullopt;
  }

  void take_joined(const NcclTestsRow& row) {
    pending_.clear();
    const bool wrapped = open_ && table().wrapped;
    if (!wrapped && !proves_itself(row)) {
      for (const std::size_t line : pending_lines_) {
        refuse(line, fmt::format("parts of a row cut by other output (lines {} to {}): size / time does not prove that "
                                 "they belong together",
                                 pending_lines_.front(), pending_lines_.back()));
      }
      return;
    }
    add(row, pending_lines_.front());
    table().last_line = pending_lines_.back();
    if (!wrapped) {
      table().notes.push_back(fmt::format("the row of lines {} and {}, cut by other output, was put together again",
                                          pending_lines_.front(), pending_lines_.back()));
    } else if (table().rows.size() == 1) {
      table().notes.emplace_back("header and rows are wrapped: their lines were put together again");
    }
  }

  void add(NcclTestsRow row, std::size_t number) {
    if (!open_) {
      open_without_header(NcclTestsLayout{}, number);
    }
    const std::string text = std::exchange(text_below_row_, {});
    if (!text.empty() && headers_ < 2 && !table().rows.empty() && row.size_bytes <= table().rows.back().size_bytes) {
      begin_again(text, number);
    }
    if (headers_ < 2 && !table().rows.empty() && is_rooted(row) != is_rooted(table().rows.back())) {
      const NcclTestsLayout layout = table().layout;
      leave_table();
      open_without_header(layout, number);
      table().notes.emplace_back("the root column changes here: another test, whose header is missing");
    }
    row.line = number;
    table().rows.push_back(std::move(row));
    table().last_line = number;
  }

  // A table of the same run, as far as is known, under another text.
  void begin_again(const std::string& text, std::size_t number) {
    NcclTestsTable above = table();
    leave_table();
    open(above.layout, number, above.wrapped);
    Provenance environment = std::exchange(table().preamble.environment, {});
    table().preamble = std::move(above.preamble);
    for (auto& [name, value] : environment) {
      table().preamble.environment.insert_or_assign(name, std::move(value));
    }
    if (!says_repeat(text)) {
      table().preamble.title += (table().preamble.title.empty() ? "" : " / ") + text;
    }
    table().has_header = above.has_header;
    table().notes.push_back(fmt::format("sizes begin again below '{}': a table of its own", text));
  }

  static bool is_rooted(const NcclTestsRow& row) { return row.root && *row.root >= 0; }

  // The row that has begun will not go on.
  void drop_pending() {
    if (pending_.empty()) {
      return;
    }
    const std::string text = std::exchange(pending_, {});
    const auto lines = std::exchange(pending_lines_, {});
    const NcclTestsLayout layout = open_ ? table().layout : NcclTestsLayout{};
    auto row = read_cut_nccl_tests_row(words_of(text), layout);
    if (row) {
      add(std::move(*row), lines.front());
      table().last_line = lines.back();
      table().notes.push_back(fmt::format("the row of line {} is cut: its {} half is used", lines.front(),
                                          layout.in_place_first ? "in-place" : "out-of-place"));
      return;
    }
    for (const std::size_t line : lines) {
      refuse(line, fmt::format("row cut off after '{}'", text));
    }
  }

  void refuse(std::size_t number, std::string reason) { log_.refused.push_back({number, std::move(reason)}); }

  NcclTestsTable& table() { return log_.tables.back(); }
  NcclTestsPreamble& preamble() { return open_ ? table().preamble : next_; }

  NcclTestsLog log_;
  NcclTestsPreamble next_;                       // of the table to come
  NcclTestsPreamble below_;                      // commands and headings below the open table's rows: the next table's
  NcclTestsPreamble last_;                       // of the last table with a command line
  Provenance exported_;                          // variables that hold for all tables below
  std::string sides_;                            // what stands above the header to come about out of place and in place
  std::vector<NcclTestsRank> unfinished_;        // rank lists of runs that have printed no footer yet
  std::map<std::size_t, std::string> headings_;  // above the line, by depth
  std::string text_below_row_;                   // the last text since the last row
  bool open_ = false;                            // whether rows go to the last table
  std::size_t headers_ = 0;                      // of the open table
  std::map<std::string, std::size_t> footers_;   // of the open table, by first word
  bool footer_follows_ = false;                  // whether the line above was a footer's
  std::string pending_;                          // the parts of a row that goes on elsewhere
  std::vector<std::size_t> pending_lines_;
};

}  // namespace

NcclTestsLog read_nccl_tests_text(const LogText& text) { return Reader{}.read(text); }

}  // namespace hockney::import
