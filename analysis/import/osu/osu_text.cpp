#include "import/osu/osu_text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "import/text/launcher_command.hpp"
#include "import/text/log_line.hpp"
#include "import/text/printed_number.hpp"

namespace hockney::import {
namespace {

constexpr std::string_view osu_program = "osu_";

std::string_view without_hash(std::string_view text) {
  const auto begin = text.find_first_not_of("# \t");
  return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

// Headings of several words end in their unit: "Avg Latency(us)", "Overlap(%)". Blanks between them may have been lost.
std::vector<std::string> headings_of(std::string_view text) {
  std::vector<std::string> headings;
  bool open = false;
  for (const std::string_view word : words_of(text)) {
    const bool whole = word == "Size" || word == "Iterations" || word == "Validation" || word == "MB/s";
    if (open && !whole) {
      headings.back() += fmt::format(" {}", word);
    } else {
      headings.emplace_back(word);
    }
    open = !whole && !word.ends_with(')');
  }
  return headings;
}

std::optional<OsuRow> read_row(std::string_view text, std::size_t line) {
  const auto words = words_of(text);
  if (words.size() < 2 || !read_printed_number(words[1])) {
    return std::nullopt;
  }
  OsuRow row;
  row.line = line;
  const auto [end, error] = std::from_chars(words[0].data(), words[0].data() + words[0].size(), row.size_bytes);
  if (error != std::errc{} || end != words[0].data() + words[0].size()) {
    return std::nullopt;
  }
  row.cells.assign(words.begin() + 1, words.end());
  return row;
}

bool is_whole_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

class Reader {
 public:
  OsuLog read(const LogText& text) {
    for (const LogLine& line : text.lines) {
      if (!line.text.empty()) {
        take(line);
      }
    }
    return std::move(log_);
  }

 private:
  void take(const LogLine& line) {
    const std::string_view body = without_hash(line.text);
    if (auto banner = read_osu_banner(line.text)) {
      open(std::move(*banner), line.number);
    } else if (open_ && take_description(body, line.number)) {
      table().last_line = std::max(table().last_line, line.number);
    } else if (auto row = read_row(line.text, line.number)) {
      add(std::move(*row));
    } else if (open_ && has_header_ && is_whole_number(line.text)) {
      log_.refused.push_back({line.number, fmt::format("row cut off after '{}'", line.text)});
    } else if (looks_like_data(line.text)) {
      log_.refused.push_back({line.number, "looks like data, but is no row of the OSU micro-benchmarks"});
    } else {
      take_prose(line.text, body);
    }
  }

  void open(OsuBanner banner, std::size_t number) {
    log_.tables.emplace_back();
    table().banner = std::move(banner);
    table().command = std::exchange(command_, {});
    table().heading = std::exchange(heading_, {});
    table().first_line = table().last_line = number;
    open_ = true;
    has_header_ = false;
  }

  // A further type of -T repeats the datatype line and the header below the same banner.
  void open_again(std::size_t number) {
    if (table().rows.empty()) {
      return;
    }
    OsuTable next;
    next.banner = table().banner;
    next.buffers = table().buffers;
    next.command = table().command;
    next.heading = table().heading;
    next.first_line = next.last_line = number;
    log_.tables.push_back(std::move(next));
    has_header_ = false;
  }

  bool take_description(std::string_view body, std::size_t number) {
    constexpr std::string_view datatype = "Datatype:";
    if (body.starts_with(datatype)) {
      open_again(number);
      const auto words = words_of(body.substr(datatype.size()));
      std::string name(words.empty() ? std::string_view{} : words[0]);
      name.erase(std::min(name.find('.'), name.size()));
      table().datatype = std::move(name);
    } else if (body.starts_with("Size ") || body.starts_with("Size\t") || body == "Size") {
      open_again(number);
      table().columns = headings_of(body);
      table().columns.erase(table().columns.begin());
      has_header_ = true;
    } else if (body.starts_with("Send Buffer on ")) {
      table().buffers = body;
    } else {
      return false;
    }
    return true;
  }

  // Other output may stand between the rows of a run: sizes go on growing behind it.
  void add(OsuRow row) {
    const bool goes_on =
        open_ || (has_header_ && !table().rows.empty() && row.size_bytes > table().rows.back().size_bytes &&
                  row.cells.size() == table().rows.back().cells.size());
    if (!goes_on || !has_header_) {
      log_.refused.push_back({row.line, "looks like data, but no OSU banner and header stand above it"});
      return;
    }
    open_ = true;
    table().last_line = row.line;
    table().rows.push_back(std::move(row));
  }

  void take_prose(std::string_view text, std::string_view body) {
    if (read_launcher_command(text, osu_program)) {
      command_ = text;
      has_header_ = false;
    } else if (text.front() != '#' || text.starts_with("##") || !open_) {
      heading_ = body;
    }
    if (text.front() != '#' && open_ && !table().rows.empty()) {
      open_ = false;
    }
    has_header_ = has_header_ && !text.starts_with("##");
  }

  OsuTable& table() { return log_.tables.back(); }

  OsuLog log_;
  std::string command_;  // of the table to come
  std::string heading_;
  bool open_ = false;
  bool has_header_ = false;
};

}  // namespace

OsuLog read_osu_text(const LogText& text) { return Reader{}.read(text); }

}  // namespace hockney::import
