#include "predict/network/doubts.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "predict/network/curve_family.hpp"

namespace hockney::predict {
namespace {

constexpr std::string_view substituted = "SUBSTITUTED";

std::string substitution(const Message& message, const Answer& answer) {
  return fmt::format(
      "{}: {} over {} ranks is placed {}, where the cost model has no curve; {} answers, so that this number is that "
      "of another fabric",
      substituted, name_of(message.operation), message.placed.group.ranks,
      message.placed.crosses_nodes() ? "between nodes" : "inside a node", answer.curves.front().curve->name());
}

std::string other_flags(Flags flags) {
  constexpr std::array told{Flag::simulated, Flag::oversubscribed};
  for (const Flag flag : told) {
    flags.bits &= ~static_cast<std::uint32_t>(flag);
  }
  return to_string(flags);
}

}  // namespace

void Doubts::add(const Doubts& others) {
  for (const std::string& text : others.substitutions) {
    if (std::find(substitutions.begin(), substitutions.end(), text) == substitutions.end()) {
      substitutions.push_back(text);
    }
  }
  flags.bits |= others.flags.bits;
  machines.insert(others.machines.begin(), others.machines.end());
  line_rates.insert(others.line_rates.begin(), others.line_rates.end());
  mean_over_ranks = mean_over_ranks || others.mean_over_ranks;
  extrapolated = extrapolated || others.extrapolated;
  loopback = loopback || others.loopback;
  sharing = sharing || others.sharing;
}

Doubts doubts_about(const Message& message, const Answer& answer) {
  Doubts doubts;
  if (answer.is_substitute()) {
    doubts.substitutions.push_back(substitution(message, answer));
  }
  if (answer.is_stated()) {
    doubts.line_rates.insert(answer.estimate.curve);
  }
  doubts.sharing = answer.by == Answerer::sharing;
  doubts.extrapolated = answer.estimate.extrapolated;
  for (const CurveUse& use : answer.curves) {
    doubts.flags.bits |= use.curve->flags.bits;
    doubts.machines.insert(use.curve->machine);
    doubts.loopback = doubts.loopback || (message.placed.crosses_nodes() && is_network_forced(use.curve->shape));
    doubts.mean_over_ranks = doubts.mean_over_ranks || use.curve->statistic == Statistic::mean_over_ranks;
  }
  return doubts;
}

std::vector<std::string> warnings_of(const Doubts& doubts) {
  std::vector<std::string> warnings = doubts.substitutions;
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
  warn_if(doubts.sharing,
          "SHARING: how many groups run at once, or how many bytes leave a node, was not measured; the law of sharing "
          "answers from other numbers of them");
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
