#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gbench.hpp"
#include "plan/plan.hpp"

namespace hockney::bench {

/// "CASE/pass:N": the benchmark's name.
std::string name_of_visit(const Case& point, std::uint32_t pass);

/// The visits of a launch in the order of measuring. The same arguments give the same order on every rank.
///
/// Every point comes once per pass, in a random order that is fresh for each pass. Every pass measures its curves and
/// then its steps: a machine that changes meanwhile changes both.
class Schedule {
 public:
  /// Visits whose names the filter does not admit are left out. `cases` must outlive it.
  Schedule(const std::vector<Case>& cases, std::uint32_t passes, std::uint64_t seed, const NameFilter& filter);

  std::span<const Visit> visits() const { return visits_; }
  const Case& point(const Visit& visit) const { return (*cases_)[visit.point]; }
  std::string name(const Visit& visit) const { return name_of_visit(point(visit), visit.pass); }
  bool is_step(const Visit& visit) const { return point(visit).operation == Operation::step_replay; }

  /// Whether the launch was to measure both curves and steps, before finished visits were left out.
  bool has_curves_and_steps() const { return has_curves_and_steps_; }

  /// Leaves out the visits that are marked as finished: one mark per visit, '1' for finished.
  void leave_out(const std::string& marks);

 private:
  const std::vector<Case>* cases_;
  std::vector<Visit> visits_;
  bool has_curves_and_steps_ = false;
};

}  // namespace hockney::bench
