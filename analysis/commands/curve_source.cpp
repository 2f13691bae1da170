#include "commands/curve_source.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "fit/fit_campaign.hpp"
#include "views/points.hpp"

namespace hockney::commands {
namespace {

bool holds_curves(const Launch& launch) {
  return std::any_of(launch.measurements.begin(), launch.measurements.end(),
                     [](const Measurement& visit) { return is_on_curve(visit.point.operation); });
}

// Launches of one start of hockney-bench have this in common; others are alone.
std::string start_of(const Launch& launch) {
  const auto found = launch.provenance.find("launch.start");
  return found == launch.provenance.end() ? launch.info.run_uuid : found->second;
}

std::vector<Launch> curves_beside(const std::vector<Launch>& all, const Launch& replayed, bool same_start) {
  std::vector<Launch> chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen), [&](const Launch& launch) {
    return launch.info.run_uuid != replayed.info.run_uuid && launch.info.machine == replayed.info.machine &&
           holds_curves(launch) && (start_of(launch) == start_of(replayed)) == same_start;
  });
  return chosen;
}

Flags admitted_by(const Launch& replayed) {
  Flags flags;
  for (const Measurement& visit : replayed.measurements) {
    flags.bits |= visit.flags.bits & cost::no_network_constant.bits;
  }
  return flags;
}

std::string describe(const std::vector<Launch>& launches, bool same_start) {
  std::vector<std::string> ids;
  std::transform(launches.begin(), launches.end(), std::back_inserter(ids), views::short_id);
  return fmt::format("fitted from {} {}, {}", ids.size() == 1 ? "launch" : "launches", fmt::join(ids, ", "),
                     same_start
                         ? "measured in turns with the steps by the same processes: another start may differ more"
                         : "of other starts than the steps");
}

}  // namespace

CurveSource curves_for_steps(const std::vector<Launch>& all, const Launch& replayed) {
  for (const bool same_start : {false, true}) {
    const std::vector<Launch> launches = curves_beside(all, replayed, same_start);
    if (!launches.empty()) {
      fit::FitOptions options;
      options.admitted = admitted_by(replayed);
      return {fit::fit_campaign(launches, options).model, describe(launches, same_start)};
    }
  }
  throw InputError(
      fmt::format("{}.h5: holds replayed steps, and no other launch on '{}' holds curves to predict them from; measure "
                  "with the same --out again, or name a cost model with --cost",
                  replayed.info.run_uuid, replayed.info.machine));
}

}  // namespace hockney::commands
