#include "import/averages/average_bandwidth.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "base/number.hpp"
#include "import/imported_points.hpp"
#include "import/text/log_line.hpp"
#include "vocabulary/group_on_nodes.hpp"

namespace hockney::import {
namespace {

constexpr std::string_view announcement = "average bandwidth of ";
constexpr double giga = 1e9;
constexpr double us_per_s = 1e6;

// The number before "GB", "GBps", "trials" ... at the begin of a word or of the word before it.
std::optional<PrintedNumber> number_in(std::string_view word) {
  const auto begin = word.find_first_of("0123456789");
  if (begin == std::string_view::npos) {
    return std::nullopt;
  }
  word.remove_prefix(begin);
  return read_printed_number(word.substr(0, word.find_first_not_of("0123456789.")));
}

std::optional<PrintedNumber> number_before(const std::vector<std::string_view>& words, std::string_view name) {
  const auto found = std::find_if(words.begin(), words.end(), [&](auto word) { return word.starts_with(name); });
  return found == words.end() || found == words.begin() ? std::nullopt : number_in(*(found - 1));
}

std::optional<PrintedNumber> number_after(std::string_view line, std::string_view name) {
  const auto at = line.find(name);
  const auto words = words_of(line.substr(std::min(at, line.size())));
  return at == std::string_view::npos || words.size() < 2 ? std::nullopt : number_in(words[1]);
}

struct Average {
  std::size_t line = 0;
  std::string operation;
  std::optional<PrintedNumber> payload_gb, trials, ranks, algbw, busbw;
};

std::vector<Average> averages_in(const LogText& text, std::size_t& last_line) {
  std::vector<Average> averages;
  for (const LogLine& line : text.lines) {
    const auto at = line.text.find(announcement);
    if (at != std::string::npos) {
      const auto words = words_of(std::string_view(line.text).substr(at + announcement.size()));
      averages.push_back({line.number, words.empty() ? std::string{} : std::string(words.front()),
                          number_before(words, "payload"), number_before(words, "trials"),
                          number_before(words, "ranks"), std::nullopt, std::nullopt});
      last_line = line.number;
    } else if (!averages.empty()) {
      Average& average = averages.back();
      const auto take = [&](std::optional<PrintedNumber>& to, std::string_view name) {
        const auto number = to ? std::nullopt : number_after(line.text, name);
        to = number ? number : to;
        last_line = number ? line.number : last_line;
      };
      take(average.algbw, "algbw:");
      take(average.busbw, "busbw:");
    }
  }
  return averages;
}

std::uint32_t count_of(const std::optional<PrintedNumber>& number, std::uint32_t otherwise) {
  constexpr double most = 1e7;
  return number && number->value >= 1 && number->value <= most ? static_cast<std::uint32_t>(number->value) : otherwise;
}

// Throws InputError, whose message is the reason to refuse the average.
ImportedPoint point_of(const Average& average, const ImportOptions& options) {
  const auto operation = operation_of_word(average.operation);
  if (!operation) {
    throw InputError(fmt::format("operation '{}' is not one of Hockney's", average.operation));
  }
  if (!average.payload_gb || !average.algbw || average.algbw->value <= 0) {
    throw InputError("an average without a payload or an algbw");
  }
  const std::uint32_t ranks = count_of(average.ranks, options.ranks.value_or(0));
  ImportedPoint imported;
  imported.line = average.line;
  imported.point.become(*operation);
  imported.point.transport = TransportKind::imported;
  imported.point.mode = Mode::stream;
  imported.point.fabric = options.fabric.value_or(Fabric::unknown);
  imported.point.group = group_on_nodes(ranks, options.nodes, options.ranks_per_node);
  imported.point.payload = Bytes{static_cast<std::uint64_t>(std::llround(average.payload_gb->value * giga))};
  imported.iterations = count_of(average.trials, 1);
  const double factor = wire_factor(*operation, ranks);
  if (average.busbw && !may_be_equal(*average.algbw, factor, *average.busbw)) {
    throw InputError(fmt::format("busbw / algbw is {}, but {} ranks give {}",
                                 significant(average.busbw->value / average.algbw->value), ranks, significant(factor)));
  }
  const double time_us = average.payload_gb->value / average.algbw->value * us_per_s;
  imported.time_us = {time_us, time_us * (average.algbw->half_step / average.algbw->value +
                                          average.payload_gb->half_step / average.payload_gb->value)};
  if (!is_time_us(time_us)) {
    throw InputError(fmt::format("{} us is no time of an operation", significant(time_us)));
  }
  const std::string impossible = impossible_payload(imported.point);
  return impossible.empty() ? imported : throw InputError(impossible);
}

}  // namespace

bool announces_average_bandwidth(std::string_view line) {
  return line.find(announcement) != std::string_view::npos && line.find("payload") != std::string_view::npos;
}

ImportedFile import_average_bandwidths(const LogText& text, const std::filesystem::path& file,
                                       const ImportOptions& options) {
  ImportedFile result;
  result.name = file.filename().string();
  ImportedTable table;
  const std::vector<Average> averages = averages_in(text, table.last_line);
  if (averages.empty()) {
    throw InputError("no line 'average bandwidth of ... with a ... payload'");
  }
  table.first_line = averages.front().line;
  table.title = fmt::format("averages of {}", averages.front().operation);
  table.rows = averages.size();
  std::vector<ImportedPoint> points;
  std::vector<RefusedLine> refused;
  for (const Average& average : averages) {
    try {
      points.push_back(point_of(average, options));
    } catch (const InputError& reason) {
      refused.push_back({average.line, reason.what()});
    }
  }
  table.rows_refused = refused.size();
  table.rows_used = points.size();
  if (points.empty()) {
    table.refusal = fmt::format("line {}: {}", refused.front().line, refused.front().reason);
  } else {
    result.refused = std::move(refused);
    table.launch = launch_of_points(points, "all_reduce_bench.py", file,
                                    fmt::format("lines {}-{}", table.first_line, table.last_line), options);
    table.launch->provenance = {{"import.operation", "named in the log"}, {"import.ranks", "named in the log"}};
    table.notes = notes_on(*table.launch, options);
    table.notes.emplace_back("element type not stated: float32 assumed");
  }
  result.tables.push_back(std::move(table));
  return result;
}

}  // namespace hockney::import
