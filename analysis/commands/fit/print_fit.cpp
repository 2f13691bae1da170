#include "commands/fit/print_fit.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <string_view>
#include <vector>

#include "base/number.hpp"
#include "base/text_table.hpp"

namespace hockney::commands {
namespace {

constexpr double per_micro = 1e6;
constexpr double per_giga = 1e-9;
constexpr double per_cent = 100;

int magnitude_of(double value) { return static_cast<int>(std::floor(std::log10(value))); }

// Rounds to a multiple of 10^-decimals and prints it, also for negative `decimals`.
std::string rounded(double value, int decimals) {
  if (!std::isfinite(value)) {
    return "unbounded";
  }
  if (decimals >= 0) {
    return fmt::format("{:.{}f}", value, decimals);
  }
  const double unit = std::pow(10.0, -decimals);
  return fmt::format("{:.0f}", std::round(value / unit) * unit);
}

std::string percent(double fraction) {
  const double value = fraction * per_cent;
  return value >= per_cent ? fmt::format("{:.0f}", value) : fmt::format("{:.1f}", value);
}

std::string percent(const cost::ErrorQuantiles& errors) {
  return fmt::format("{} / {} %", percent(errors.median), percent(errors.p95));
}

double rate_of(double beta_s_per_byte) { return per_giga / beta_s_per_byte; }

PrintedInterval print_rate(const cost::AlphaBeta& segment) {
  const Interval beta = segment.beta_interval_s_per_byte;
  return print_interval(rate_of(segment.beta_s_per_byte), {rate_of(beta.high), rate_of(beta.low)});
}

PrintedInterval print_alpha(const cost::AlphaBeta& segment) {
  const Interval alpha = segment.alpha_interval_s;
  if (segment.alpha_s == 0 && alpha.high == 0) {
    return {"0", "held at 0"};  // in every launch: the constraint speaks here, not the data
  }
  return print_interval(segment.alpha_s * per_micro, {alpha.low * per_micro, alpha.high * per_micro});
}

std::string print_segments(const cost::CostCurve& curve) {
  TextTable table({{"from"},
                   {"to"},
                   {"alpha (us)"},
                   {"95 % interval (us)"},
                   {"1/beta (GB/s)"},
                   {"95 % interval (GB/s)"},
                   {"residual, max (%)"},
                   {"points"}});
  for (const cost::AlphaBeta& segment : curve.segments) {
    const PrintedInterval alpha = print_alpha(segment);
    const PrintedInterval rate = print_rate(segment);
    table.add({to_string(segment.from), to_string(segment.to), alpha.value, alpha.interval, rate.value, rate.interval,
               fmt::format("{}, {}", percent(segment.residual_median), percent(segment.residual_max)),
               fmt::format("{}", segment.points)});
  }
  return table.print();
}

std::string print_border(const cost::Border& border, bool resampled) {
  if (border.exact) {
    return fmt::format("exactly at {}", to_string(border.before));
  }
  std::string text = fmt::format("{} .. {}", to_string(border.after), to_string(border.before));
  if (border.forced) {
    text += " (labels differ)";
  }
  if (resampled && (border.earliest < border.after || border.before < border.latest)) {
    text += fmt::format(" (resampled: {} .. {})", to_string(border.earliest), to_string(border.latest));
  }
  return text;
}

std::string print_borders(const cost::CostCurve& curve) {
  std::vector<std::string> borders;
  for (const cost::Border& border : curve.borders) {
    borders.push_back(print_border(border, curve.resamples > 0));
  }
  std::string text = borders.empty() ? "" : fmt::format("switches: {}\n", fmt::join(borders, ", "));
  if (curve.resamples > 0) {
    text +=
        fmt::format("{} {} in {:.0f} % of {} resamples of the launches\n", curve.segments.size(),
                    curve.segments.size() == 1 ? "segment" : "segments", per_cent * curve.k_stability, curve.resamples);
  }
  return text;
}

void add_errors(std::string& text, std::string_view what, const cost::ErrorQuantiles& errors) {
  if (errors.count > 0) {
    text += fmt::format("{}{} {}", text.empty() ? "  " : ", ", what, percent(errors));
  }
}

std::string print_size_left_out(const cost::Validation& validation) {
  if (validation.held_out == 0) {
    return "leave-one-size-out error: none, a curve needs three payloads for it\n";
  }
  std::string own;
  add_errors(own, "curve", validation.leave_one_out);
  add_errors(own, "inside segments", validation.inside_segment);
  add_errors(own, "at switches", validation.at_switch);
  std::string others;
  add_errors(others, "bare segments", validation.segments);
  add_errors(others, "log-log interpolation", validation.log_log);
  add_errors(others, "one straight line", validation.single_line);
  return fmt::format("leave-one-size-out error, median / 95th percentile over {} sizes:\n{}\n{}\n", validation.held_out,
                     own, others);
}

std::string print_validation(const cost::Validation& validation) {
  std::string text = print_size_left_out(validation);
  std::string more;
  add_errors(more, "leave-one-launch-out error", validation.leave_one_launch_out);
  add_errors(more, "off-grid sizes held out", validation.off_grid);
  return more.empty() ? text : text + more.substr(2) + "\n";
}

std::string describe_basis(cost::IntervalBasis basis, std::uint32_t launches) {
  switch (basis) {
    case cost::IntervalBasis::launches:
      return fmt::format("95 % Student t over {} launches", launches);
    case cost::IntervalBasis::within_launch:
      return fmt::format("within-launch only ({} {}): launch-to-launch variation is not in it", launches,
                         launches == 1 ? "launch" : "launches");
    case cost::IntervalBasis::assumed_noise:
      return "assumed noise of 3 % per point: single numbers of a log, or fewer than 6 samples a point";
    case cost::IntervalBasis::line_rate:
      return "stated rates; nothing was measured";
  }
  return {};
}

constexpr std::string_view simulated_line = "SIMULATED: answered by the scripted transport; no transfer took place\n";
constexpr std::string_view emulated_line = "EMULATED: made by a test double of CUDA and NCCL; no transfer took place\n";
constexpr std::string_view shared_gpu_line = "SHARED GPU: several ranks on one GPU; no network constants\n";

std::string print_warnings(Flags flags) {
  std::string text;
  text += flags.has(Flag::simulated) ? simulated_line : "";
  text += flags.has(Flag::emulated) ? emulated_line : "";
  text += flags.has(Flag::shared_gpu) ? shared_gpu_line : "";
  return text;
}

std::string print_basis(const cost::CostCurve& curve) {
  return fmt::format("interval basis: {}\n", describe_basis(curve.basis, curve.launches));
}

std::string print_heading(const cost::CostCurve& curve, bool with_basis) {
  const Case& shape = curve.shape;
  std::string text = fmt::format("{} over {}, {}, mode {}{}", name_of(shape.operation), name_of(shape.fabric),
                                 to_string(shape.group), name_of(shape.mode), shape.in_place ? ", in place" : "");
  if (!curve.machine.empty()) {
    text += fmt::format(", on {}", curve.machine);
  }
  text += fmt::format("\n{}\n", curve.name());
  text += print_warnings(curve.flags);
  if (curve.flags.bits != 0) {
    text += fmt::format("flags: {}\n", to_string(curve.flags));
  }
  if (!curve.source.empty()) {
    text += fmt::format("source: {}\n", curve.source);
  }
  if (curve.statistic != Statistic::max_over_ranks) {
    text += fmt::format("statistic: {}\n", name_of(curve.statistic));
  }
  return with_basis ? text + print_basis(curve) : text;
}

std::string print_curve(const cost::CostCurve& curve, bool with_basis) {
  std::string text = print_heading(curve, with_basis) + print_segments(curve);
  if (curve.segments_capped) {
    text += fmt::format("the search ended at {} segments; more might fit better\n", curve.segments.size());
  }
  return text + print_borders(curve) + print_validation(curve.validation);
}

std::set<std::string> list_bases(const cost::CostModel& model) {
  std::set<std::string> bases;
  for (const cost::CostCurve& curve : model.curves) {
    bases.insert(print_basis(curve));
  }
  return bases;
}

std::string print_top(const cost::CostModel& model) {
  std::string text = fmt::format("cost model {}: {} {} from {} {}\n", model.name, model.curves.size(),
                                 model.curves.size() == 1 ? "curve" : "curves", model.sources.size(),
                                 model.sources.size() == 1 ? "launch" : "launches");
  for (const std::string& source : model.sources) {
    text += fmt::format("  {}\n", source);
  }
  Flags flags;
  for (const cost::CostCurve& curve : model.curves) {
    flags.bits |= curve.flags.bits;
  }
  text += print_warnings(flags);
  for (const std::string& basis : list_bases(model)) {
    text += basis;
  }
  for (const StatedLineRate& rate : model.line_rates) {
    text += fmt::format("ESTIMATED FROM LINE RATE: {}; nothing was measured\n", to_string(rate));
  }
  return text;
}

}  // namespace

PrintedInterval print_interval(double value, Interval interval) {
  constexpr int digits_without_width = 4;
  constexpr double two_digits_below = 3.55;
  const double half = (interval.high - interval.low) / 2;
  int decimals = 0;
  if (half > 0 && std::isfinite(half)) {
    const int magnitude = magnitude_of(half);
    decimals = (half / std::pow(10.0, magnitude) < two_digits_below ? 1 : 0) - magnitude;
  } else if (value > 0 && std::isfinite(value)) {
    decimals = (half > 0 ? 1 : digits_without_width) - 1 - magnitude_of(value);
  }
  if (value > 0 && std::isfinite(value)) {
    decimals = std::clamp(decimals, -magnitude_of(value), digits_without_width - magnitude_of(value));
  }
  const std::string low = rounded(interval.low, decimals);
  const std::string high = rounded(interval.high, decimals);
  return {rounded(value, decimals), fmt::format("{} .. {}", low, high)};
}

std::string print_fit(const fit::CampaignFit& fit) {
  std::string text = print_top(fit.model);
  const bool several_bases = list_bases(fit.model).size() > 1;
  for (const cost::CostCurve& curve : fit.model.curves) {
    text += fmt::format("\n{}", print_curve(curve, several_bases));
  }
  if (!fit.notes.empty()) {
    text += "\nnotes:\n";
  }
  for (const std::string& note : fit.notes) {
    text += fmt::format("  {}\n", note);
  }
  return text;
}

}  // namespace hockney::commands
