#include "import/published/reference_keys.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <span>

#include "import/published/csv_cell.hpp"
#include "import/text/printed_number.hpp"
#include "record/software.hpp"

namespace hockney::import {
namespace {

constexpr std::string_view line_rate_word = "line rate";
constexpr double bytes_per_gigabyte = 1e9;
constexpr double us_per_s = 1e6;
constexpr std::array<std::string_view, 3> always_required{"machine", "source", "fabric"};
constexpr std::array<std::string_view, 4> required_of_points{"transport", "mode", "statistic", "iterations"};
constexpr std::array<std::string_view, 2> required_of_line_rates{"bandwidth_gb_per_s", "latency_us"};
constexpr std::array<std::string_view, 2> optional_of_points{"nccl", "environment"};
constexpr std::array<std::string_view, 2> repeatable{"caveats", "environment"};
constexpr std::array<std::string_view, 18> known_keys{"machine",
                                                      "source",
                                                      "fabric",
                                                      "transport",
                                                      "mode",
                                                      "statistic",
                                                      "iterations",
                                                      "estimated",
                                                      "nccl",
                                                      "environment",
                                                      "bandwidth_gb_per_s",
                                                      "latency_us",
                                                      "gpu",
                                                      "url",
                                                      "citation",
                                                      "date",
                                                      "versions",
                                                      "caveats"};
/// What may move the bytes: more than Hockney measures with. rdma: network verbs, written by the publisher.
constexpr std::array<std::string_view, 5> known_transports{"nccl", "rccl", "mpi", "nvshmem", "rdma"};

bool holds(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

double number_above_zero(const std::string& text, std::string_view key) {
  const auto number = read_printed_number(text);
  if (!number || number->value <= 0) {
    throw InputError(fmt::format("key '{}' is '{}', expected a number above 0", key, text));
  }
  return number->value;
}

std::chrono::sys_days first_day_of(std::string_view text) {
  const auto refuse = [&]() -> std::chrono::sys_days {
    throw InputError(fmt::format("key 'date' is '{}', expected YYYY, YYYY-MM or YYYY-MM-DD", text));
  };
  constexpr std::string_view form = "0000-00-00";
  if (text.size() != 4 && text.size() != 7 && text.size() != form.size()) {
    return refuse();
  }
  std::array<int, 3> parts{0, 1, 1};
  for (std::size_t i = 0, part = 0; i < text.size(); ++i) {
    if (is_digit(text[i]) != (form[i] == '0')) {
      return refuse();
    }
    if (!is_digit(text[i])) {
      parts.at(++part) = 0;
    } else {
      parts.at(part) = parts.at(part) * 10 + (text[i] - '0');
    }
  }
  const std::chrono::year_month_day day{std::chrono::year{parts[0]},
                                        std::chrono::month{static_cast<unsigned>(parts[1])},
                                        std::chrono::day{static_cast<unsigned>(parts[2])}};
  return day.ok() ? std::chrono::sys_days{day} : refuse();
}

}  // namespace

void ReferenceKeys::take(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) {
    throw InputError("expected '# key: value'");
  }
  const std::string key(trimmed(line.substr(0, colon)));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!holds(known_keys, key)) {
    throw InputError(unknown_name("key", key, known_keys));
  }
  if (value.empty()) {
    throw InputError(fmt::format("key '{}' has no value", key));
  }
  if (key == "environment") {
    take_setting(value);
  }
  const auto [entry, fresh] = keys_.try_emplace(key, value);
  if (!fresh && !holds(repeatable, key)) {
    throw InputError(fmt::format("key '{}' is repeated", key));
  }
  if (!fresh) {
    entry->second += fmt::format("; {}", value);
  }
}

void ReferenceKeys::take_setting(std::string_view value) {
  const auto equals = value.find('=');
  const std::string_view name = value.substr(0, equals);
  if (equals == std::string_view::npos || !is_setting(name)) {
    throw InputError(fmt::format(
        "key 'environment' is '{}', expected NAME=VALUE of one variable that changes communication (NCCL_ALGO=Ring)",
        value));
  }
  if (!environment_.try_emplace(std::string(name), value.substr(equals + 1)).second) {
    throw InputError(fmt::format("key 'environment' sets {} twice", name));
  }
}

void ReferenceKeys::check() const {
  const auto require = [&](std::span<const std::string_view> required) {
    for (const std::string_view key : required) {
      if (!keys_.contains(key)) {
        throw InputError(fmt::format("key '{}' is missing above the column names: '# {}: ...'", key, key));
      }
    }
  };
  const auto refuse = [&](std::span<const std::string_view> refused, std::string_view because) {
    for (const std::string_view key : refused) {
      if (keys_.contains(key)) {
        throw InputError(fmt::format("key '{}' is for files {}", key, because));
      }
    }
  };
  require(always_required);
  parse_name<Fabric>(at("fabric"));
  date_utc_ns();
  if (!states_line_rate()) {
    refuse(required_of_line_rates, "that state a line rate: '# estimated: line rate'");
    require(required_of_points);
    shape();
    statistic();
    iterations();
    return;
  }
  if (at("estimated") != line_rate_word) {
    throw InputError(fmt::format("key 'estimated' is '{}', expected '{}'", at("estimated"), line_rate_word));
  }
  refuse(required_of_points, "with measured points");
  refuse(optional_of_points, "with measured points");
  require(required_of_line_rates);
  line_rate();
}

Case ReferenceKeys::shape() const {
  if (!holds(known_transports, at("transport"))) {
    throw InputError(unknown_name("transport", at("transport"), known_transports));
  }
  Case shape;
  shape.transport = TransportKind::imported;
  shape.fabric = parse_name<Fabric>(at("fabric"));
  shape.mode = parse_name<Mode>(at("mode"));
  return shape;
}

Statistic ReferenceKeys::statistic() const { return parse_name<Statistic>(at("statistic")); }

std::uint32_t ReferenceKeys::iterations() const {
  return whole_number_above_zero<std::uint32_t>(at("iterations"), "key 'iterations'");
}

StatedLineRate ReferenceKeys::line_rate() const {
  StatedLineRate rate;
  rate.fabric = parse_name<Fabric>(at("fabric"));
  rate.bandwidth = {number_above_zero(at("bandwidth_gb_per_s"), "bandwidth_gb_per_s") * bytes_per_gigabyte};
  rate.latency = Seconds{number_above_zero(at("latency_us"), "latency_us") / us_per_s};
  return rate;
}

std::int64_t ReferenceKeys::date_utc_ns() const {
  const auto date = keys_.find("date");
  if (date == keys_.end()) {
    return 0;
  }
  return std::chrono::duration_cast<std::chrono::nanoseconds>(first_day_of(date->second).time_since_epoch()).count();
}

Provenance ReferenceKeys::provenance() const {
  Provenance provenance;
  for (const auto& [key, value] : keys_) {
    provenance["reference." + key] = value;
  }
  if (const auto nccl = keys_.find("nccl"); nccl != keys_.end()) {
    provenance["nccl.version"] = nccl->second;
  }
  for (const auto& [name, value] : environment_) {
    provenance["env." + name] = value;
  }
  return provenance;
}

}  // namespace hockney::import
