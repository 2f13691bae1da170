#include "views/points.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "record/bracket.hpp"
#include "record/software.hpp"
#include "record/usable.hpp"
#include "vocabulary/members.hpp"
#include "vocabulary/placement.hpp"

namespace hockney::views {
namespace {

using Visits = std::vector<const Measurement*>;

OverLaunches over_launches(const std::vector<Visits>& launches) {
  std::vector<double> medians;
  for (const Visits& visits : launches) {
    medians.push_back(summarise(visits).median_s);
  }
  return {medians.size(), median(medians), next_value_interval(medians), variance_components(launches)};
}

void add_over_launches(std::vector<PointOfLaunch>& points) {
  const auto key = [](const PointOfLaunch& row) {
    return std::tuple(row.point().name(), std::string_view(row.launch->info.machine), row.software);
  };
  std::map<std::tuple<std::string, std::string_view, std::string>, std::vector<Visits>> launches;
  for (const PointOfLaunch& row : points) {
    std::vector<Visits>& of_point = launches[key(row)];
    if (Visits counted = usable_passes(row); !counted.empty()) {
      of_point.push_back(std::move(counted));
    }
  }
  for (PointOfLaunch& row : points) {
    const std::vector<Visits>& of_point = launches.at(key(row));
    row.over = of_point.empty() ? OverLaunches{} : over_launches(of_point);
  }
}

}  // namespace

std::vector<PointOfLaunch> points_of(const std::vector<Launch>& launches) {
  std::map<std::tuple<std::string, Bytes, const Launch*>, PointOfLaunch> rows;
  for (const Launch& launch : launches) {
    const std::string software = software_of(launch.provenance);
    for (const Measurement& visit : launch.measurements) {
      PointOfLaunch& row = rows[{visit.point.curve_name(), visit.point.payload, &launch}];
      row.launch = &launch;
      row.software = software;
      row.passes.push_back(&visit);
    }
  }
  std::vector<PointOfLaunch> points;
  for (auto& [key, row] : rows) {
    row.summary = summarise(row.passes);
    points.push_back(std::move(row));
  }
  add_over_launches(points);
  return points;
}

std::vector<const Measurement*> usable_passes(const PointOfLaunch& row) {
  std::vector<const Measurement*> counted;
  std::copy_if(row.passes.begin(), row.passes.end(), std::back_inserter(counted),
               [](const Measurement* visit) { return static_cast<bool>(usable(*visit)); });
  return counted;
}

std::string stop_of(const PointOfLaunch& row) {
  return joined(
      row.passes, [](const Measurement& visit) { return visit.stop; }, name_of<StopReason>);
}

std::string hosts_of(const PointOfLaunch& row) {
  const std::vector<Placement>& placements = row.launch->placements;
  const Group& group = row.point().group;
  const std::uint32_t last_slot = slots_of_copy(group, group.concurrent - 1).back();
  if (row.point().transport == TransportKind::imported || last_slot >= placements.size()) {
    return {};
  }
  std::map<int, std::string> host_of;
  for (const Placement& placement : placements) {
    host_of[placement.rank] = placement.host;
  }
  std::vector<std::string> hosts;
  for (const int rank : ranks_of(group, slots_of(placements))) {
    if (std::find(hosts.begin(), hosts.end(), host_of.at(rank)) == hosts.end()) {
      hosts.push_back(host_of.at(rank));
    }
  }
  return fmt::format("{}", fmt::join(hosts, ","));
}

std::string remarks_on(const PointOfLaunch& row) {
  const std::string flags = to_string(flags_of(row.passes));
  if (!has_wide_bracket(*row.passes.front(), row.summary)) {
    return flags;
  }
  return flags.empty() ? "wide_bracket" : flags + ",wide_bracket";
}

std::size_t machines_of(std::span<const PointOfLaunch> rows) {
  std::set<std::string_view> machines;
  for (const PointOfLaunch& row : rows) {
    machines.insert(row.launch->info.machine);
  }
  return machines.size();
}

Flags flags_of(const std::vector<const Measurement*>& visits) {
  Flags flags;
  for (const Measurement* visit : visits) {
    flags.bits |= visit->flags.bits;
  }
  return flags;
}

Flags flags_of(const Launch& launch) {
  Flags flags;
  for (const Measurement& visit : launch.measurements) {
    flags.bits |= visit.flags.bits;
  }
  return flags;
}

std::string short_id(const Launch& launch) { return launch.info.run_uuid.substr(0, 8); }

}  // namespace hockney::views
