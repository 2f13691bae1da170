#include "views/report/headline.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "base/number.hpp"
#include "cost/segments.hpp"
#include "record/usable.hpp"
#include "render/forms.hpp"
#include "scan/diagnosis.hpp"
#include "scan/pair_times.hpp"
#include "views/points.hpp"

namespace hockney::views {
namespace {

constexpr std::size_t most_hosts_named = 4;
constexpr std::size_t most_numbers = 5;

std::string joined(const std::set<std::string>& texts, std::size_t most = 6) {
  std::vector<std::string> shown(texts.begin(), texts.end());
  const std::size_t left = shown.size() > most ? shown.size() - most : 0;
  shown.resize(shown.size() - left);
  return fmt::format("{}{}", fmt::join(shown, ", "), left == 0 ? "" : fmt::format(" and {} more", left));
}

std::set<std::string> hosts_of(const std::vector<const Launch*>& launches) {
  std::set<std::string> hosts;
  for (const Launch* launch : launches) {
    for (const Placement& placement : launch->placements) {
      hosts.insert(placement.host);
    }
  }
  return hosts;
}

std::string place_of(const std::vector<const Launch*>& launches) {
  std::set<std::string> machines;
  std::uint32_t ranks = 0;
  for (const Launch* launch : launches) {
    machines.insert(launch->info.machine);
    ranks = std::max(ranks, launch->info.ranks);
  }
  const std::set<std::string> hosts = hosts_of(launches);
  return fmt::format("{}; up to {} ranks{}", joined(machines), ranks,
                     hosts.empty() ? ""
                                   : fmt::format("; {} host{}: {}", hosts.size(), hosts.size() == 1 ? "" : "s",
                                                 joined(hosts, most_hosts_named)));
}

std::string what_of(const std::vector<const Launch*>& launches) {
  std::set<std::string> operations, fabrics;
  std::size_t visits = 0;
  for (const Launch* launch : launches) {
    for (const Measurement& visit : launch->measurements) {
      operations.emplace(name_of(visit.point.operation));
      fabrics.emplace(name_of(visit.point.fabric));
      ++visits;
    }
  }
  return fmt::format("{} launch{}, {} visits of points; {}; over {}", launches.size(), launches.size() == 1 ? "" : "es",
                     visits, joined(operations, 12), joined(fabrics));
}

std::string when_of(const std::vector<const Launch*>& launches) {
  std::int64_t first = 0, last = 0;
  for (const Launch* launch : launches) {
    const std::int64_t began = launch->info.started_utc_ns;
    first = began > 0 && (first == 0 || began < first) ? began : first;
    last = std::max({last, began, launch->info.ended_utc_ns});
  }
  return first == 0 ? "not told" : fmt::format("{} to {}", to_iso8601(first), to_iso8601(last));
}

/// What speaks against the machine, the worst first.
struct Findings {
  std::vector<std::string> bad{};
  std::vector<std::string> doubtful{};
  std::size_t scans = 0;
};

void add_scan(Findings& findings, const Launch& launch) {
  const auto record = scan::is_scan(launch) ? scan::read_scan(launch) : std::nullopt;
  if (!record || record->times.empty()) {
    return;
  }
  ++findings.scans;
  const scan::NodeNames names(launch.placements, launch.provenance);
  for (const scan::Suspect& suspect : scan::diagnose(*record)) {
    (suspect.verdict == scan::Verdict::persistent ? findings.bad : findings.doubtful)
        .push_back(prefix_of(flags_of(launch)) + scan::to_text(suspect, names));
  }
}

void add_flags(Findings& findings, const std::vector<const Launch*>& launches) {
  std::size_t wrong = 0, unusable = 0, throttled = 0, unfinished = 0;
  for (const Launch* launch : launches) {
    unfinished += launch->info.finalised ? 0 : 1;
    for (const Measurement& visit : launch->measurements) {
      const bool is_wrong = visit.flags.has(Flag::wrong_result) || visit.verification == Verification::failed;
      wrong += is_wrong ? 1 : 0;
      unusable += !is_wrong && !usable(visit) ? 1 : 0;
      throttled += visit.flags.has(Flag::throttled) ? 1 : 0;
    }
  }
  const auto add = [](std::vector<std::string>& to, std::size_t count, std::string_view what) {
    if (count > 0) {
      to.push_back(fmt::format("{} {}", count, what));
    }
  };
  add(findings.bad, wrong, "visits with wrong results");
  add(findings.doubtful, unusable, "visits are not to be used (caveats)");
  add(findings.doubtful, throttled, "visits with GPUs whose clocks were held down");
  add(findings.doubtful, unfinished, "launches did not end normally");
}

void set_health(render::Headline& headline, const std::vector<const Launch*>& launches) {
  Findings findings;
  for (const Launch* launch : launches) {
    add_scan(findings, *launch);
  }
  add_flags(findings, launches);
  headline.reasons = findings.bad;
  headline.reasons.insert(headline.reasons.end(), findings.doubtful.begin(), findings.doubtful.end());
  if (!findings.bad.empty()) {
    headline.health = render::Health::bad;
    headline.verdict = "not healthy";
  } else if (!findings.doubtful.empty()) {
    headline.health = render::Health::doubtful;
    headline.verdict = "look closer";
  } else if (findings.scans > 0) {
    headline.health = render::Health::good;
    headline.verdict = "healthy: nothing looks slow";
  } else {
    headline.health = render::Health::unknown;
    headline.verdict = "health not scanned; nothing wrong in what was measured";
  }
  headline.reasons.push_back(findings.scans > 0
                                 ? fmt::format("health scans: {}", findings.scans)
                                 : "no health scan among these campaigns: hockney-bench --scan makes one");
}

/// A point of a curve.
struct At {
  const cost::CostCurve* curve = nullptr;
  const cost::CurvePoint* point = nullptr;
  double busbw = 0;      ///< B/s
  std::string campaign;  ///< empty where there is one

  std::string where() const {
    return fmt::format("{}{}{}{} of {} over {}, {}", prefix_of(curve->flags), campaign, campaign.empty() ? "" : ": ",
                       name_of(curve->shape.operation), to_string(point->payload), name_of(curve->shape.fabric),
                       to_string(curve->shape.group));
  }
  Interval interval_s() const {
    const double factor = std::exp(cost::log_half_width(*curve, *point));
    return {point->time_s / factor, point->time_s * factor};
  }
};

/// All points of collectives in some place; of every operation where there is no collective.
template <class InPlace>
std::vector<At> points_in(const Report& report, InPlace in_place) {
  std::vector<At> collectives, others;
  for (const ReportedCampaign& campaign : report.campaigns) {
    for (const cost::CostCurve& curve : campaign.fit.model.curves) {
      for (const cost::CurvePoint& point : curve.points) {
        const auto factor = wire_factor(curve.shape);
        if (in_place(curve.shape) && factor) {
          (is_collective(curve.shape.operation) ? collectives : others)
              .push_back({&curve, &point, *factor * static_cast<double>(point.payload.count) / point.time_s,
                          report.campaigns.size() > 1 ? campaign.name : ""});
        }
      }
    }
  }
  return collectives.empty() ? others : collectives;
}

std::string share_of_line_rate(const At& at, const PlatformsByMachine& platforms) {
  const auto found = platforms.find(at.curve->machine);
  const auto rate = found == platforms.end() ? std::nullopt : found->second.line_rate(at.curve->shape);
  return rate ? fmt::format("; {} % of the line rate of {}", percent(at.busbw / rate->value), found->second.name) : "";
}

render::KeyNumber best_rate(const std::vector<At>& points, std::string_view place,
                            const PlatformsByMachine& platforms) {
  const At& best =
      *std::max_element(points.begin(), points.end(), [](const At& a, const At& b) { return a.busbw < b.busbw; });
  const double bytes = best.busbw * best.point->time_s;
  const Interval time = best.interval_s();
  return {fmt::format("{} GB/s", render::gigabytes_per_second(best.busbw)), fmt::format("best bus bandwidth {}", place),
          fmt::format("{}; 95 %: {} .. {}{}", best.where(), render::gigabytes_per_second(bytes / time.high),
                      render::gigabytes_per_second(bytes / time.low), share_of_line_rate(best, platforms))};
}

render::KeyNumber shortest_time(const std::vector<At>& points, std::string_view place) {
  const At& best = *std::min_element(points.begin(), points.end(),
                                     [](const At& a, const At& b) { return a.point->time_s < b.point->time_s; });
  const Interval time = best.interval_s();
  return {fmt::format("{} µs", render::microseconds(best.point->time_s)), fmt::format("shortest operation {}", place),
          fmt::format("{}; 95 %: {} .. {} µs", best.where(), render::microseconds(time.low),
                      render::microseconds(time.high))};
}

template <class InPlace>
void add_place(std::vector<render::KeyNumber>& rates, std::vector<render::KeyNumber>& times, const Report& report,
               std::string_view place, InPlace in_place) {
  const std::vector<At> points = points_in(report, in_place);
  if (!points.empty()) {
    rates.push_back(best_rate(points, place, report.platforms));
    times.push_back(shortest_time(points, place));
  }
}

/// "SIMULATED: " of the marks of a figure.
std::string words_of(const std::vector<std::string>& marks) {
  std::string words;
  for (const std::string& mark : marks) {
    words += mark.substr(0, mark.find(':')) + ": ";
  }
  return words;
}

void add_overhead(std::vector<render::KeyNumber>& numbers, const Report& report) {
  for (const ReportedCampaign& campaign : report.campaigns) {
    if (campaign.overhead) {
      numbers.push_back({fmt::format("{} %", percent(campaign.overhead->least)),
                         "of a training step is not computation (predicted)",
                         fmt::format("{}{}: {}, {}", words_of(campaign.overhead->map.remarks), campaign.name,
                                     campaign.overhead->map.title, campaign.overhead->mapping)});
    }
  }
}

void add_scatter(std::vector<render::KeyNumber>& numbers, const Report& report) {
  std::vector<double> scatter;
  for (const ReportedCampaign& campaign : report.campaigns) {
    for (const PointOfLaunch& row : points_of(campaign.launches)) {
      if (row.over.variance) {
        scatter.push_back(row.over.variance->between_launches);
      }
    }
  }
  numbers.push_back(
      scatter.empty()
          ? render::KeyNumber{"not known", "how far launches differ", "two launches of a usable point tell it"}
          : render::KeyNumber{fmt::format("{} %", percent(median(scatter))), "launches differ by",
                              "standard deviation of the medians of launches, median over points"});
}

std::vector<render::KeyNumber> numbers_of(const Report& report) {
  std::vector<render::KeyNumber> numbers, times;
  add_place(numbers, times, report, "inside a node", [](const Case& shape) { return is_intra_node(shape.fabric); });
  add_place(numbers, times, report, "between nodes",
            [](const Case& shape) { return is_inter_node(shape.fabric) && shape.group.nodes() != 1; });
  numbers.insert(numbers.end(), times.begin(), times.end());
  add_overhead(numbers, report);
  add_scatter(numbers, report);
  numbers.resize(std::min(numbers.size(), most_numbers));
  return numbers;
}

}  // namespace

render::Headline headline_of(const Report& report) {
  const std::vector<const Launch*> launches = report.launches();
  std::set<std::string> campaigns, producers;
  for (const ReportedCampaign& campaign : report.campaigns) {
    campaigns.insert(campaign.name);
  }
  for (const Launch* launch : launches) {
    producers.insert(launch->info.producer);
  }
  render::Headline headline;
  headline.facts = {{{}, "campaigns", joined(campaigns)},
                    {{}, "what", what_of(launches)},
                    {{}, "where", place_of(launches)},
                    {{}, "when", when_of(launches)},
                    {{}, "measured by", joined(producers)}};
  set_health(headline, launches);
  headline.numbers = numbers_of(report);
  return headline;
}

}  // namespace hockney::views
