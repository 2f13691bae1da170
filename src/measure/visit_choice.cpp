#include "measure/visit_choice.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "base/number.hpp"
#include "plan/at_payload.hpp"
#include "record/deviates.hpp"
#include "record/statistics.hpp"
#include "record/usable.hpp"

namespace hockney::measure {
namespace {

constexpr double weight_of_named = 4;
constexpr double error_of_unseen = 0.1;    // in a gap: some switch may hide there
constexpr double error_of_nothing = 1.0;   // beyond what is known
constexpr double least_gain = 0.1;         // of the tolerance
constexpr std::size_t enough_to_rest = 3;  // launches: two agree by chance too often

std::vector<double> logs_of(std::vector<double> values) {
  for (double& value : values) {
    value = std::log(value);
  }
  return values;
}

double log_ratio(Bytes from, Bytes to) {
  return std::log(static_cast<double>(to.count) / static_cast<double>(from.count));
}

// A time that is wrong by a factor of a hundred is not a hundred times as bad as one that is wrong by a factor of two.
double bounded(double relative_error) { return relative_error / (1 + relative_error); }

double weight_of(const BudgetPoint& point) { return point.is_named ? weight_of_named : 1; }

std::string percent(double share) {
  return share > 1 ? "over +-100 %" : fmt::format("+-{} %", significant(100 * share, 2));
}

std::string visits_text(std::size_t visits) { return fmt::format("{} visit{}", visits, visits == 1 ? "" : "s"); }

/// How bad, and what.
using Findings = std::vector<std::pair<double, std::string>>;

// The worst ones first, a few by name.
void tell(const std::string& what, Findings& found, std::vector<std::string>& lines) {
  constexpr std::size_t most_named = 5;
  std::sort(found.rbegin(), found.rend());
  if (!found.empty()) {
    lines.push_back(fmt::format("{}: {}", what, found.size()));
  }
  for (std::size_t i = 0; i < std::min(found.size(), most_named); ++i) {
    lines.push_back("  " + found[i].second);
  }
  if (found.size() > most_named) {
    lines.push_back(fmt::format("  and {} more", found.size() - most_named));
  }
}

}  // namespace

/// What is known of a point, from its visits or, where it rests, from earlier launches.
struct VisitChoice::Known {
  std::size_t place = 0;
  double time_s = 0;
  double half_width = 0;      ///< of the 95 % interval, relative
  double after_one_more = 0;  ///< the same after one visit more, as far as one can tell
};

/// Between two neighbouring known points of a curve.
struct VisitChoice::Gap {
  Bytes from;
  Bytes to;
  double error = 0;  ///< relative, of what a fit says inside
  bool has_border = false;
  bool is_open = false;  ///< some point in it was not visited yet

  double width() const { return log_ratio(from, to); }
  bool holds(Bytes payload) const { return from < payload && payload < to; }
  double gain_of(Bytes payload) const {
    const double share = log_ratio(from, payload) / width();
    return 2 * share * (1 - share) * width() * bounded(error);
  }
};

struct VisitChoice::Curve {
  std::vector<std::size_t> places{};  ///< that can be measured, ascending in payload
  std::vector<Known> known{};         ///< of those of them
  std::vector<Gap> gaps{};            ///< between every two neighbours among `known`
  std::size_t added = 0;

  /// Half of the way to the neighbours on either side, in ln(payload).
  double width_of(std::size_t known_index) const {
    const double left = known_index > 0 ? gaps[known_index - 1].width() : 0;
    const double right = known_index < gaps.size() ? gaps[known_index].width() : 0;
    return gaps.empty() ? std::numbers::ln2 : (left + right) / 2;
  }
};

struct VisitChoice::Candidate {
  enum class Phase { coarse, step, curve, step_again };
  Phase phase = Phase::curve;
  double gain = 0;
  double cost_s = 0;
  std::size_t place = 0;  ///< of a new size its left neighbour
  Bytes new_size{};       ///< 0 B: none

  // The first phases keep their order.
  bool is_better_than(const Candidate& other) const {
    if (phase != other.phase) {
      return phase < other.phase;
    }
    constexpr double least_cost_s = 1e-9;
    const auto per_second = [&](const Candidate& each) { return each.gain / std::max(each.cost_s, least_cost_s); };
    return phase > Phase::step && per_second(*this) > per_second(other);
  }
};

VisitChoice::VisitChoice(std::vector<BudgetPoint> points, const Sampling& sampling, const ChoiceOptions& options)
    : sampling_(sampling), options_(options) {
  for (BudgetPoint& point : points) {
    const std::string name = point.point.name();
    const std::string curve = is_on_curve(point.point.operation) ? point.point.curve_name() : name;
    const std::size_t number = curves_by_name_.try_emplace(curve, curves_by_name_.size()).first->second;
    places_by_name_[name] = places_.size();
    places_.push_back({.point = std::move(point), .curve = number, .like = places_.size()});
  }
  for (const Curve& curve : curves()) {
    for (std::size_t i = 0; i < curve.places.size(); ++i) {
      Place& place = places_[curve.places[i]];
      place.is_coarse = !place.is_step() && (i % 4 == 0 || i + 1 == curve.places.size());
    }
  }
}

double VisitChoice::tolerance(const Place& place) const {
  return sampling_.tolerance(place.payload()) / std::sqrt(static_cast<double>(sampling_.passes));
}

// Of one of several launches no narrower than they differ, as far as earlier ones tell.
double VisitChoice::tolerance_of_visit(const Place& place) const {
  return options_.launches != 1 ? std::max(tolerance(place), z95 * standard_deviation(logs_of(place.earlier_medians_s)))
                                : sampling_.tolerance(place.payload());
}

Seconds VisitChoice::launch_share() const {
  const auto open = std::count_if(places_.begin(), places_.end(),
                                  [&](const Place& place) { return !place.is_given_up && !rests(place); });
  return options_.launches != 1 ? options_.start_up / static_cast<double>(std::max<std::ptrdiff_t>(1, open))
                                : Seconds{0};
}

// Of the mean over launches: those before this one, and those from this one on that the campaign is to have. With as
// many as it takes there is none.
double VisitChoice::error_over_launches(const Place& place, double before, double from_now_on) const {
  if (options_.launches == 0) {
    return 0;
  }
  const auto earlier = static_cast<double>(place.earlier_medians_s.size());
  const double to_come = std::max(1.0, options_.launches - earlier);
  const double launches = earlier + to_come;
  const double of_mean = std::sqrt(earlier * before * before + to_come * from_now_on * from_now_on) / launches;
  if (launches < 2) {
    return of_mean;
  }
  const std::size_t count = std::max(enough_to_rest, static_cast<std::size_t>(launches));
  return of_mean * student_half_width(count) * std::sqrt(static_cast<double>(count)) / z95;
}

bool VisitChoice::rests(const Place& place) const {
  const std::vector<double>& earlier = place.earlier_medians_s;
  return earlier.size() >= enough_to_rest &&
         student_half_width(earlier.size()) * standard_deviation(logs_of(earlier)) <= tolerance(place);
}

std::vector<VisitChoice::Curve> VisitChoice::curves() const {
  std::vector<Curve> curves(curves_by_name_.size());
  for (std::size_t i = 0; i < places_.size(); ++i) {
    Curve& curve = curves[places_[i].curve];
    curve.added += places_[i].is_added ? 1 : 0;
    if (!places_[i].is_given_up) {
      curve.places.push_back(i);
    }
  }
  for (Curve& curve : curves) {
    std::sort(curve.places.begin(), curve.places.end(),
              [&](std::size_t a, std::size_t b) { return places_[a].payload() < places_[b].payload(); });
    add_known(curve);
    add_gaps(curve);
  }
  return curves;
}

void VisitChoice::add_known(Curve& curve) const {
  for (const std::size_t index : curve.places) {
    const Place& place = places_[index];
    std::vector<double> medians =
        place.visits.empty() && rests(place) ? place.earlier_medians_s : std::vector<double>{};
    std::vector<double> half_widths;
    for (const Visited& visit : place.visits) {
      medians.push_back(visit.median_s);
      half_widths.push_back(visit.half_width);
    }
    if (medians.empty()) {
      continue;
    }
    const double typical = half_widths.empty() ? 0 : median(half_widths);
    const double scatter = standard_deviation(logs_of(medians));
    const auto half_width = [&](std::size_t visits) {
      return std::max(typical / std::sqrt(static_cast<double>(visits)),
                      scatter == 0 ? 0 : student_half_width(visits) * scatter);
    };
    curve.known.push_back({.place = index,
                           .time_s = median(medians),
                           .half_width = half_width(medians.size()),
                           .after_one_more = half_width(medians.size() + 1)});
  }
}

void VisitChoice::add_gaps(Curve& curve) const {
  std::vector<CurveSample> samples;
  for (const Known& one : curve.known) {
    const Place& place = places_[one.place];
    samples.push_back({place.payload(), one.time_s, one.half_width / z95, place.label});
  }
  for (std::size_t i = 0; i + 1 < samples.size(); ++i) {
    curve.gaps.push_back(
        {.from = samples[i].payload,
         .to = samples[i + 1].payload,
         .error = std::max({curve.known[i].half_width, curve.known[i + 1].half_width, error_of_unseen})});
  }
  for (const CurveBorder& border : find_borders(samples)) {
    Gap& gap = curve.gaps[border.before];
    gap.has_border = true;
    gap.error = std::max(gap.error, border.disagreement);
  }
  for (Gap& gap : curve.gaps) {
    gap.is_open = std::any_of(curve.places.begin(), curve.places.end(),
                              [&](std::size_t index) { return gap.holds(places_[index].payload()); });
  }
}

// Of its last visit, or that of the nearest payload of the curve, or the mean of all.
double VisitChoice::cost_near(const Curve& curve, const Place& place) const {
  double nearest = std::numeric_limits<double>::infinity();
  double cost_s = visits_with_cost_ == 0 ? 0 : cost_of_all_s_ / static_cast<double>(visits_with_cost_);
  for (const std::size_t index : curve.places) {
    const double distance = std::abs(log_ratio(places_[index].payload(), place.payload()));
    if (places_[index].cost_s > 0 && distance < nearest) {
      nearest = distance;
      cost_s = places_[index].cost_s;
    }
  }
  return cost_s;
}

double VisitChoice::gain_of_revisit(const Place& place, const Known& now) const {
  const std::vector<double>& earlier = place.earlier_medians_s;
  const double between = z95 * standard_deviation(logs_of(earlier));
  const double launch = std::sqrt(std::max(0.0, between * between - now.half_width * now.half_width));
  const double one = std::hypot(launch, now.half_width);
  const double error = error_over_launches(place, one, one);
  const double after = error_over_launches(place, one, std::hypot(launch, now.after_one_more));
  const double asked = tolerance(place);
  return error > asked && error - after >= least_gain * asked ? bounded(error) - bounded(after) : 0;
}

void VisitChoice::offer_revisits(const Curve& curve, std::vector<Candidate>& all) const {
  using Phase = Candidate::Phase;
  for (std::size_t i = 0; i < curve.known.size(); ++i) {
    const Place& place = places_[curve.known[i].place];
    const double gain = place.visits.empty() ? 0 : gain_of_revisit(place, curve.known[i]);
    if (gain > 0) {
      all.push_back({place.is_step() ? Phase::step_again : Phase::curve,
                     weight_of(place.point) * curve.width_of(i) * gain, cost_near(curve, place), curve.known[i].place});
    }
  }
}

void VisitChoice::offer_first_visits(const Curve& curve, std::vector<Candidate>& all) const {
  using Phase = Candidate::Phase;
  for (const std::size_t index : curve.places) {
    const Place& place = places_[index];
    if (!place.visits.empty() || rests(place)) {
      continue;
    }
    const auto gap = std::find_if(curve.gaps.begin(), curve.gaps.end(),
                                  [&](const Gap& each) { return each.holds(place.payload()); });
    const double gain =
        gap == curve.gaps.end() ? std::numbers::ln2 * bounded(error_of_nothing) : gap->gain_of(place.payload());
    all.push_back({place.is_coarse   ? Phase::coarse
                   : place.is_step() ? Phase::step
                                     : Phase::curve,
                   weight_of(place.point) * gain, cost_near(curve, place), index});
  }
}

void VisitChoice::offer_new_sizes(const Curve& curve, std::vector<Candidate>& all) const {
  for (std::size_t i = 0; i < curve.gaps.size() && curve.added < options_.most_added; ++i) {
    const Gap& gap = curve.gaps[i];
    if (!gap.has_border || gap.is_open || gap.width() <= std::log(finest_ratio)) {
      continue;
    }
    const std::size_t left = curve.known[i].place;
    const double middle = static_cast<double>(gap.from.count) * std::exp(gap.width() / 2);
    const Bytes payload =
        at_payload(places_[left].point.point, Bytes{static_cast<std::uint64_t>(std::llround(middle))}).payload;
    if (gap.holds(payload)) {
      all.push_back({Candidate::Phase::curve, gap.gain_of(payload), cost_near(curve, places_[left]), left, payload});
    }
  }
}

std::vector<VisitChoice::Candidate> VisitChoice::candidates() const {
  std::vector<Candidate> all;
  for (const Curve& curve : curves()) {
    offer_first_visits(curve, all);
    offer_revisits(curve, all);
    offer_new_sizes(curve, all);
  }
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) { return a.place < b.place; });
  return all;
}

std::optional<Choice> VisitChoice::next(Seconds left) {
  const std::vector<Candidate> all = candidates();
  const Candidate* best = nullptr;
  for (const Candidate& candidate : all) {
    const bool fits = visits_with_cost_ == 0 || candidate.cost_s <= left.count();
    if (fits && (best == nullptr || candidate.is_better_than(*best))) {
      best = &candidate;
    }
  }
  if (best == nullptr) {
    return std::nullopt;
  }
  const std::size_t index = best->new_size.count == 0 ? best->place : add(best->new_size, best->place);
  const Place& place = places_[index];
  return Choice{index, place.next_pass, place.like, tolerance_of_visit(place), launch_share()};
}

bool VisitChoice::has_more() const { return !candidates().empty(); }

std::size_t VisitChoice::add(Bytes payload, std::size_t neighbour) {
  const Place& other = places_[neighbour];
  Place place{.point = {.point = at_payload(other.point.point, payload), .id = options_.next_id++},
              .curve = other.curve,
              .like = other.like,
              .is_added = true};
  places_by_name_[place.point.point.name()] = places_.size();
  places_.push_back(std::move(place));
  return places_.size() - 1;
}

std::optional<std::size_t> VisitChoice::find_or_add(const Case& point) {
  if (const auto found = places_by_name_.find(point.name()); found != places_by_name_.end()) {
    return found->second;
  }
  const auto curve = curves_by_name_.find(point.curve_name());
  if (!is_on_curve(point.operation) || curve == curves_by_name_.end()) {
    return std::nullopt;
  }
  const auto like =
      std::find_if(places_.begin(), places_.end(), [&](const Place& place) { return place.curve == curve->second; });
  return add(point.payload, static_cast<std::size_t>(like - places_.begin()));
}

void VisitChoice::know_earlier(const std::string& name, std::vector<double> medians_s) {
  if (const auto found = places_by_name_.find(name); found != places_by_name_.end()) {
    places_[found->second].earlier_medians_s = std::move(medians_s);
  }
}

void VisitChoice::keep(std::size_t point, const VisitRecord& visit, const Summary& summary, Seconds cost) {
  Place& place = places_[point];
  place.next_pass = std::max(place.next_pass, visit.pass + 1);
  if (cost.count() > 0) {
    place.cost_s = cost.count();
    cost_of_all_s_ += cost.count();
    ++visits_with_cost_;
  }
  if (!usable(visit) || !(summary.median_s > 0)) {
    give_up(point);
    return;
  }
  const Interval& interval = summary.median_interval_s;
  place.visits.push_back({summary.median_s, (interval.high - interval.low) / 2 / summary.median_s});
  const Observation& seen = visit.observation;
  place.label = seen.algorithm.empty() && seen.protocol.empty() ? "" : seen.algorithm + "/" + seen.protocol;
}

std::size_t VisitChoice::visits() const {
  return std::accumulate(places_.begin(), places_.end(), std::size_t{0},
                         [](std::size_t sum, const Place& place) { return sum + place.visits.size(); });
}

std::size_t VisitChoice::count(bool Place::*property) const {
  return static_cast<std::size_t>(
      std::count_if(places_.begin(), places_.end(), [&](const Place& place) { return place.*property; }));
}

std::vector<VisitChoice::LeftOut> VisitChoice::left_out() const {
  std::vector<LeftOut> all;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Place& place = places_[i];
    if (place.visits.empty() && !place.is_given_up && !place.is_added) {
      all.push_back({i, place.is_coarse,
                     rests(place) ? fmt::format("within {} over {} launches", percent(tolerance(place)),
                                                place.earlier_medians_s.size())
                                  : ""});
    }
  }
  return all;
}

std::vector<std::string> VisitChoice::remarks() const {
  Findings wide;
  Findings open;
  for (const Curve& curve : curves()) {
    for (const Known& one : curve.known) {
      const Place& place = places_[one.place];
      const double asked = tolerance(place) / error_over_launches(place, 1, 1);
      if (one.half_width > asked) {
        wide.emplace_back(one.half_width / asked,
                          fmt::format("{}: {} after {}, {} asked for", place.point.point.name(),
                                      percent(one.half_width), visits_text(place.visits.size()), percent(asked)));
      }
    }
    for (std::size_t i = 0; i < curve.gaps.size(); ++i) {
      const Gap& gap = curve.gaps[i];
      if (gap.has_border && gap.width() > std::log(finest_ratio)) {
        open.emplace_back(gap.width(),
                          fmt::format("{}: between {} and {}", places_[curve.known[i].place].point.point.curve_name(),
                                      to_string(gap.from), to_string(gap.to)));
      }
    }
  }
  std::vector<std::string> lines;
  tell("points whose interval within this launch is wider than asked for", wide, lines);
  tell(fmt::format("changes of the law that are not known within a factor of {}", finest_ratio), open, lines);
  return lines;
}

}  // namespace hockney::measure
