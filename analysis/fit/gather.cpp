#include "fit/gather.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <numbers>
#include <set>
#include <tuple>
#include <utility>

#include "base/error.hpp"
#include "cost/segments.hpp"
#include "record/deviates.hpp"
#include "record/software.hpp"
#include "record/usable.hpp"
#include "scan/pair_times.hpp"

namespace hockney::fit {
namespace {

constexpr double unknown_error = 0.03;
constexpr std::size_t enough_for_interval = 6;

using CurveKey = std::tuple<std::string, std::string, std::string>;  // machine, software, curve name
using Visits = std::vector<const Measurement*>;

struct CurveVisits {
  std::map<std::size_t, std::map<Bytes, Visits>> by_launch;
  std::set<Bytes> payloads;
};

struct LeftOut {
  std::set<Bytes> payloads;
  std::size_t visits = 0;
};

// Why a visit takes no part in a fit; empty when it does.
std::string reason_to_leave_out(const Measurement& visit) {
  return visit.point.payload.count == 0 ? "payload 0" : usable(visit).reason;
}

std::string list_payloads(const std::set<Bytes>& payloads) {
  constexpr std::size_t most_listed = 4;
  if (payloads.size() > most_listed) {
    return fmt::format("{} .. {} ({} payloads)", to_string(*payloads.begin()), to_string(*payloads.rbegin()),
                       payloads.size());
  }
  std::vector<std::string> names;
  std::transform(payloads.begin(), payloads.end(), std::back_inserter(names),
                 [](Bytes payload) { return to_string(payload); });
  return fmt::format("{}", fmt::join(names, ", "));
}

void require_distinct(std::span<const Launch> launches) {
  std::set<std::string> seen;
  for (const Launch& launch : launches) {
    if (!seen.insert(launch.info.run_uuid).second) {
      throw InputError(fmt::format("{}: this launch is given twice", label_of(launch.info)));
    }
  }
}

void require_admitted(std::span<const Launch> launches, Flags admitted) {
  for (const Launch& launch : launches) {
    Flags refused;
    for (const Measurement& visit : launch.measurements) {
      refused.bits |= visit.flags.bits & cost::no_network_constant.bits & ~admitted.bits;
    }
    if (refused.bits != 0) {
      throw InputError(
          fmt::format("{}: holds points flagged {}, which say nothing about a network; --include {} fits "
                      "them all the same",
                      label_of(launch.info), to_string(refused), to_string(refused)));
    }
  }
}

std::map<CurveKey, CurveVisits> group_visits(std::span<const Launch> launches, std::vector<std::string>& notes) {
  std::map<CurveKey, CurveVisits> curves;
  std::map<std::pair<std::string, std::string>, LeftOut> left_out;
  for (std::size_t i = 0; i < launches.size(); ++i) {
    if (scan::is_scan(launches[i])) {
      notes.push_back(fmt::format("{}: a health scan, no curves; see hockney show", label_of(launches[i].info)));
      continue;
    }
    const std::string software = software_of(launches[i].provenance);
    for (const Measurement& visit : launches[i].measurements) {
      if (!is_on_curve(visit.point.operation)) {
        const bool is_step = visit.point.operation == Operation::step_replay;
        LeftOut& entry = left_out[{std::string(name_of(visit.point.operation)),
                                   is_step ? "no curve; see hockney predict --against" : "no curve over a payload"}];
        entry.payloads.insert(visit.point.payload);
        ++entry.visits;
        continue;
      }
      const std::string name = visit.point.curve_name();
      CurveVisits& curve = curves[{launches[i].info.machine, software, name}];
      if (const std::string reason = reason_to_leave_out(visit); !reason.empty()) {
        LeftOut& entry = left_out[{name, reason}];
        entry.payloads.insert(visit.point.payload);
        ++entry.visits;
        continue;
      }
      curve.by_launch[i][visit.point.payload].push_back(&visit);
      curve.payloads.insert(visit.point.payload);
    }
  }
  for (const auto& [key, entry] : left_out) {
    notes.push_back(fmt::format("{}: {} left out, {} {}: {}", key.first, list_payloads(entry.payloads), entry.visits,
                                entry.visits == 1 ? "visit" : "visits", key.second));
  }
  return curves;
}

// Throws when `property` is not the same for every visit of the curve.
template <class Property>
void require_same(const std::string& name, const CurveVisits& curve, std::span<const Launch> launches,
                  std::string_view what, Property&& property) {
  std::optional<std::pair<std::string, std::size_t>> first;
  for (const auto& [launch, payloads] : curve.by_launch) {
    for (const auto& [payload, visits] : payloads) {
      for (const Measurement* visit : visits) {
        const std::string value = property(*visit);
        if (!first) {
          first = {value, launch};
        } else if (first->first != value) {
          throw InputError(fmt::format("{}: {} '{}' ({}) and '{}' ({}) cannot be fitted as one curve", name, what,
                                       first->first, label_of(launches[first->second].info), value,
                                       label_of(launches[launch].info)));
        }
      }
    }
  }
}

std::string kind_of(const Measurement& visit) {
  Flags kind{visit.flags.bits & cost::no_network_constant.bits};
  kind.set(Flag::simulated, visit.flags.has(Flag::simulated));
  return kind.bits == 0 ? "measured" : to_string(kind);
}

// One payload in one launch.
struct LaunchMedian {
  double time_s = 0;
  std::optional<double> relative_error;  // nothing: not known
};

LaunchMedian median_of(const Visits& visits) {
  const Summary summary = summarise(visits);
  LaunchMedian result{summary.median_s, std::nullopt};
  if (summary.samples >= enough_for_interval) {
    const Interval interval = summary.median_interval_s;
    result.relative_error = (interval.high - interval.low) / (2 * z95 * summary.median_s);
  }
  return result;
}

double with_floor(double relative_error) { return std::hypot(relative_error, cost::error_of_lines); }

// Variances of ln t between launches, one per payload, each pulled towards their mean as if `prior_freedom` further
// launches had shown it: with two or three launches some payloads agree by chance, and would be trusted far too much.
class LaunchSpread {
 public:
  explicit LaunchSpread(const std::map<Bytes, std::vector<LaunchMedian>>& payloads) {
    for (const auto& [payload, launches] : payloads) {
      if (launches.size() > 1) {
        variances_.push_back(std::pow(standard_deviation(logs_of(launches)), 2));
      }
    }
  }

  // Relative standard error of the median over launches.
  double error_of_median(std::span<const LaunchMedian> launches) const {
    constexpr double prior_freedom = 4;
    const double count = static_cast<double>(launches.size());
    const double own = std::pow(standard_deviation(logs_of(launches)), 2);
    const double variance = ((count - 1) * own + prior_freedom * mean(variances_)) / (count - 1 + prior_freedom);
    const double price_of_median = launches.size() > 2 ? std::numbers::pi / 2 : 1;
    return std::sqrt(price_of_median * variance / count);
  }

  static std::vector<double> logs_of(std::span<const LaunchMedian> launches) {
    std::vector<double> logs;
    for (const LaunchMedian& launch : launches) {
      logs.push_back(std::log(launch.time_s));
    }
    return logs;
  }

 private:
  std::vector<double> variances_;
};

cost::CurvePoint pool(Bytes payload, std::span<const LaunchMedian> launches, const LaunchSpread& spread) {
  if (launches.size() > 1) {
    return {
        payload, std::exp(median(LaunchSpread::logs_of(launches))), with_floor(spread.error_of_median(launches)), {}};
  }
  const LaunchMedian& only = launches.front();
  return {payload, only.time_s, only.relative_error ? with_floor(*only.relative_error) : unknown_error, {}};
}

// What ran at a payload, by all its visits; nothing where they disagree.
std::optional<std::string> label_of_visits(const CurveVisits& curve, Bytes payload) {
  std::set<std::string> laws;
  std::set<std::uint32_t> channels;
  for (const auto& [launch, payloads] : curve.by_launch) {
    const auto found = payloads.find(payload);
    for (const Measurement* visit : found == payloads.end() ? Visits{} : found->second) {
      const Observation& seen = visit->observation;
      laws.insert(seen.algorithm.empty() && seen.protocol.empty() ? "" : seen.algorithm + "/" + seen.protocol);
      channels.insert(seen.channels);
    }
  }
  if (laws.size() != 1) {
    return std::nullopt;
  }
  if (laws.begin()->empty()) {
    return "";
  }
  return fmt::format("{}/{}", *laws.begin(), channels.size() == 1 ? fmt::to_string(*channels.begin()) : "mixed");
}

void add_labels(CurveData& data, const CurveVisits& curve, std::vector<std::string>& notes) {
  std::set<Bytes> unsure;
  for (cost::CurvePoint& point : data.points) {
    const std::optional<std::string> label = label_of_visits(curve, point.payload);
    point.label = label.value_or("");
    if (!label) {
      unsure.insert(point.payload);
    }
  }
  if (!unsure.empty()) {
    notes.push_back(fmt::format("{}: {}: algorithm or protocol differ between visits: no border is put there for them",
                                data.shape.curve_name(), list_payloads(unsure)));
  }
}

std::string join_sources(const CurveVisits& curve, std::span<const Launch> launches) {
  std::vector<std::string> sources;
  for (const auto& [launch, payloads] : curve.by_launch) {
    const std::string& source = launches[launch].info.source;
    if (!source.empty() && std::find(sources.begin(), sources.end(), source) == sources.end()) {
      sources.push_back(source);
    }
  }
  return fmt::format("{}", fmt::join(sources, "; "));
}

void add_points(CurveData& data, const CurveVisits& curve) {
  const std::vector<Bytes> payloads(curve.payloads.begin(), curve.payloads.end());
  std::map<Bytes, std::vector<LaunchMedian>> medians;
  data.clock_steps_s.resize(payloads.size());
  for (const auto& [launch, visits] : curve.by_launch) {
    auto& times = data.launch_times_s.emplace_back(payloads.size());
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      if (const auto found = visits.find(payloads[i]); found != visits.end()) {
        medians[payloads[i]].push_back(median_of(found->second));
        times[i] = medians[payloads[i]].back().time_s;
        for (const Measurement* visit : found->second) {
          data.clock_steps_s[i] = std::max(data.clock_steps_s[i], visit->clock_step_s);
        }
      }
    }
  }
  const LaunchSpread spread(medians);
  bool every_error_known = true;
  for (const auto& [payload, launches] : medians) {
    data.points.push_back(pool(payload, launches, spread));
    every_error_known = every_error_known && (launches.size() > 1 || launches.front().relative_error);
  }
  if (curve.by_launch.size() > 1) {
    data.basis = cost::IntervalBasis::launches;
  } else {
    data.basis = every_error_known ? cost::IntervalBasis::within_launch : cost::IntervalBasis::assumed_noise;
  }
}

CurveData make_data(const CurveKey& key, const CurveVisits& curve, std::span<const Launch> launches,
                    std::vector<std::string>& notes) {
  const auto& [machine, software, name] = key;
  require_same(name, curve, launches, "points", kind_of);
  require_same(name, curve, launches, "statistic",
               [](const Measurement& visit) { return std::string(name_of(visit.statistic)); });
  CurveData data;
  const Measurement& any = *curve.by_launch.begin()->second.begin()->second.front();
  data.shape = any.point;
  data.shape.payload = Case{}.payload;
  data.shape.software = software;
  if (!is_point_to_point(data.shape.operation)) {
    data.shape.operations_per_sample = Case{}.operations_per_sample;
  }
  data.machine = machine;
  data.source = join_sources(curve, launches);
  data.statistic = any.statistic;
  for (const auto& [launch, payloads] : curve.by_launch) {
    data.launches.push_back(label_of(launches[launch].info));
    for (const auto& [payload, visits] : payloads) {
      for (const Measurement* visit : visits) {
        data.flags.bits |= visit->flags.bits;
      }
    }
  }
  add_points(data, curve);
  add_labels(data, curve, notes);
  return data;
}

void note_machines(std::span<const Launch> launches, std::vector<std::string>& notes) {
  std::set<std::string> machines;
  for (const Launch& launch : launches) {
    machines.insert(launch.info.machine);
  }
  if (machines.size() > 1) {
    notes.push_back(
        fmt::format("launches of {} machines are fitted apart: {}", machines.size(), fmt::join(machines, ", ")));
  }
}

void note_software(std::span<const Launch> launches, std::vector<std::string>& notes) {
  std::map<std::string, std::map<std::string, std::size_t>> launches_of;
  for (const Launch& launch : launches) {
    ++launches_of[launch.info.machine][software_of(launch.provenance)];
  }
  for (const auto& [machine, counts] : launches_of) {
    if (counts.size() == 1) {
      continue;
    }
    std::vector<std::string> software;
    std::transform(counts.begin(), counts.end(), std::back_inserter(software),
                   [](const auto& entry) { return entry.first; });
    std::vector<std::string> parts = differences(software);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::size_t count = counts.at(software[i]);
      parts[i] += fmt::format(" ({} {})", count, count == 1 ? "launch" : "launches");
    }
    notes.push_back(
        fmt::format("{}: launches on different software are fitted apart: {}", machine, fmt::join(parts, "; ")));
  }
}

}  // namespace

std::string label_of(const LaunchInfo& launch) {
  return launch.source.empty() ? fmt::format("{}.h5", launch.run_uuid)
                               : fmt::format("{}.h5, imported from {}", launch.run_uuid, launch.source);
}

std::vector<CurveData> gather_curves(std::span<const Launch> launches, Flags admitted, std::vector<std::string>& notes,
                                     std::size_t least_payloads) {
  require_distinct(launches);
  require_admitted(launches, admitted);
  note_machines(launches, notes);
  note_software(launches, notes);
  std::vector<CurveData> curves;
  for (const auto& [key, curve] : group_visits(launches, notes)) {
    if (curve.payloads.size() < least_payloads) {
      notes.push_back(fmt::format("{}: not fitted: {} usable {}, {} needed", std::get<2>(key), curve.payloads.size(),
                                  curve.payloads.size() == 1 ? "payload" : "payloads",
                                  least_payloads == 1 ? "one is" : "two are"));
      continue;
    }
    curves.push_back(make_data(key, curve, launches, notes));
  }
  return curves;
}

}  // namespace hockney::fit
