#include "budget_run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "plan/at_payload.hpp"
#include "record/software.hpp"
#include "record/usable.hpp"

namespace hockney::bench {
namespace {

using Clock = std::chrono::steady_clock;
const Clock::time_point program_began = Clock::now();  // as the program is loaded, before MPI begins

/// One visit as rank 0 tells it to the others.
struct Order {
  std::uint64_t like = 0;  ///< visit of the schedule whose point has the same curve
  Bytes payload;
  std::uint64_t point_id = 0;
  std::uint32_t pass = 0;
  double tolerance = 0;
  double launch_share_s = 0;
  double longest_s = 0;
};

std::string to_text(const Order& order) {
  return fmt::format("{} {} {} {} {} {} {}", order.like, order.payload.count, order.point_id, order.pass,
                     order.tolerance, order.launch_share_s, order.longest_s);
}

std::optional<Order> parse_order(const std::string& text) {
  Order order;
  std::istringstream numbers(text);
  numbers >> order.like >> order.payload.count >> order.point_id >> order.pass >> order.tolerance >>
      order.launch_share_s >> order.longest_s;
  return numbers ? std::optional(order) : std::nullopt;
}

std::set<Bytes> named_payloads(const Plan& plan) {
  std::set<Bytes> named;
  for (const MeasureSection& section : plan.sections) {
    std::set_difference(section.payloads.begin(), section.payloads.end(), section.grid.begin(), section.grid.end(),
                        std::inserter(named, named.end()));
  }
  return named;
}

std::set<std::string> names_of(const std::vector<Case>& cases) {
  std::set<std::string> names;
  std::transform(cases.begin(), cases.end(), std::inserter(names, names.end()),
                 [](const Case& point) { return point.name(); });
  return names;
}

bool is_comparable(const store::LaunchOutline& outline, const LaunchFiles::Common& launch) {
  return outline.info.finalised && outline.info.machine == launch.info.machine &&
         software_of(outline.provenance) == software_of(launch.facts);
}

// [case name]: one median per launch that is comparable with this one.
std::map<std::string, std::vector<double>> earlier_medians(const std::vector<store::LaunchOutline>& outlines,
                                                           const LaunchFiles::Common& launch) {
  std::map<std::string, std::vector<double>> medians;
  for (const store::LaunchOutline& outline : outlines) {
    std::map<std::string, std::vector<double>> of_visits;
    for (const auto& row : is_comparable(outline, launch) ? outline.visits : decltype(outline.visits){}) {
      if (usable(row.visit)) {
        of_visits[row.name].push_back(std::log(row.summary.median_s));
      }
    }
    for (const auto& [name, logs] : of_visits) {
      medians[name].push_back(std::exp(mean(logs)));  // as variance_components() has it
    }
  }
  return medians;
}

std::vector<measure::BudgetPoint> points_of(const LaidOutPlan& plan, const Schedule& schedule) {
  const std::set<Bytes> named = named_payloads(plan.plan);
  std::vector<measure::BudgetPoint> points;
  for (const Visit& visit : schedule.visits()) {
    const Case& point = schedule.point(visit);
    points.push_back({.point = point, .id = visit.point, .is_named = named.contains(point.payload)});
  }
  return points;
}

}  // namespace

std::vector<store::LaunchOutline> outlines_in(const std::filesystem::path& folder) {
  std::vector<store::LaunchOutline> outlines;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".h5" && extension != ".part") {
      continue;
    }
    try {
      const auto found = store::read_outlines(entry.path());
      outlines.insert(outlines.end(), found.begin(), found.end());
    } catch (const InputError& error) {
      fmt::print(stderr, "warning: not counted among the earlier launches: {}\n", error.what());
    }
  }
  std::sort(outlines.begin(), outlines.end(),
            [](const auto& a, const auto& b) { return a.info.started_utc_ns < b.info.started_utc_ns; });
  return outlines;
}

measure::VisitChoice choice_within(const Budget& budget, const LaidOutPlan& plan, const Schedule& schedule,
                                   const std::vector<store::LaunchOutline>& outlines, const LaunchFiles& files,
                                   const LaunchFiles::Common& launch) {
  measure::VisitChoice choice(
      points_of(plan, schedule), plan.plan.sampling,
      {budget.added_sizes, budget.launches, plan.layout.cases.size(), Clock::now() - program_began});
  const std::set<std::string> planned = names_of(plan.layout.cases);
  for (const store::LaunchOutline& outline : outlines) {
    const bool is_own = files.holds(outline.info.run_uuid);
    const bool shares_sizes = budget.added_sizes > 0 && is_comparable(outline, launch);
    for (const auto& row : outline.visits) {
      if (is_own || (shares_sizes && !planned.contains(row.name))) {
        const auto point = choice.find_or_add(row.visit.point);
        if (point && is_own) {
          choice.keep(*point, row.visit, row.summary,
                      Seconds{static_cast<double>(row.summary.samples) * row.summary.median_s});
        }
      }
    }
  }
  for (const auto& [name, medians] : earlier_medians(outlines, launch)) {
    choice.know_earlier(name, medians);
  }
  for (std::size_t i = 0; i < choice.points(); ++i) {
    if (!files.takes(choice.point(i).point)) {
      choice.give_up(i);
    }
  }
  return choice;
}

std::string describe(const Budget& budget, const LaidOutPlan& plan) {
  const Schedule one_pass(plan.layout.cases, 1, 0, NameFilter({}));
  const measure::VisitChoice choice(points_of(plan, one_pass), plan.plan.sampling, {});
  return fmt::format(
      "budget {}: first the coarse grid, {} of {} points\n"
      "  then what narrows the curves most per second: other payloads, further visits,\n"
      "  and up to {} new sizes per curve where its law changes; ends early when nothing is worth its time\n",
      to_clock(budget.time), choice.coarse_points(), choice.points(), budget.added_sizes);
}

std::string run_within(const Budget& budget, const mpi::Communicator& world, const Sampling& sampling,
                       const Schedule& schedule, std::optional<measure::VisitChoice>& choice, VisitRunner& runner,
                       Recorder& recorder) {
  const auto began = Clock::now();
  std::size_t visits = 0;
  for (;;) {
    std::optional<measure::Choice> chosen;
    std::string told;
    world.on_root([&] {
      const Seconds left = budget.time - (Clock::now() - began);
      chosen = choice->next(left);
      if (chosen) {
        const measure::BudgetPoint& point = choice->point(chosen->point);
        told = to_text(Order{chosen->like, point.point.payload, point.id, chosen->pass, chosen->tolerance,
                             chosen->launch_share.count(), std::min(sampling.max_seconds, left).count()});
      }
    });
    const auto order = parse_order(world.broadcast(told));
    if (!order) {
      break;
    }
    const Case& like = schedule.point(schedule.visits()[order->like]);
    Sampling asked = sampling;
    asked.passes = 1;
    asked.tolerance_small = asked.tolerance_large = order->tolerance;
    asked.launch_share = Seconds{order->launch_share_s};
    asked.max_seconds = Seconds{order->longest_s};
    const auto start = Clock::now();
    const VisitRunner::Visited visited = runner.run(
        order->payload == like.payload ? like : at_payload(like, order->payload), order->point_id, order->pass, asked);
    if (runner.is_stopped()) {
      return {};
    }
    ++visits;
    world.on_root([&] {
      if (visited.not_measured.empty()) {
        choice->keep(chosen->point, visited.measured.visit, visited.measured.summary, Clock::now() - start);
      } else {
        choice->give_up(chosen->point);
      }
    });
  }
  std::string text;
  std::vector<Skipped> left_out;
  world.on_root([&] {
    std::size_t coarse = 0;
    for (const auto& [point, is_coarse, reason] : choice->left_out()) {
      coarse += is_coarse && reason.empty() ? 1 : 0;
      left_out.push_back(
          {choice->point(point).point,
           "left out: " + (reason.empty() ? fmt::format("the budget of {} is spent", to_clock(budget.time)) : reason)});
    }
    text = fmt::format("budget: {} visits in {} of {}, {} sizes added; {}\n", visits, to_clock(Clock::now() - began),
                       to_clock(budget.time), choice->added(),
                       coarse > 0 ? fmt::format("too short even for the coarse grid: {} of its {} points are left out",
                                                coarse, choice->coarse_points())
                       : choice->has_more() ? "no visit that would help fits into the rest"
                                            : "nothing more is worth its time");
    for (const std::string& line : choice->remarks()) {
      text += line + "\n";
    }
  });
  recorder.leave_out(left_out);
  return text;
}

}  // namespace hockney::bench
