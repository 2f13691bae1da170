#include "predict/step/step_warnings.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "base/number.hpp"
#include "predict/network/curve_family.hpp"

namespace hockney::predict {
namespace {

constexpr std::string_view substituted = "SUBSTITUTED";

std::vector<std::string> substitutions_in(std::span<const StepLine> lines) {
  std::vector<std::string> found;
  for (const StepLine& line : lines) {
    if (!line.answer.is_substitute()) {
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
  bool loopback = false;
};

Doubts doubts_about(std::span<const StepLine> lines) {
  Doubts doubts;
  for (const StepLine& line : lines) {
    if (line.answer.is_stated()) {
      doubts.line_rates.insert(line.answer.estimate.curve);
    }
    doubts.extrapolated = doubts.extrapolated || line.answer.estimate.extrapolated;
    for (const CurveUse& use : line.answer.curves) {
      doubts.flags.bits |= use.curve->flags.bits;
      doubts.machines.insert(use.curve->machine);
      doubts.loopback = doubts.loopback || (line.message.placed.crosses_nodes() && is_network_forced(use.curve->shape));
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

std::vector<std::string> warnings_about(std::span<const StepLine> lines) {
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
  warn_if(doubts.loopback,
          "LOOPBACK: messages between nodes are answered by curves of one node with the network forced, whose bytes "
          "loop inside an adapter or cross rails; measure two nodes");
  warn_if(doubts.mean_over_ranks, "MEAN OVER RANKS: curves hold the mean over ranks; the slowest rank is later");
  warn_if(doubts.machines.size() > 1,
          fmt::format("SEVERAL MACHINES: curves of {} answer together", fmt::join(doubts.machines, ", ")));
  const std::string flags = other_flags(doubts.flags);
  warn_if(!flags.empty(), fmt::format("FLAGS: curves that answer carry {}", flags));
  return warnings;
}

bool is_substitution(std::string_view warning) { return warning.starts_with(substituted); }

}  // namespace hockney::predict
