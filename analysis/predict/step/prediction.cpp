#include "predict/step/prediction.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>

#include "base/error.hpp"
#include "record/statistics.hpp"

namespace hockney::predict {
namespace {

constexpr std::string_view substituted = "SUBSTITUTED";

using LineGroup = std::vector<const Line*>;

bool rests_on_launches(const Line& line, std::size_t launches) {
  const cost::Estimate& estimate = line.answer.estimate;
  return launches >= 2 && estimate.basis == cost::IntervalBasis::launches && estimate.launches_s.size() == launches &&
         !estimate.extrapolated && !estimate.in_gap;
}

Interval over_launch_sums(const LineGroup& lines, std::size_t launches) {
  std::vector<double> logs(launches);
  for (std::size_t i = 0; i < launches; ++i) {
    double sum = 0;
    for (const Line* line : lines) {
      sum += line->answer.estimate.launches_s[i] * static_cast<double>(line->message.count);
    }
    logs[i] = std::log(sum);
  }
  const Interval interval = mean_interval(logs);
  return {std::exp(interval.low), std::exp(interval.high)};
}

Sum sum_on_one_curve(const LineGroup& lines) {
  Sum sum;
  for (const Line* line : lines) {
    sum.value_s += line->value_s();
    sum.low_s += line->low_s();
    sum.high_s += line->high_s();
    sum.basis = std::max(sum.basis, line->answer.estimate.basis);
  }
  const std::size_t launches = lines.front()->answer.estimate.launches_s.size();
  const bool positive = sum.low_s > 0;
  if (positive &&
      std::all_of(lines.begin(), lines.end(), [&](const Line* line) { return rests_on_launches(*line, launches); })) {
    const Interval interval = over_launch_sums(lines, launches);
    sum.low_s = std::min(interval.low, sum.value_s);
    sum.high_s = std::max(interval.high, sum.value_s);
  }
  return sum;
}

std::string group_of(const Line& line) {
  const auto& curves = line.answer.curves;
  return curves.empty() ? line.answer.estimate.curve : curves.front().curve->name() + curves.front().curve->machine;
}

std::vector<CauseSum> by_cause(std::span<const Line> lines, const Sum& total) {
  std::vector<CauseSum> causes;
  for (const auto& [cause, name] : Names<Cause>::table) {
    std::vector<Line> own;
    std::copy_if(lines.begin(), lines.end(), std::back_inserter(own),
                 [wanted = cause](const Line& line) { return line.message.cause == wanted; });
    if (!own.empty()) {
      const Sum sum = sum_of(own);
      causes.push_back({cause, sum, total.value_s > 0 ? sum.value_s / total.value_s : 0});
    }
  }
  return causes;
}

std::vector<std::string> substitutions_in(std::span<const Line> lines) {
  std::vector<std::string> found;
  for (const Line& line : lines) {
    if (!line.answer.substituted) {
      continue;
    }
    const Group& group = line.message.placed.group;
    std::string text = fmt::format(
        "{}: {} over {} ranks is placed {}, where the cost model has no curve; {} "
        "answers, so that this number is that of another fabric",
        substituted, name_of(line.message.operation), group.ranks,
        line.message.placed.crosses_nodes() ? "between nodes" : "inside a node",
        line.answer.curves.front().curve->name());
    if (std::find(found.begin(), found.end(), text) == found.end()) {
      found.push_back(std::move(text));
    }
  }
  return found;
}

/// Properties of the curves that answered, each with its names, so that one warning tells of all.
struct Doubts {
  Flags flags;
  std::set<std::string> machines;
  std::set<std::string> line_rates;
  bool mean_over_ranks = false;
  bool extrapolated = false;
};

Doubts doubts_about(std::span<const Line> lines) {
  Doubts doubts;
  for (const Line& line : lines) {
    if (line.answer.from_line_rate()) {
      doubts.line_rates.insert(line.answer.estimate.curve);
    }
    doubts.extrapolated = doubts.extrapolated || line.answer.estimate.extrapolated;
    for (const CurveUse& use : line.answer.curves) {
      doubts.flags.bits |= use.curve->flags.bits;
      doubts.machines.insert(use.curve->machine);
      doubts.mean_over_ranks = doubts.mean_over_ranks || use.curve->statistic == Statistic::mean_over_ranks;
    }
  }
  return doubts;
}

std::string other_flags(Flags flags) {
  constexpr std::array told{Flag::simulated, Flag::oversubscribed};
  for (const Flag flag : told) {
    flags.bits &= ~static_cast<std::uint32_t>(flag);
  }
  return to_string(flags);
}

}  // namespace

std::vector<std::string> warnings_about(std::span<const Line> lines) {
  const Doubts doubts = doubts_about(lines);
  std::vector<std::string> warnings = substitutions_in(lines);
  const auto warn_if = [&](bool on, std::string text) {
    if (on) {
      warnings.push_back(std::move(text));
    }
  };
  warn_if(doubts.flags.has(Flag::simulated), "SIMULATED: curves were fitted to scripted times, no transfer took place");
  warn_if(doubts.flags.has(Flag::oversubscribed),
          "OVERSUBSCRIBED: more ranks than CPUs ran where curves were measured");
  warn_if(!doubts.line_rates.empty(),
          fmt::format("LINE RATE: messages between nodes are estimated, not measured, from {}",
                      fmt::join(doubts.line_rates, "; ")));
  warn_if(doubts.extrapolated, "EXTRAPOLATED: some payloads or rank counts lie outside what was measured; see remarks");
  warn_if(doubts.mean_over_ranks, "MEAN OVER RANKS: curves hold the mean over ranks; the slowest rank is later");
  warn_if(doubts.machines.size() > 1,
          fmt::format("SEVERAL MACHINES: curves of {} answer together", fmt::join(doubts.machines, ", ")));
  const std::string flags = other_flags(doubts.flags);
  warn_if(!flags.empty(), fmt::format("FLAGS: curves that answer carry {}", flags));
  return warnings;
}

bool is_substitution(std::string_view warning) { return warning.starts_with(substituted); }

void require_network_constants(const cost::CostModel& cost_model) {
  for (const cost::CostCurve& curve : cost_model.curves) {
    if (const Flags refused{curve.flags.bits & cost::no_network_constant.bits}; refused.bits != 0) {
      throw InputError(
          fmt::format("cost model '{}' is flagged {} ({}): these are no network constants, and nothing is "
                      "predicted from them",
                      cost_model.name, to_string(refused), curve.name()));
    }
  }
}

Sum sum_of(std::span<const Line> lines) {
  std::map<std::string, LineGroup> groups;
  for (const Line& line : lines) {
    groups[group_of(line)].push_back(&line);
  }
  Sum total;
  double below = 0;
  double above = 0;
  for (const auto& [name, group] : groups) {
    const Sum part = sum_on_one_curve(group);
    total.value_s += part.value_s;
    below = std::hypot(below, part.value_s - part.low_s);
    above = std::hypot(above, part.high_s - part.value_s);
    total.basis = std::max(total.basis, part.basis);
  }
  total.low_s = total.value_s - below;
  total.high_s = total.value_s + above;
  return total;
}

Prediction predict(const cost::CostModel& cost_model, const PredictionRequest& request) {
  require_network_constants(cost_model);
  Prediction prediction;
  prediction.request = request;
  prediction.cost_model = &cost_model;
  const CurveChooser chooser(cost_model, request.line_rate, request.strict);
  for (const Message& message : step_messages(request.transformer, request.mapping)) {
    prediction.lines.push_back({message, chooser.answer(message)});
  }
  prediction.total = sum_of(prediction.lines);
  prediction.causes = by_cause(prediction.lines, prediction.total);
  prediction.warnings = warnings_about(prediction.lines);
  return prediction;
}

std::vector<std::string> conventions(const PredictionRequest& request) {
  const Mapping& mapping = request.mapping;
  std::vector<std::string> lines{
      "Communication of one GPU of the slowest stage on the critical path of 1F1B; nothing is overlapped with "
      "computation.",
      fmt::format("Activations have {} B per element, gradients {} B; layers communicate {} times per micro-batch "
                  "(recompute {}; Megatron-LM's default is none).",
                  mapping.bytes_per_element, mapping.gradient_bytes, mapping.recompute == Recompute::full ? 6 : 4,
                  name_of(mapping.recompute)),
      "Groups that run at the same time are taken not to disturb each other beyond what was measured.",
  };
  if (mapping.pipeline > 1) {
    lines.emplace_back(
        "Bubble: only the communication that sits in it; the compute share of the bubble is not in here.");
    lines.emplace_back(mapping.scatter_gather
                           ? "Between stages every tensor rank sends its 1/t of the activation, gathered on arrival."
                           : "Between stages every tensor rank sends the whole activation (--scatter-gather off).");
  }
  if (mapping.data > 1) {
    lines.emplace_back(
        "Gradients: one ring all-reduce of a GPU of the first stage, which holds the embedding, after "
        "the last micro-batch.");
  }
  return lines;
}

}  // namespace hockney::predict
