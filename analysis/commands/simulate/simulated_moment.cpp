#include "commands/simulate/simulated_moment.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"

namespace hockney::commands {
namespace {

double simulated_alone(const simulate::Phase& phase, const simulate::Node& node, const std::string& name) {
  constexpr double most_apart = 0.03;
  const simulate::Chain alone{{phase}};
  const double seconds = simulate::times_together(std::span(&alone, 1), node).front().end_s;
  if (!(std::abs(seconds / phase.all_alone_s() - 1) <= most_apart)) {
    throw Failure(fmt::format("{}: alone {} s by SimGrid, {} s as predicted; expected them within 3 %", name, seconds,
                              phase.all_alone_s()));
  }
  return seconds;
}

std::string text_of(const Message& message, double times) {
  const std::uint32_t groups = message.placed.group.concurrent;
  return fmt::format("{}{}:count={:.0f}", views::operation_text(message),
                     groups > 1 ? fmt::format(":groups={}", groups) : "", static_cast<double>(message.count) * times);
}

}  // namespace

views::SimulatedMoment simulated(const simulate::Moment& moment, const simulate::Node& node) {
  views::SimulatedMoment made{.name = std::string(moment.name), .per_step = moment.per_step};
  const auto ends = [](const simulate::Chain& chain) { return chain.pace != simulate::Flow::Pace::endless; };
  const bool has_company = moment.chains.size() > 1;
  const std::vector<simulate::FlowTimes> times =
      has_company ? simulate::times_together(moment.chains, node) : std::vector<simulate::FlowTimes>(1);
  for (std::size_t i = 0; i < times.size(); ++i) {
    const simulate::Chain& chain = moment.chains[i];
    if (!ends(chain)) {
      continue;
    }
    for (std::size_t j = 0; j < chain.phases.size(); ++j) {
      views::SimulatedPhase& each = made.phases.emplace_back();
      each.phase = chain.phases[j];
      each.name = text_of(each.phase.message, moment.per_step);
      each.load = simulate::load_of(each.phase, node);
      each.simulated_alone_s = simulated_alone(each.phase, node, each.name);
      each.together_s = has_company ? times[i].steps_s[j] : each.simulated_alone_s;
      each.chain_end_s = has_company ? times[i].end_s : each.simulated_alone_s;
    }
    made.one_by_one_s += chain.all_alone_s();
    made.together_s = std::max(made.together_s, times[i].end_s);
  }
  return made;
}

}  // namespace hockney::commands
