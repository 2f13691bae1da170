#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "record/launch.hpp"
#include "record/variance_components.hpp"

namespace hockney::views {

/// What all launches of a machine on the same software together say of a point; visits that are not usable() do not
/// count. The interval of a Summary is one within a launch: another start of the same program differs by more than it
/// says.
struct OverLaunches {
  std::size_t launches = 0;  ///< with a usable visit of the point
  double median_s = 0;       ///< of the launches' medians; 0 without launches
  Interval next_s{0, 0};  ///< 95 % for the median of the next launch, next_value_interval(); unbounded after one launch
  std::optional<VarianceComponents> variance{};  ///< nothing after one launch
};

/// All passes of one point in one launch.
struct PointOfLaunch {
  const Launch* launch = nullptr;
  std::vector<const Measurement*> passes;
  Summary summary;
  std::string software;  ///< software_of() the launch
  OverLaunches over;     ///< the same for all launches of the machine on this software

  const Case& point() const { return passes.front()->point; }
};

/// Points in the order of curve, payload and launch. `launches` must outlive them.
std::vector<PointOfLaunch> points_of(const std::vector<Launch>& launches);

/// How many machines the points are of.
std::size_t machines_of(std::span<const PointOfLaunch> rows);

/// Those passes of a point that are usable().
std::vector<const Measurement*> usable_passes(const PointOfLaunch& row);

/// The different values of some visits, each named once, in the order of the values: "interval,time".
template <class Value, class Name>
std::string joined(const std::vector<const Measurement*>& visits, Value value, Name name) {
  std::set<std::decay_t<decltype(value(*visits.front()))>> distinct;
  for (const Measurement* visit : visits) {
    distinct.insert(value(*visit));
  }
  std::vector<std::string> words;
  for (const auto& each : distinct) {
    words.emplace_back(name(each));
  }
  return fmt::format("{}", fmt::join(words, ","));
}

/// Why sampling ended, over the passes.
std::string stop_of(const PointOfLaunch& row);

/// The hosts of the ranks that took part, each once: "node-a,node-b". Empty where the launch does not tell, as most
/// imported ones.
std::string hosts_of(const PointOfLaunch& row);

/// What is to be remarked on the point, comma-separated: the flags of its passes, then "wide_bracket" where it has one
/// (has_wide_bracket()).
std::string remarks_on(const PointOfLaunch& row);

/// The flags of any of the visits.
Flags flags_of(const std::vector<const Measurement*>& visits);
Flags flags_of(const Launch& launch);

/// The first 8 characters of a launch's identifier.
std::string short_id(const Launch& launch);

}  // namespace hockney::views
