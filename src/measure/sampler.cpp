#include "measure/sampler.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <vector>

#include "measure/stopping_rule.hpp"
#include "record/launch.hpp"

namespace hockney {
namespace {

using Clock = std::chrono::steady_clock;

class PointSampler {
 public:
  PointSampler(Link& link, Trial* trial, const Case& point, const Sampling& sampling)
      : link_(link), trial_(trial), sampling_(sampling), rule_(sampling, point.payload, step_of(link, point)) {
    result_.point = point;
    result_.observed = link.observed_fabric();
    result_.rank_columns = point.group.ranks;
    result_.clock_step_s = step_of(link, point);
  }

  Measurement run() {
    result_.started_utc_ns = now_utc_ns();
    warm_up();
    sample();
    verify();
    remark();
    return std::move(result_);
  }

 private:
  // The clock difference is divided by the operations in it, and so is the clock's step.
  static double step_of(const Link& link, const Case& point) {
    return link.clock_step().count() / point.operations_per_sample;
  }

  // Takes a batch; on rank 0 the times per operation are appended to `elapsed`.
  void take(std::uint32_t count, std::vector<double>& elapsed) {
    if (trial_ != nullptr) {
      trial_->poison();
    }
    for (const double raw : link_.take(count, trial_)) {
      elapsed.push_back(raw / result_.point.operations_per_sample);
    }
  }

  std::vector<double> completion_times(const std::vector<double>& elapsed) const {
    Measurement view = result_;
    view.elapsed = elapsed;
    return view.completion_times();
  }

  void warm_up() {
    constexpr std::uint32_t batch = 10;
    if (trial_ == nullptr) {
      return;
    }
    const Seconds longest = std::max(sampling_.warm_up, sampling_.max_seconds / 3);
    const auto begin = Clock::now();
    std::vector<double> elapsed;
    std::uint32_t after_least_time = 0;
    std::uint64_t go_on = 1;
    // a slow first operation must not drag nine more along: begin with one
    for (std::uint32_t next = 1; go_on != 0; next = batch) {
      take(next, elapsed);
      result_.discarded += next;
      const Seconds spent = Clock::now() - begin;
      const bool warm = spent >= sampling_.warm_up;
      after_least_time += warm ? next : 0;
      const bool steady = link_.is_root() && warm && is_steady(completion_times(elapsed));
      const bool capped = after_least_time >= sampling_.max_discarded || spent >= longest;
      go_on = link_.broadcast(steady || capped ? 0 : 1);
      result_.flags.set(Flag::not_steady, link_.is_root() && capped && !steady);
    }
  }

  void sample() {
    const auto begin = Clock::now();
    std::uint64_t next = link_.broadcast(rule_.next_batch(0, Seconds{0}));
    while (next != 0) {
      take(static_cast<std::uint32_t>(next), result_.elapsed);
      next = 0;
      if (link_.is_root()) {
        const Seconds spent = Clock::now() - begin;
        const auto verdict = rule_.verdict(result_.completion_times(), spent);
        result_.stop = verdict.value_or(result_.stop);
        next = verdict ? 0 : rule_.next_batch(result_.samples(), spent);
      }
      next = link_.broadcast(next);
    }
  }

  void verify() {
    if (trial_ == nullptr) {
      return;
    }
    const bool wrong = link_.sum(trial_->count_wrong()) != 0;
    result_.verification = wrong ? Verification::failed : Verification::passed;
    result_.flags.set(Flag::wrong_result, wrong);
  }

  void remark() {
    const Case& point = result_.point;
    result_.flags.set(Flag::fabric_unproven, result_.observed == Fabric::unknown);
    result_.flags.set(Flag::void_fabric, result_.observed != Fabric::unknown && result_.observed != point.fabric);
    if (!link_.is_root()) {
      return;
    }
    const Summary summary = summarise(result_);
    const std::vector<double> times = result_.completion_times();
    result_.flags.set(Flag::drifting, is_drifting(times));
    result_.flags.set(Flag::skewed,
                      is_synchronising(point.operation) && summary.skew > 0.10 && summary.median_s > 50e-6);
    result_.flags.set(Flag::quantised, result_.clock_step_s > 0.01 * summary.median_s);
  }

  Link& link_;
  Trial* trial_;
  Sampling sampling_;
  StoppingRule rule_;
  Measurement result_;
};

}  // namespace

Measurement sample_point(Link& link, Trial* trial, const Case& point, const Sampling& sampling) {
  return PointSampler(link, trial, point, sampling).run();
}

}  // namespace hockney
