#include "commands/show/point_of_launch.hpp"

#include <map>
#include <tuple>

#include "base/number.hpp"

namespace hockney::commands {

std::vector<PointOfLaunch> points_of(const std::vector<Launch>& launches) {
  std::map<std::tuple<std::string, Bytes, const Launch*>, PointOfLaunch> rows;
  for (const Launch& launch : launches) {
    for (const Measurement& visit : launch.measurements) {
      PointOfLaunch& row = rows[{visit.point.curve_name(), visit.point.payload, &launch}];
      row.launch = &launch;
      row.passes.push_back(&visit);
    }
  }
  std::vector<PointOfLaunch> points;
  for (auto& [key, row] : rows) {
    row.summary = summarise(row.passes);
    points.push_back(std::move(row));
  }
  return points;
}

std::string stop_of(const PointOfLaunch& row) {
  return joined(
      row.passes, [](const Measurement& visit) { return visit.stop; }, name_of<StopReason>);
}

Flags flags_of(std::span<const Measurement* const> visits) {
  Flags flags;
  for (const Measurement* visit : visits) {
    flags.bits |= visit->flags.bits;
  }
  return flags;
}

std::string short_id(const Launch& launch) { return launch.info.run_uuid.substr(0, 8); }

std::string microseconds(double seconds) { return significant(seconds * 1e6); }

}  // namespace hockney::commands
