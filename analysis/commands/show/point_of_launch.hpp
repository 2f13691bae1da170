#pragma once

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "record/launch.hpp"

namespace hockney::commands {

/// All passes of one point in one launch.
struct PointOfLaunch {
  const Launch* launch = nullptr;
  std::vector<const Measurement*> passes;
  Summary summary;

  const Case& point() const { return passes.front()->point; }
};

/// Points in the order of curve, payload and launch. `launches` must outlive them.
std::vector<PointOfLaunch> points_of(const std::vector<Launch>& launches);

/// The different values of some visits, each named once, in the order of the values: "interval,time".
template <class Value, class Name>
std::string joined(const std::vector<const Measurement*>& visits, Value value, Name name) {
  std::set<std::decay_t<decltype(value(*visits.front()))>> distinct;
  for (const Measurement* visit : visits) {
    distinct.insert(value(*visit));
  }
  std::vector<std::string> words;
  std::transform(distinct.begin(), distinct.end(), std::back_inserter(words),
                 [&](const auto& each) { return std::string(name(each)); });
  return fmt::format("{}", fmt::join(words, ","));
}

std::string stop_of(const PointOfLaunch& row);

Flags flags_of(std::span<const Measurement* const> visits);

/// The first 8 characters of a launch's identifier.
std::string short_id(const Launch& launch);

/// Four significant digits of a time in microseconds.
std::string microseconds(double seconds);

}  // namespace hockney::commands
