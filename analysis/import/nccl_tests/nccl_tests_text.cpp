#include "import/nccl_tests/nccl_tests_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <span>
#include <utility>

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

// Whether the line above a header says that results in place stand left of those out of place; nothing of other lines.
std::optional<bool> in_place_first(std::string_view body) {
  const std::size_t out = std::min(body.find("out-of-place"), body.find("out of place"));
  const std::size_t in = std::min(body.find("in-place"), body.find("in place"));
  return out == std::string_view::npos && in == std::string_view::npos ? std::nullopt : std::optional(in < out);
}

// Out-of-place results alone: the whole row of some forks, or the first half of a longer one.
NcclTestsLayout one_group() {
  NcclTestsLayout layout;
  layout.groups = 1;
  return layout;
}

// A row that follows a diagnostic without a line end, from its size on; empty without one.
std::string_view row_behind(std::string_view diagnostic) {
  const Words words = words_of(diagnostic);
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    const std::span from(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
    if (element_of_nccl_type(words[i + 2]) && begins_nccl_tests_row(from, NcclTestsLayout{})) {
      return diagnostic.substr(static_cast<std::size_t>(words[i].data() - diagnostic.data()));
    }
  }
  return {};
}

class Reader {
 public:
  NcclTestsLog read(const LogText& text) {
    for (const LogLine& line : text.lines) {
      take(line);
    }
    drop_pending();
    leave_table();
    std::sort(log_.refused.begin(), log_.refused.end(),
              [](const RefusedLine& a, const RefusedLine& b) { return a.line < b.line; });
    return std::move(log_);
  }

 private:
  void take(const LogLine& line) {
    take_diagnostic(line);
    if (line.text.empty()) {
      return;
    }
    const std::string_view text = line.text;
    const bool commented = text.front() == '#';
    const std::string_view body = commented ? text.substr(std::min(text.find_first_not_of("# \t"), text.size())) : text;
    const auto words = words_of(body);
    if (words.empty()) {
      return;
    }
    if (const auto header = read_nccl_tests_header(words)) {
      open(*header, line.number);
    } else if (!commented && take_row(words, line.text, line.number)) {
      return;
    } else if (is_footer(body)) {
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
    in_place_first_ = in_place_first(body).value_or(in_place_first_);
    const std::size_t ranks_before = preamble().ranks.size();
    const bool later = open_ ? !table().rows.empty() : !next_.options.empty();
    const bool command = body.find("_perf") != std::string_view::npos;
    read_nccl_tests_preamble(body, later && command ? below_ : preamble());
    const auto words = words_of(body);
    take_environment(body, command || words.size() <= most_words_of_heading);
    const bool data = commented ? begins_nccl_tests_row(words, NcclTestsLayout{}) && looks_like_data(body)
                                : preamble().ranks.size() == ranks_before && looks_like_data(body);
    if (data) {
      refuse(line.number,
             commented ? "looks like a row, but is commented out" : "looks like data, but is no row of nccl-tests");
    } else if (!command && words.size() <= most_words_of_heading) {
      take_heading(body);
    }
  }

  // Of a command or a heading for the table to come, of export lines and env dumps for all tables below.
  void take_environment(std::string_view body, bool of_next) {
    const bool for_all = only_sets_variables(body);
    if (body.find('=') == std::string_view::npos && !for_all && body.find("env ") == std::string_view::npos) {
      return;
    }
    Provenance& to = for_all ? exported_ : open_ && !table().rows.empty() ? below_.environment : preamble().environment;
    for (const auto& [name, value] : for_all || of_next ? environment_in(body) : Provenance{}) {
      to.insert_or_assign(name, value);
    }
  }

  void take_heading(std::string_view body) {
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

  void open(const NcclTestsLayout& layout, std::size_t number) {
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
      open_ = true;
      headers_ = 0;
      footers_.clear();
    }
    ++headers_;
    table().layout = layout;
    table().layout.in_place_first = std::exchange(in_place_first_, false) || layout.in_place_first;
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
    if (row && has_left_of_table(*row)) {
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
    const std::string joined = pending_ + " " + text;
    const auto words = words_of(joined);
    auto row = read_nccl_tests_row(words, layout);
    if (row && !has_left_of_table(*row)) {
      row.reset();
    }
    if (!row && words.size() >= layout.left_columns + layout.right_words()) {
      return false;
    }
    pending_ = joined;
    pending_lines_.push_back(number);
    if (row) {
      take_joined(*row);
    }
    return true;
  }

  void take_joined(const NcclTestsRow& row) {
    pending_.clear();
    if (!proves_itself(row)) {
      for (const std::size_t line : pending_lines_) {
        refuse(line, fmt::format("parts of a row cut by other output (lines {} to {}): size / time does not prove that "
                                 "they belong together",
                                 pending_lines_.front(), pending_lines_.back()));
      }
      return;
    }
    add(row, pending_lines_.front());
    table().last_line = pending_lines_.back();
    table().notes.push_back(fmt::format("the row of lines {} and {}, cut by other output, was put together again",
                                        pending_lines_.front(), pending_lines_.back()));
  }

  void add(NcclTestsRow row, std::size_t number) {
    if (!open_) {
      open_without_header(NcclTestsLayout{}, number);
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
  NcclTestsPreamble next_;                      // of the table to come
  NcclTestsPreamble below_;                     // commands and headings below the open table's rows: the next table's
  NcclTestsPreamble last_;                      // of the last table with a command line
  Provenance exported_;                         // variables that hold for all tables below
  bool in_place_first_ = false;                 // as the line above the header to come says
  std::vector<NcclTestsRank> unfinished_;       // rank lists of runs that have printed no footer yet
  bool open_ = false;                           // whether rows go to the last table
  std::size_t headers_ = 0;                     // of the open table
  std::map<std::string, std::size_t> footers_;  // of the open table, by first word
  bool footer_follows_ = false;                 // whether the line above was a footer's
  std::string pending_;                         // the parts of a row that goes on elsewhere
  std::vector<std::size_t> pending_lines_;
};

}  // namespace

NcclTestsLog read_nccl_tests_text(const LogText& text) { return Reader{}.read(text); }

}  // namespace hockney::import
