#include "views/interference.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "compare/comparison.hpp"
#include "compare/welch.hpp"
#include "render/forms.hpp"
#include "views/ratio_cells.hpp"
#include "views/software_apart.hpp"

namespace hockney::views {
namespace {

/// What launches that may be taken together have measured of a case: the median of each.
struct Measured {
  std::map<const Launch*, double> medians_s;
  Statistic statistic = Statistic::max_over_ranks;

  std::vector<double> logs() const {
    std::vector<double> logs;
    for (const auto& [launch, median_s] : medians_s) {
      logs.push_back(std::log(median_s));
    }
    return logs;
  }
  double median_s() const {
    std::vector<double> values;
    for (const auto& [launch, median_s] : medians_s) {
      values.push_back(median_s);
    }
    return median(values);
  }
};

using Key = std::tuple<Case, std::string, std::string>;  // machine and software
using Points = std::map<Key, Measured>;

Key key_of(const PointOfLaunch& row) { return {row.point(), row.launch->info.machine, row.software}; }

Points by_case(std::span<const PointOfLaunch> rows) {
  Points points;
  for (const PointOfLaunch& row : rows) {
    if (const auto visits = usable_passes(row); !visits.empty()) {
      Measured& measured = points[key_of(row)];
      measured.medians_s[row.launch] = summarise(visits).median_s;
      measured.statistic = visits.front()->statistic;
    }
  }
  return points;
}

const Measured* alone_of(const Points& points, Key key, Statistic statistic) {
  Group& group = std::get<Case>(key).group;
  group.concurrent = 1;
  const bool has_nodes_of_its_own = group.ranks_per_node == 1;
  for (const std::uint32_t stride : {group.stride, has_nodes_of_its_own ? 1 : group.stride}) {
    group.stride = stride;
    const auto found = points.find(key);
    if (found != points.end() && found->second.statistic == statistic) {
      return &found->second;
    }
  }
  return nullptr;
}

/// Logs of both of the launches that measured both.
std::pair<std::vector<double>, std::vector<double>> logs_of_both(const Measured& alone, const Measured& at_once) {
  std::pair<std::vector<double>, std::vector<double>> logs;
  for (const auto& [launch, median_s] : alone.medians_s) {
    if (const auto same = at_once.medians_s.find(launch); same != at_once.medians_s.end()) {
      logs.first.push_back(std::log(median_s));
      logs.second.push_back(std::log(same->second));
    }
  }
  return logs;
}

compare::Ratio ratio_of(const Measured& alone, const Measured& at_once) {
  std::optional<compare::Difference> difference;
  if (const auto [one, all] = logs_of_both(alone, at_once); one.size() > 1) {
    difference = compare::paired(one, all);
  } else if (alone.medians_s.size() > 1 && at_once.medians_s.size() > 1) {
    difference = compare::welch(alone.logs(), at_once.logs());
  }
  if (!difference || difference->standard_error == 0) {  // launches that agree to a clock's step are no proof
    return {at_once.median_s() / alone.median_s(), std::nullopt};
  }
  const Interval logs = difference->interval();
  return {std::exp(difference->value), Interval{std::exp(logs.low), std::exp(logs.high)}};
}

bool ran_at_once(const Case& point) { return point.group.concurrent > 1 && is_on_curve(point.operation); }

SoftwareApart software_apart(std::span<const PointOfLaunch> rows) {
  std::set<std::string> software;
  for (const PointOfLaunch& row : rows) {
    if (ran_at_once(row.point())) {
      software.insert(row.software);
    }
  }
  return SoftwareApart(software);
}

render::Table part(const std::string& title, bool with_machine, const SoftwareApart& apart) {
  using render::data_column;
  using render::microseconds;
  using render::number_column;
  render::Table table{.name = "interference", .title = title};
  table.columns = {data_column("name"),
                   number_column("payload_bytes", "payload", render::bytes),
                   with_machine ? render::text_column("machine", "machine") : data_column("machine"),
                   apart.column(),
                   number_column("groups", "groups"),
                   number_column("t_alone_s", "one alone us", microseconds),
                   number_column("t_at_once_s", "at once us", microseconds),
                   number_column("ratio", "ratio"),
                   number_column("ratio_lo", "95 % interval"),
                   data_column("ratio_hi"),
                   number_column("launches_alone", "launches"),
                   data_column("launches_at_once")};
  return table;
}

std::vector<render::Cell> cells_of(const Key& key, const Measured& alone, const Measured& at_once,
                                   const compare::Ratio& ratio, const SoftwareApart& apart) {
  const auto& [point, machine, software] = key;
  return {point.name(),         point.payload,          machine,
          apart.cell(software), point.group.concurrent, alone.median_s(),
          at_once.median_s(),   ratio_cell(ratio),      low_cell(ratio),
          high_cell(ratio),     alone.medians_s.size(), at_once.medians_s.size()};
}

constexpr std::string_view no_interval =
    "no interval: it takes two launches that are not alike; how far another start differs is not known";

}  // namespace

std::vector<render::Table> interference(std::span<const PointOfLaunch> rows) {
  const Points points = by_case(rows);
  const SoftwareApart apart = software_apart(rows);
  const std::size_t machines = machines_of(rows);
  std::vector<render::Table> parts{part("", machines > 1, apart)};
  std::set<Key> seen;
  std::set<std::string> lonely;
  for (const PointOfLaunch& row : rows) {
    const Key key = key_of(row);
    const auto at_once = points.find(key);
    if (!ran_at_once(row.point()) || at_once == points.end() || !seen.insert(key).second) {
      continue;
    }
    const Measured* const alone = alone_of(points, key, at_once->second.statistic);
    if (alone == nullptr) {
      lonely.insert(row.point().curve_name());
      continue;
    }
    const std::string title = "interference: " + row.point().curve_name();
    if (parts.back().title != title) {
      parts.push_back(part(title, machines > 1, apart));
    }
    const compare::Ratio ratio = ratio_of(*alone, at_once->second);
    parts.back().rows.push_back(cells_of(key, *alone, at_once->second, ratio, apart));
    if (!ratio.interval) {
      parts.back().remarks = {std::string(no_interval)};
    }
  }
  for (const std::string& curve : lonely) {
    parts.back().remarks.push_back("no ratio, since one group alone was not measured: " + curve);
  }
  return parts;
}

}  // namespace hockney::views
