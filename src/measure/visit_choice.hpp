#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/seconds.hpp"
#include "measure/curve_borders.hpp"
#include "plan/plan.hpp"
#include "record/measurement.hpp"

namespace hockney::measure {

/// A point that may be measured within a budget.
struct BudgetPoint {
  Case point;
  std::uint64_t id = 0;   ///< VisitRecord::point_id
  bool is_named = false;  ///< the plan names its payload (sizes by model, lists): it counts four times
};

/// What a choice may do, and for what.
struct ChoiceOptions {
  std::uint32_t most_added = 16;  ///< new sizes per curve
  std::uint32_t launches = 1;     ///< that the campaign is to have; 0: as many as it takes
  std::uint64_t next_id = 0;      ///< BudgetPoint::id of the first new size
  Seconds start_up{0};            ///< what a launch takes before its first visit
};

/// One visit to make.
struct Choice {
  std::size_t point = 0;  ///< index among the points
  std::uint32_t pass = 0;
  std::size_t like = 0;     ///< a given point of the same curve; itself, unless it is a new size
  double tolerance = 0;     ///< Sampling::tolerance() of this visit
  Seconds launch_share{0};  ///< Sampling::launch_share of this visit
};

/// Chooses, visit by visit, what a limited time is best spent on. Pure, and rank 0 only: it broadcasts the answers.
///
/// 1. The coarse grid: of each curve every fourth payload and the largest, in the given order; then each replayed step
///    once.
/// 2. Of what is left the visit that brings the error of a fit down most per second. That error is here the integral of
///    the relative error over ln(payload), summed over curves:
///    - a measured point stands for half of ln(ratio) to its neighbours on either side, with the half width h of its
///      interval (95 %): from k visits the larger of the visits' own (their median, over sqrt(k)) and Student's
///      interval of their medians. What one more visit makes of h follows from the same with k + 1. Over R launches, as
///      many as the campaign is to have or has with this one, t/1.96 h/sqrt(R) is left, t Student's quantile for R - 1
///      (at least 2) degrees of freedom, 1.96 for R = 1; more visits help this launch and those to come.
///      Where two earlier launches or more show a scatter L between launches beyond h, sqrt((1.96 L)^2 + h^2) takes the
///      place of h: visits of one launch cannot help against L (Kalibera & Jones 2013: docs/measuring.md);
///    - an unknown payload of a gap between measured neighbours is taken as wrong by the larger of their h, by 10 % at
///      least, because a switch may hide there, and, where the law does change in the gap (find_borders()), by what the
///      two laws disagree by. Cutting the gap in shares p and 1 - p of ln(ratio) takes 2 p (1 - p) of its integral
///      away: what is left of a border that lies anywhere in it;
///    - an error e counts as e/(1 + e).
///    A visit costs what earlier ones of the point cost, else of the nearest payload of its curve, else of all.
/// 3. A gap with a border and no payload of the plan in it is halved (geometrically) by a new size, until its ends are
///    within a factor of `finest_ratio`; at most `most_added` new sizes per curve.
///
/// Not worth its time: a further visit of a point whose error so counted is within the plan's tolerance
/// (Sampling::tolerance_small, tolerance_large), or would come down by less than a tenth of it; and a point that rests:
/// three earlier launches or more put the 95 % interval of the mean over launches within the tolerance.
class VisitChoice {
 public:
  static constexpr double finest_ratio = 1.1;

  /// `points`: in the order in which the coarse grid is to be measured. `sampling` must outlive it.
  VisitChoice(std::vector<BudgetPoint> points, const Sampling& sampling, const ChoiceOptions& options);

  /// The next visit whose cost fits into `left`; nothing where none is worth its time or none fits. Nothing is known of
  /// the cost of the first one, so it fits. A new size is a point from here on.
  std::optional<Choice> next(Seconds left);
  /// Whether some visit is worth its time, however long it takes.
  bool has_more() const;

  /// A visit of a point, of this start or of an earlier one of this launch; cost 0 s: not known. One that does not
  /// count (usable()) gives the point up.
  void keep(std::size_t point, const VisitRecord& visit, const Summary& summary, Seconds cost);
  /// The medians of the point of this name in earlier launches of the campaign, one each, s.
  void know_earlier(const std::string& name, std::vector<double> medians_s);
  /// The point cannot be measured.
  void give_up(std::size_t point) { places_[point].is_given_up = true; }

  /// The point of this name, added where it is a new size of a curve; nothing where it is on no curve.
  std::optional<std::size_t> find_or_add(const Case& point);

  const BudgetPoint& point(std::size_t index) const { return places_[index].point; }
  std::size_t points() const { return places_.size(); }
  std::size_t visits() const;
  std::size_t coarse_points() const { return count(&Place::is_coarse); }
  std::size_t added() const { return count(&Place::is_added); }

  /// Points of the plan that were not visited, each with its reason as far as it is not the budget.
  struct LeftOut {
    std::size_t point = 0;
    bool is_coarse = false;  ///< of the coarse grid
    std::string reason{};    ///< empty: the time did not suffice
  };
  std::vector<LeftOut> left_out() const;

  /// What stayed less certain than asked for, a line each: points that are wider than the tolerance, and borders.
  std::vector<std::string> remarks() const;

 private:
  struct Visited {
    double median_s = 0;
    double half_width = 0;  ///< of the 95 % interval, relative
  };
  struct Place {
    BudgetPoint point;
    std::size_t curve = 0;
    std::size_t like = 0;  ///< Choice::like; of a given point itself
    bool is_added = false;
    bool is_coarse = false;
    bool is_given_up = false;
    std::uint32_t next_pass = 0;
    std::vector<double> earlier_medians_s{};
    std::vector<Visited> visits{};
    double cost_s = 0;  ///< of the last visit; 0: not known
    std::string label{};

    Bytes payload() const { return point.point.payload; }
    bool is_step() const { return point.point.operation == Operation::step_replay; }
  };
  struct Known;
  struct Gap;
  struct Curve;
  struct Candidate;

  double tolerance(const Place& place) const;
  double tolerance_of_visit(const Place& place) const;
  Seconds launch_share() const;
  double error_over_launches(const Place& place, double before, double from_now_on) const;
  bool rests(const Place& place) const;
  std::vector<Curve> curves() const;
  void add_known(Curve& curve) const;
  void add_gaps(Curve& curve) const;
  double cost_near(const Curve& curve, const Place& place) const;
  double gain_of_revisit(const Place& place, const Known& now) const;
  void offer_revisits(const Curve& curve, std::vector<Candidate>& all) const;
  void offer_first_visits(const Curve& curve, std::vector<Candidate>& all) const;
  void offer_new_sizes(const Curve& curve, std::vector<Candidate>& all) const;
  std::vector<Candidate> candidates() const;
  std::size_t add(Bytes payload, std::size_t neighbour);
  std::size_t count(bool Place::*property) const;

  std::vector<Place> places_;
  std::map<std::string, std::size_t> places_by_name_;
  std::map<std::string, std::size_t> curves_by_name_;
  const Sampling& sampling_;
  ChoiceOptions options_;
  double cost_of_all_s_ = 0;
  std::size_t visits_with_cost_ = 0;
};

}  // namespace hockney::measure
