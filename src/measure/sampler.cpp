#include "measure/sampler.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <vector>

#include "base/stop_request.hpp"
#include "base/text.hpp"
#include "measure/stopping_rule.hpp"
#include "record/launch.hpp"

namespace hockney::measure {
namespace {

using Clock = std::chrono::steady_clock;

// Plans and libraries write names in their own way: "nvlstree" and "NVLSTree".
bool contradicts(const std::string& pinned, const std::string& observed) {
  return !pinned.empty() && !observed.empty() && letters_and_digits(pinned) != letters_and_digits(observed);
}

bool is_unproven(const std::string& pinned, const std::string& observed) { return !pinned.empty() && observed.empty(); }

// Collectives and products back to back: so many that a sample lasts 100 us, within limits (docs/measuring.md).
std::uint32_t operations_for(const Case& point, double operation_s) {
  constexpr double aim_s = 100e-6;
  const double wanted = std::ceil(aim_s / operation_s);
  const std::uint32_t most = std::max(point.operations_per_sample, most_operations(point));
  return static_cast<std::uint32_t>(
      std::clamp<double>(wanted, static_cast<double>(point.operations_per_sample), static_cast<double>(most)));
}

bool chooses_operations(const Case& point) {
  const bool is_one_piece = is_point_to_point(point.operation) || point.operation == Operation::step_replay;
  return !is_one_piece && (point.mode == Mode::stream || point.mode == Mode::graph);
}

class PointSampler {
 public:
  PointSampler(transport::Link& link, transport::Trial* trial, const Case& point, const Sampling& sampling)
      : link_(link), trial_(trial), sampling_(sampling) {
    result_.point = point;
    result_.rank_columns = link.columns();
  }

  Measured run() {
    const auto begin = Clock::now();
    warm_up();
    result_.observation = link_.observe(trial_);
    result_.observed = link_.observed_fabric();
    choose_operations();
    warm_up_took_ = Clock::now() - begin;
    sample();
    if (is_throttled()) {
      sample();
    }
    verify();
    Measured measured = link_.is_root() ? Measured(std::move(result_)) : without_samples();
    remark(measured);
    link_.finish();
    return measured;
  }

 private:
  std::uint32_t operations() const { return result_.point.operations_per_sample; }

  void append_per_operation(const std::vector<double>& raw, std::vector<double>& times) const {
    std::transform(raw.begin(), raw.end(), std::back_inserter(times), [&](double s) { return s / operations(); });
  }

  transport::Batch take(std::uint32_t count, bool gated) {
    if (trial_ != nullptr) {
      trial_->poison();
    }
    return link_.take(count, trial_, operations(), gated);
  }

  static double recent_median(const std::vector<double>& times) {
    constexpr std::size_t last = 10;
    return median(std::span(times).last(std::min(last, times.size())));
  }

  std::vector<double> warm_up_times() const {
    Measurement view = result_;
    view.elapsed = warm_up_elapsed_;
    return view.completion_times();
  }

  void warm_up() {
    constexpr std::uint32_t batch = 10;
    if (trial_ == nullptr) {
      return;
    }
    const Seconds longest = std::max(sampling_.warm_up, sampling_.max_seconds / 3);
    take_warm_up(1);  // it connects, which takes a second at times
    touch_every_set();
    const auto begin = Clock::now();
    std::uint32_t left = sampling_.max_discarded;
    // a slow operation must not drag nine more along: begin with one
    for (std::uint64_t next = 1; next != 0;) {
      take_warm_up(static_cast<std::uint32_t>(next));
      const Seconds spent = Clock::now() - begin;
      const bool warm = spent >= sampling_.warm_up;
      left -= warm ? std::min(left, static_cast<std::uint32_t>(next)) : 0;
      const bool steady = link_.is_root() && warm && is_steady(warm_up_times());
      const bool capped = (warm && left == 0) || spent >= longest;
      next = link_.broadcast(steady || capped || stop_requested() ? 0 : warm ? std::min(batch, left) : batch);
      result_.flags.set(Flag::not_steady, link_.is_root() && capped && !steady);
    }
  }

  void take_warm_up(std::uint32_t samples) {
    append_per_operation(take(samples, false).elapsed, warm_up_elapsed_);
    result_.discarded += samples;
  }

  // A library may register a buffer in the first operation on it, which must not be behind a closed gate.
  void touch_every_set() {
    if (trial_->sets() > 1) {
      link_.take(1, trial_, trial_->sets(), false);
      ++result_.discarded;
    }
  }

  void choose_operations() {
    if (trial_ == nullptr || !chooses_operations(result_.point)) {
      return;
    }
    std::uint64_t chosen = 0;
    if (link_.is_root()) {
      chosen = operations_for(result_.point, recent_median(warm_up_times()));
    }
    result_.point.operations_per_sample = static_cast<std::uint32_t>(link_.broadcast(chosen));
  }

  // Begins anew each time it is called.
  void sample() {
    result_.elapsed.clear();
    result_.enqueue_s.clear();
    result_.host_s.clear();
    gate_timeouts_ = 0;
    result_.started_utc_ns = now_utc_ns();
    result_.clock_step_s = link_.clock_step().count() / operations();
    result_.clock_floor_s = link_.clock_floor().count();
    result_.before = link_.device_state();
    take_until_enough();
    result_.after = link_.device_state();
  }

  // No longer than the rule's patience at the pace of the warm-up: a sample of a slow network may last many seconds.
  std::uint32_t first_batch(const StoppingRule& rule) const {
    const std::uint32_t wanted = stop_requested() ? 1 : rule.next_batch(0, Seconds{0});
    const std::vector<double> times = warm_up_times();
    if (times.empty()) {
      return wanted;
    }
    constexpr double patience = 4;
    const double affordable = patience * sampling_.max_seconds.count() / (recent_median(times) * operations());
    return static_cast<std::uint32_t>(std::clamp(affordable, 1.0, static_cast<double>(wanted)));
  }

  void take_until_enough() {
    const StoppingRule rule(sampling_, result_.point.payload, result_.clock_step_s, warm_up_took_);
    const auto begin = Clock::now();
    std::uint64_t next = link_.broadcast(link_.is_root() ? first_batch(rule) : 0);
    while (next != 0) {
      keep(take(static_cast<std::uint32_t>(next), true));
      next = 0;
      if (link_.is_root()) {
        const Seconds spent = Clock::now() - begin;
        auto verdict = rule.verdict(result_.completion_times(), spent);
        if (!verdict && stop_requested()) {
          verdict = StopReason::interrupted;
        }
        result_.stop = verdict.value_or(result_.stop);
        next = verdict ? 0 : rule.next_batch(result_.samples(), spent);
      }
      next = link_.broadcast(next);
    }
  }

  void keep(const transport::Batch& batch) {
    append_per_operation(batch.elapsed, result_.elapsed);
    append_per_operation(batch.enqueue_s, result_.enqueue_s);
    append_per_operation(batch.host_s, result_.host_s);
    gate_timeouts_ += batch.gate_timeouts;
  }

  // As rank 0 sees it: all ranks must agree on what comes next.
  bool is_throttled() {
    const bool throttled = result_.before.is_throttled() || result_.after.is_throttled();
    return link_.broadcast(throttled ? 1 : 0) != 0;
  }

  void verify() {
    if (trial_ == nullptr) {
      return;
    }
    const bool wrong = link_.sum(trial_->count_wrong()) != 0;
    result_.verification = wrong ? Verification::failed : Verification::passed;
    result_.flags.set(Flag::wrong_result, wrong);
  }

  Measured without_samples() {
    Measured measured;
    measured.visit = std::move(result_);
    return measured;
  }

  void remark(Measured& measured) const {
    auto& [visit, summary] = measured;
    const Case& point = visit.point;
    Flags& flags = visit.flags;
    flags.set(Flag::fabric_unproven, visit.observed == Fabric::unknown);
    flags.set(Flag::void_fabric, visit.observed != Fabric::unknown && visit.observed != point.fabric);
    flags.set(Flag::void_pin, contradicts(point.algorithm, visit.observation.algorithm) ||
                                  contradicts(point.protocol, visit.observation.protocol));
    flags.set(Flag::pin_unproven, is_unproven(point.algorithm, visit.observation.algorithm) ||
                                      is_unproven(point.protocol, visit.observation.protocol));
    flags.bits |= link_.remarks().bits;
    flags.set(Flag::throttled, visit.before.is_throttled() || visit.after.is_throttled());
    if (!link_.is_root()) {
      return;
    }
    flags.set(Flag::gate_timeout, gate_timeouts_ > 0);
    flags.set(Flag::drifting, is_drifting(visit.completion_times()));
    flags.set(Flag::skewed, is_synchronising(point.operation) && summary.skew > 0.10 && summary.median_s > 50e-6);
    flags.set(Flag::quantised, visit.clock_step_s > 0.01 * summary.median_s);
  }

  transport::Link& link_;
  transport::Trial* trial_;
  Sampling sampling_;
  Measurement result_;
  std::vector<double> warm_up_elapsed_;  ///< [sample][column], s per operation; on rank 0
  Seconds warm_up_took_{0};
  std::uint64_t gate_timeouts_ = 0;
};

}  // namespace

Measured sample_point(transport::Link& link, transport::Trial* trial, const Case& point, const Sampling& sampling) {
  return PointSampler(link, trial, point, sampling).run();
}

}  // namespace hockney::measure
