#include "import/nccl_tests_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "import/log_line.hpp"

namespace hockney {
namespace {

class Reader {
 public:
  NcclTestsLog read(std::string_view text) {
    for (const LogLine& line : clean_lines(text)) {
      take(line);
    }
    drop_pending();
    std::sort(log_.refused.begin(), log_.refused.end(),
              [](const RefusedLine& a, const RefusedLine& b) { return a.line < b.line; });
    return std::move(log_);
  }

 private:
  void take(const LogLine& line) {
    const std::string_view text = line.text;
    take_diagnostic(line.diagnostic);
    if (text.empty()) {
      return;
    }
    const bool commented = text.front() == '#';
    const std::string_view body = commented ? text.substr(std::min(text.find_first_not_of("# \t"), text.size())) : text;
    const auto words = words_of(body);
    if (const auto header = read_nccl_tests_header(words)) {
      open(*header, line.number);
    } else if (!commented && take_row(words, line)) {
      return;
    } else if (commented && is_footer(body)) {
      close(true);
    } else {
      take_prose(line, body, commented);
    }
  }

  void take_diagnostic(std::string_view message) {
    constexpr std::string_view announcement = "NCCL version ";
    const auto found = message.find(announcement);
    if (found != std::string_view::npos && preamble().nccl_version.empty()) {
      const auto words = words_of(message.substr(found + announcement.size()));
      preamble().nccl_version = words.empty() ? std::string_view{} : words.front();
    }
  }

  void take_prose(const LogLine& line, std::string_view body, bool commented) {
    NcclTestsPreamble fresh;
    if (read_nccl_tests_preamble(body, fresh) && (open_ || begins_again(fresh))) {
      close(false);
    }
    const std::size_t ranks_before = preamble().ranks.size();
    read_nccl_tests_preamble(body, preamble());
    if (!commented && preamble().ranks.size() == ranks_before && looks_like_data(body)) {
      refuse(line.number, "looks like data, but is no row of nccl-tests");
    }
  }

  // A version, test or options line where the preamble has that line already: the run before it printed no table.
  bool begins_again(const NcclTestsPreamble& fresh) const {
    return (!fresh.version.empty() && !next_.version.empty()) || (!fresh.test.empty() && !next_.test.empty()) ||
           (!fresh.options.empty() && !next_.options.empty());
  }

  static bool is_footer(std::string_view body) {
    return body.starts_with("Out of bounds values") || body.starts_with("Avg bus bandwidth") ||
           body.starts_with("Collective test concluded");
  }

  void open(const NcclTestsLayout& layout, std::size_t number) {
    drop_pending();
    const bool repeated = open_ && table().rows.empty();
    if (!repeated) {
      log_.tables.emplace_back();
      table().preamble = std::exchange(next_, {});
      open_ = true;
    }
    table().layout = layout;
    table().interleaved = repeated;
    table().first_line = table().last_line = number;
  }

  void open_without_header(std::size_t number) {
    open(NcclTestsLayout{}, number);
    table().has_header = false;
  }

  void close(bool complete) {
    drop_pending();
    if (open_) {
      table().complete = complete;
    }
    open_ = false;
    next_ = {};
  }

  // Whether the line was a row, or a part of one.
  bool take_row(const std::vector<std::string_view>& words, const LogLine& line) {
    const NcclTestsLayout layout = open_ ? table().layout : NcclTestsLayout{};
    if (auto row = read_nccl_tests_row(words, layout)) {
      drop_pending();
      add(std::move(*row), line.number);
      return true;
    }
    if (begins_nccl_tests_row(words, layout)) {
      drop_pending();
      pending_ = line.text;
      pending_line_ = line.number;
      return true;
    }
    return !pending_.empty() && continues_nccl_tests_row(words) && join(line, layout);
  }

  bool join(const LogLine& line, const NcclTestsLayout& layout) {
    const std::string joined = pending_ + " " + line.text;
    const auto words = words_of(joined);
    if (auto row = read_nccl_tests_row(words, layout)) {
      const std::size_t begin = pending_line_;
      pending_.clear();
      add(std::move(*row), begin);
      table().last_line = line.number;
      table().notes.push_back(
          fmt::format("the row of lines {} and {}, cut by other output, was put together again", begin, line.number));
      return true;
    }
    if (words.size() >= layout.left_columns + layout.right_words()) {
      return false;
    }
    pending_ = joined;
    return true;
  }

  void add(NcclTestsRow row, std::size_t number) {
    if (!open_) {
      open_without_header(number);
    }
    row.line = number;
    table().rows.push_back(std::move(row));
    table().last_line = number;
  }

  void drop_pending() {
    if (!pending_.empty()) {
      refuse(pending_line_, fmt::format("row cut off after '{}'", pending_));
      pending_.clear();
    }
  }

  void refuse(std::size_t number, std::string reason) { log_.refused.push_back({number, std::move(reason)}); }

  NcclTestsTable& table() { return log_.tables.back(); }
  NcclTestsPreamble& preamble() { return open_ ? table().preamble : next_; }

  NcclTestsLog log_;
  NcclTestsPreamble next_;  // of the table to come
  bool open_ = false;       // whether rows go to the last table
  std::string pending_;     // the parts of a row that goes on elsewhere
  std::size_t pending_line_ = 0;
};

}  // namespace

NcclTestsLog read_nccl_tests_text(std::string_view text) { return Reader{}.read(text); }

}  // namespace hockney
