#include "import/nccl_tests/nccl_tests_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "import/imported_points.hpp"
#include "import/nccl_tests/nccl_tests_check.hpp"
#include "import/nccl_tests/nccl_tests_launch.hpp"
#include "import/nccl_tests/nccl_tests_names.hpp"
#include "import/nccl_tests/nccl_tests_text.hpp"
#include "import/text/json_text.hpp"

namespace hockney::import {
namespace {

using Json = nlohmann::json;

constexpr std::size_t deepest_nesting = 64;
constexpr std::size_t most_devices = 1'000'000;
constexpr double half_printed_step = 0.5e-6;  // "%lf"
constexpr std::array<std::string_view, 2> sides{"out_of_place", "in_place"};

const Json* member(const Json& object, std::string_view key) {
  if (!object.is_object()) {
    return nullptr;
  }
  const auto found = object.find(std::string(key));
  return found == object.end() ? nullptr : &*found;
}

std::optional<double> number(const Json& object, std::string_view key) {
  const Json* value = member(object, key);
  if (value == nullptr || !value->is_number()) {
    return std::nullopt;
  }
  const double read = value->get<double>();
  return std::isfinite(read) ? std::optional(read) : std::nullopt;
}

std::uint64_t count(const Json& object, std::string_view key) {
  const Json* value = member(object, key);
  return value != nullptr && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

std::uint32_t small_count(const Json& object, std::string_view key) {
  constexpr std::uint64_t most = 1'000'000'000;
  return static_cast<std::uint32_t>(std::min(count(object, key), most));
}

// What goes into files and onto terminals holds printable ASCII only, as in text logs.
std::string printable(const Json& value) {
  std::string text = value.is_string() ? value.get<std::string>() : std::string{};
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

std::string text_at(const Json& object, std::string_view key) {
  const Json* value = member(object, key);
  return value == nullptr ? std::string{} : printable(*value);
}

// Booleans are the texts "true" and "false".
bool is_true(const Json& object, std::string_view key) {
  const Json* value = member(object, key);
  return value != nullptr && (*value == "true" || *value == true || *value == 1);
}

std::optional<PrintedNumber> printed(const Json& object, std::string_view key) {
  const auto value = number(object, key);
  return value ? std::optional(PrintedNumber{*value, half_printed_step}) : std::nullopt;
}

NcclTestsResult result_of(const Json& side) {
  NcclTestsResult result;
  result.time_us = printed(side, member(side, "cpu_time") != nullptr ? "cpu_time" : "time");
  result.algbw_gb_s = printed(side, "alg_bw");
  result.busbw_gb_s = printed(side, "bus_bw");
  if (result.time_us && !is_time_us(result.time_us->value)) {
    result.time_us.reset();
  }
  const auto wrong = number(side, "nwrong");
  result.check = wrong ? fmt::format("{}", *wrong) : "N/A";
  return result;
}

struct Samples {
  std::vector<double> times_s;
  std::uint32_t skipped = 0;
};

// The times of single iterations of one side of a row; none unless every one of them is a time.
Samples samples_of(const Json& result, std::string_view side) {
  constexpr double us_per_s = 1e6;
  Samples samples;
  const Json* report = member(result, fmt::format("{}_per_iter", side));
  const Json* times = report == nullptr ? nullptr : member(*report, "times_us");
  if (times == nullptr || !times->is_array()) {
    return samples;
  }
  for (const Json& time : *times) {
    const double value = time.is_number() ? time.get<double>() : 0;
    if (!is_time_us(value)) {
      return {};
    }
    samples.times_s.push_back(value / us_per_s);
  }
  samples.skipped = small_count(*report, "skipped_iterations");
  return samples;
}

class Reader {
 public:
  Reader(std::string_view text, const std::filesystem::path& file, const ImportOptions& options)
      : text_(text), file_(file), options_(options) {}

  ImportedFile read() {
    parse();
    read_preamble();
    read_results();
    expand_devices();
    ImportedFile result;
    result.name = file_.filename().string();
    result.tables.push_back(import_nccl_tests_table(table_, file_, options_, result.refused));
    ImportedTable& table = result.tables.front();
    if (table.launch) {
      keep_samples(*table.launch, table.notes);
    }
    JsonWithoutEnvironment kept = without_environment(text_);
    if (kept.removed > 0) {
      result.text = std::move(kept.text);
      result.text_note =
          fmt::format("values of environment variables that are not on the allow-list, removed: {}", kept.removed);
      table.notes.push_back(result.text_note);
    }
    return result;
  }

 private:
  void parse() {
    if (json_depth(text_, deepest_nesting) >= deepest_nesting) {
      throw InputError(fmt::format("JSON that is nested {} levels deep is not read", deepest_nesting));
    }
    json_ = Json::parse(text_, nullptr, false);
    if (json_.is_discarded()) {
      const SalvagedJson salvaged = salvage_json(text_, "results");
      json_ = Json::parse(salvaged.text, nullptr, false);
      if (json_.is_discarded()) {
        throw InputError(
            "no JSON, and no whole result in it: the run was aborted before its first result, or the file is "
            "damaged");
      }
      table_.notes.push_back(
          fmt::format("the file ends in the middle, the run was aborted: {} whole results kept", salvaged.elements));
      cut_ = true;
    }
    if (member(json_, "results") == nullptr || !json_["results"].is_array()) {
      throw InputError("JSON without 'results': not written by nccl-tests");
    }
  }

  void read_preamble() {
    NcclTestsPreamble& preamble = table_.preamble;
    const Json* found = member(json_, "config");
    const Json nothing = Json::object();
    const Json& config = found == nullptr ? nothing : *found;
    read_arguments(preamble);
    read_environment(preamble);
    preamble.nccl_version = version_text();
    preamble.threads = small_count(config, "nthreads");
    preamble.gpus_per_thread = small_count(config, "ngpus");
    preamble.iterations = small_count(config, "iterations");
    preamble.aggregated = std::max(1U, small_count(config, "aggregated_iterations"));
    preamble.graph = small_count(config, "graph");
    preamble.blocking = is_true(config, "blocking_collectives");
    const Json* devices = member(config, "devices");
    if (devices != nullptr && devices->is_array() && devices->size() <= most_devices) {
      for (const Json& device : *devices) {
        preamble.ranks.push_back({.rank = small_count(device, "rank"),
                                  .group = small_count(device, "group"),
                                  .host = text_at(device, "hostname"),
                                  .bus = text_at(device, "device_hex"),
                                  .gpu = text_at(device, "device_info")});
      }
    }
  }

  void read_arguments(NcclTestsPreamble& preamble) const {
    const Json* arguments = member(json_, "args");
    if (arguments == nullptr || !arguments->is_array()) {
      return;
    }
    for (std::size_t i = 0; i < arguments->size(); ++i) {
      const std::string argument = printable((*arguments)[i]);
      preamble.command += (i == 0 ? "" : " ") + argument;
      if (i == 0) {
        preamble.test = nccl_test_in_file_name(std::filesystem::path(argument).filename().string());
      }
    }
  }

  void read_environment(NcclTestsPreamble& preamble) const {
    const Json* environment = member(json_, "env");
    if (environment == nullptr || !environment->is_array()) {
      return;
    }
    for (const Json& entry : *environment) {
      const std::string pair = printable(entry);
      const auto equals = pair.find('=');
      if (equals != std::string::npos && is_allowed_environment(pair.substr(0, equals))) {
        preamble.environment.emplace("env." + pair.substr(0, equals), pair.substr(equals + 1));
      }
    }
  }

  // 22807 is 2.28.7.
  std::string version_text() const {
    const std::uint64_t code = count(json_, "nccl_version");
    constexpr std::uint64_t major = 10000;
    constexpr std::uint64_t minor = 100;
    return code < major ? text_at(json_, "nccl_version")
                        : fmt::format("{}.{}.{}", code / major, code % major / minor, code % minor);
  }

  void read_results() {
    const Json& results = json_["results"];
    table_.layout.check = CheckColumn::wrong_count;
    table_.complete = !cut_;
    table_.first_line = 1;
    table_.last_line = 1 + static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n'));
    table_.last_line -= text_.ends_with('\n') ? 1 : 0;
    for (const Json& result : results) {
      table_.rows.push_back(row_of(result));
      for (const std::string_view side : sides) {
        const Json* cells = member(result, side);
        table_.layout.cpu_time = table_.layout.cpu_time || (cells != nullptr && member(*cells, "cpu_time") != nullptr);
      }
    }
  }

  NcclTestsRow row_of(const Json& result) {
    NcclTestsRow row;
    row.line = table_.first_line;
    row.size_bytes = count(result, "size");
    row.count = count(result, "count");
    row.type = text_at(result, "type");
    row.redop = text_at(result, "redop");
    if (const Json* side = member(result, sides[0]); side != nullptr && side->is_object()) {
      row.out_of_place = result_of(*side);
    }
    if (const Json* side = member(result, sides[1]); side != nullptr && side->is_object()) {
      row.in_place = result_of(*side);
    }
    return row;
  }

  // Some files list one device of each process; busbw tells.
  void expand_devices() {
    const std::string& test = table_.preamble.test;
    const std::string named = test.empty() ? nccl_test_in_file_name(file_.stem().string()) : test;
    const auto operation = named.empty() ? options_.operation : operation_of_nccl_test(named);
    std::vector<NcclTestsRank>& ranks = table_.preamble.ranks;
    const std::size_t per_process = std::size_t{table_.preamble.threads} * table_.preamble.gpus_per_thread;
    if (!operation || per_process < 2 || ranks.empty() || ranks.size() * per_process > most_devices) {
      return;
    }
    const RankBounds bounds = ranks_of_rows(*operation, table_.rows);
    const auto listed = static_cast<std::uint32_t>(ranks.size());
    const auto all = static_cast<std::uint32_t>(ranks.size() * per_process);
    if (bounds.empty() || bounds.allows(listed) || !bounds.allows(all)) {
      return;
    }
    std::vector<NcclTestsRank> every;
    for (const NcclTestsRank& rank : ranks) {
      for (std::size_t i = 0; i < per_process; ++i) {
        every.push_back({.rank = static_cast<std::uint32_t>(every.size()),
                         .group = 0,
                         .host = rank.host,
                         .bus = {},
                         .gpu = rank.gpu});
      }
    }
    ranks = std::move(every);
    table_.notes.push_back(fmt::format("config.devices lists one device of each process: {} x {} ranks, as busbw says",
                                       listed, per_process));
  }

  // Measurements stand in the order of the rows, out of place before in place; refused ones are missing.
  void keep_samples(Launch& launch, std::vector<std::string>& notes) const {
    std::size_t with_samples = 0;
    auto next = launch.measurements.begin();
    for (std::size_t i = 0; i < table_.rows.size() && next != launch.measurements.end(); ++i) {
      const NcclTestsRow& row = table_.rows[i];
      for (std::size_t side = 0; side < sides.size() && next != launch.measurements.end(); ++side) {
        const auto& result = side == 0 ? std::optional(row.out_of_place) : row.in_place;
        if (!result || !result->time_us || !is_of(*next, row, *result, side == 1)) {
          continue;
        }
        Samples samples = samples_of(json_["results"][i], sides[side]);
        if (!samples.times_s.empty()) {
          next->elapsed = std::move(samples.times_s);
          next->statistic = Statistic::max_over_ranks;
          next->iterations_averaged = 1;
          next->discarded = samples.skipped;
          ++with_samples;
        }
        ++next;
      }
    }
    if (with_samples > 0) {
      notes.push_back(fmt::format("points with every iteration's time, the slowest rank's: {}", with_samples));
    }
  }

  static bool is_of(const Measurement& measurement, const NcclTestsRow& row, const NcclTestsResult& result,
                    bool in_place) {
    constexpr double us_per_s = 1e6;
    return measurement.point.payload.count == row.size_bytes && measurement.point.in_place == in_place &&
           measurement.elapsed.front() == result.time_us->value / us_per_s;
  }

  std::string_view text_;
  const std::filesystem::path& file_;
  const ImportOptions& options_;
  Json json_;
  NcclTestsTable table_;
  bool cut_ = false;
};

}  // namespace

ImportedFile import_nccl_tests_json(std::string_view text, const std::filesystem::path& file,
                                    const ImportOptions& options) {
  return Reader(text, file, options).read();
}

}  // namespace hockney::import
