#include "import/imported_points.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "base/number.hpp"
#include "base/text.hpp"

namespace hockney::import {
namespace {

constexpr double us_per_s = 1e6;
constexpr double coarse_step = 0.01;  // Flag::quantised

Measurement measurement_of(const ImportedPoint& imported) {
  Measurement measurement;
  measurement.point = imported.point;
  measurement.rank_columns = 1;
  measurement.elapsed = {imported.time_us.value / us_per_s};
  measurement.clock_step_s = 2 * imported.time_us.half_step / us_per_s;
  measurement.statistic = imported.statistic;
  measurement.iterations_averaged = imported.iterations;
  measurement.stop = StopReason::imported;
  measurement.verification = imported.verification;
  measurement.flags.set(Flag::fabric_unproven);
  measurement.flags.set(Flag::wrong_result, imported.verification == Verification::failed);
  measurement.flags.set(Flag::quantised,
                        measurement.clock_step_s > coarse_step * (1 + 1e-9) * measurement.elapsed.front());
  return measurement;
}

std::string small_letters(std::string_view word) {
  std::string letters;
  for (const char c : word) {
    if (c != '_' && c != '-' && c != ' ') {
      letters += lower_case(c);
    }
  }
  return letters;
}

// Times that fall to less than a tenth as the payload grows: one of the two is damage, or has another unit.
std::vector<std::string> falling_times(const Launch& launch) {
  constexpr double fall = 10;
  std::map<std::string, std::map<std::uint64_t, double>> curves;
  for (const Measurement& measurement : launch.measurements) {
    curves[measurement.point.curve_name()].try_emplace(measurement.point.payload.count, measurement.elapsed.front());
  }
  std::vector<std::string> notes;
  for (const auto& [name, times] : curves) {
    for (auto before = times.begin(), after = std::next(before, times.empty() ? 0 : 1); after != times.end();
         ++before, ++after) {
      if (before->second > fall * after->second) {
        notes.push_back(fmt::format("doubtful: the time falls from {} us at {} to {} us at {}",
                                    significant(before->second * us_per_s), to_string(Bytes{before->first}),
                                    significant(after->second * us_per_s), to_string(Bytes{after->first})));
      }
    }
  }
  return notes;
}

}  // namespace

std::optional<Operation> operation_of_word(std::string_view word) {
  std::string letters = small_letters(word);
  constexpr std::string_view program = "perf";
  letters.erase(letters.ends_with(program) ? letters.size() - program.size() : letters.size());
  constexpr std::array<std::pair<std::string_view, Operation>, 11> words{{{"pingpong", Operation::ping_pong},
                                                                          {"allreduce", Operation::all_reduce},
                                                                          {"allgather", Operation::all_gather},
                                                                          {"reducescatter", Operation::reduce_scatter},
                                                                          {"alltoall", Operation::all_to_all},
                                                                          {"all2all", Operation::all_to_all},
                                                                          {"broadcast", Operation::broadcast},
                                                                          {"bcast", Operation::broadcast},
                                                                          {"reduce", Operation::reduce},
                                                                          {"gather", Operation::gather},
                                                                          {"scatter", Operation::scatter}}};
  const auto found = std::find_if(words.begin(), words.end(), [&](const auto& pair) { return pair.first == letters; });
  return found == words.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Element> element_of_word(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, Element>, 42> words{
      {{"int8", Element::int8},         {"i8", Element::int8},           {"char", Element::int8},
       {"byte", Element::int8},         {"mpichar", Element::int8},      {"mpibyte", Element::int8},
       {"uint8", Element::uint8},       {"u8", Element::uint8},          {"int32", Element::int32},
       {"i32", Element::int32},         {"int", Element::int32},         {"mpiint", Element::int32},
       {"uint32", Element::uint32},     {"u32", Element::uint32},        {"int64", Element::int64},
       {"i64", Element::int64},         {"uint64", Element::uint64},     {"u64", Element::uint64},
       {"half", Element::float16},      {"float16", Element::float16},   {"fp16", Element::float16},
       {"f16", Element::float16},       {"bfloat16", Element::bfloat16}, {"bf16", Element::bfloat16},
       {"bfloat", Element::bfloat16},   {"float", Element::float32},     {"float32", Element::float32},
       {"fp32", Element::float32},      {"f32", Element::float32},       {"single", Element::float32},
       {"mpifloat", Element::float32},  {"double", Element::float64},    {"float64", Element::float64},
       {"fp64", Element::float64},      {"f64", Element::float64},       {"mpidouble", Element::float64},
       {"fp8", Element::float8e4m3},    {"f8", Element::float8e4m3},     {"float8", Element::float8e4m3},
       {"f8e5m2", Element::float8e5m2}, {"32bit", Element::int32},       {"64bit", Element::int64}}};
  std::string letters = small_letters(word);
  for (const std::string_view prefix : {"torch.", "nccl", "jnp.", "np."}) {
    letters.erase(0, letters.starts_with(prefix) ? prefix.size() : 0);
  }
  if (letters.find("e4m3") != std::string::npos || letters.find("e5m2") != std::string::npos) {
    return letters.find("e4m3") != std::string::npos ? Element::float8e4m3 : Element::float8e5m2;
  }
  const auto found = std::find_if(words.begin(), words.end(), [&](const auto& pair) { return pair.first == letters; });
  return found == words.end() ? std::nullopt : std::optional(found->second);
}

std::string impossible_payload(const Case& point) {
  const std::uint64_t block = elements_granularity(point.operation, point.group.ranks) * size_of(point.element).count;
  return point.payload.count % block == 0 ? std::string{}
                                          : fmt::format("payload {} B is no multiple of {} B, one {} for each block",
                                                        point.payload.count, block, name_of(point.element));
}

std::string impossible_rate(const ImportedPoint& imported) {
  constexpr double most_bytes_per_us = 1e7;  // 10 TB/s
  const double rate = static_cast<double>(imported.point.payload.count) / imported.time_us.value *
                      wire_factor(imported.point).value_or(1);
  return rate <= most_bytes_per_us
             ? std::string{}
             : fmt::format(
                   "{} in {} us is a bus bandwidth of {} GB/s, more than any link has: is the unit of the time or of "
                   "the size another one?",
                   to_string(imported.point.payload), significant(imported.time_us.value), significant(rate * 1e-3));
}

Launch launch_of_points(std::span<const ImportedPoint> points, std::string_view program,
                        const std::filesystem::path& file, std::string_view lines, const ImportOptions& options) {
  Launch launch;
  LaunchInfo& info = launch.info;
  info.run_uuid = random_uuid();
  info.campaign = options.campaign;
  info.producer = fmt::format("{} (imported by {})", program, options.importer);
  info.source =
      fmt::format("{}, {}{}{}", file.filename().string(), lines, options.source.empty() ? "" : "; ", options.source);
  info.machine = options.machine.empty() ? "unknown" : options.machine;
  info.started_utc_ns = now_utc_ns();
  std::map<Case, std::pair<std::uint64_t, std::uint32_t>> seen;  // id and last pass
  for (const ImportedPoint& point : points) {
    Measurement measurement = measurement_of(point);
    const auto [entry, fresh] = seen.try_emplace(point.point, seen.size(), 0U);
    entry->second.second += fresh ? 0 : 1;
    std::tie(measurement.point_id, measurement.pass) = entry->second;
    info.ranks = std::max(info.ranks, point.point.group.ranks * point.point.group.concurrent);
    info.nodes = std::max(info.nodes, point.point.group.nodes());
    launch.measurements.push_back(std::move(measurement));
  }
  return launch;
}

std::vector<std::string> notes_on(const Launch& launch, const ImportOptions& options) {
  const auto count = [&](auto predicate) {
    return std::count_if(launch.measurements.begin(), launch.measurements.end(), predicate);
  };
  std::vector<std::string> notes;
  const auto note = [&](auto number, std::string_view what) {
    if (number > 0) {
      notes.push_back(fmt::format("{}: {}", what, number));
    }
  };
  if (!options.fabric) {
    notes.emplace_back("fabric not stated: pass --fabric");
  } else if (is_intra_node(*options.fabric) && launch.info.nodes > 1) {
    notes.push_back(fmt::format("--fabric {} connects the GPUs of one node, and there are {} nodes",
                                name_of(*options.fabric), launch.info.nodes));
  }
  note(count([](const Measurement& m) { return m.pass > 0; }), "points named before, kept as further passes");
  note(count([](const Measurement& m) { return m.flags.has(Flag::quantised); }), "times printed in steps of over 1 %");
  note(count([](const Measurement& m) { return m.flags.has(Flag::wrong_result); }),
       "points with wrong results, flagged wrong_result");
  const std::vector<std::string> falling = falling_times(launch);
  notes.insert(notes.end(), falling.begin(), falling.end());
  return notes;
}

}  // namespace hockney::import
