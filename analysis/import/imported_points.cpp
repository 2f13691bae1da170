#include "import/imported_points.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <tuple>
#include <utility>

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

}  // namespace

std::optional<Operation> operation_of_word(std::string_view word) {
  std::string letters;
  for (const char c : word) {
    if (c != '_' && c != '-' && c != ' ') {
      letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  constexpr std::array<std::pair<std::string_view, Operation>, 10> words{{{"allreduce", Operation::all_reduce},
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

Group group_on_nodes(std::uint32_t ranks, std::optional<std::uint32_t> nodes,
                     std::optional<std::uint32_t> ranks_per_node) {
  if (ranks < 2) {
    throw InputError("one rank: nothing is communicated");
  }
  if (!nodes && !ranks_per_node) {
    return {.ranks = ranks, .ranks_per_node = 0};
  }
  if (nodes && (*nodes == 0 || *nodes > ranks)) {
    throw InputError(fmt::format("{} ranks on {} nodes cannot be", ranks, *nodes));
  }
  Group group;
  group.ranks = ranks;
  group.ranks_per_node = ranks_per_node ? std::min(*ranks_per_node, ranks) : (ranks + *nodes - 1) / *nodes;
  if (group.ranks_per_node == 0 || (nodes && ranks_per_node && group.nodes() != *nodes)) {
    throw InputError(
        fmt::format("{} ranks, {} per node, on {} nodes cannot be", ranks, *ranks_per_node, nodes.value_or(0)));
  }
  return group;
}

std::string impossible_payload(const Case& point) {
  const std::uint64_t block = elements_granularity(point.operation, point.group.ranks) * size_of(point.element).count;
  return point.payload.count % block == 0 ? std::string{}
                                          : fmt::format("payload {} B is no multiple of {} B, one {} for each block",
                                                        point.payload.count, block, name_of(point.element));
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
    notes.push_back("fabric not stated: pass --fabric");
  } else if (is_intra_node(*options.fabric) && launch.info.nodes > 1) {
    notes.push_back(fmt::format("--fabric {} connects the GPUs of one node, and there are {} nodes",
                                name_of(*options.fabric), launch.info.nodes));
  }
  note(count([](const Measurement& m) { return m.pass > 0; }), "points named before, kept as further passes");
  note(count([](const Measurement& m) { return m.flags.has(Flag::quantised); }), "times printed in steps of over 1 %");
  note(count([](const Measurement& m) { return m.flags.has(Flag::wrong_result); }),
       "points with wrong results, flagged wrong_result");
  return notes;
}

}  // namespace hockney::import
