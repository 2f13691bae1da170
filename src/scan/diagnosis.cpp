#include "scan/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <map>
#include <numbers>
#include <optional>
#include <set>
#include <span>
#include <sstream>

#include "base/number.hpp"
#include "record/statistics.hpp"
#include "scan/rail_models.hpp"

namespace hockney::scan {
namespace {

// "a,b" as a set.
std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, ',');) {
    words.insert(word);
  }
  return words;
}

/// Whether an exchange shows what a suspect does.
bool meets(const PairTime& time, const Suspect& suspect) {
  const bool on_rail = std::find(suspect.rails.begin(), suspect.rails.end(), time.rail) != suspect.rails.end();
  const bool between = suspect.kind == SuspectKind::rail ||
                       (is_one_node(suspect) ? time.nodes.has(suspect.nodes.one) : time.nodes == suspect.nodes);
  return on_rail && between && time.payload == suspect.payload;
}

double limit_of(SuspectKind kind, const Limits& limits) {
  switch (kind) {
    case SuspectKind::path:
      return limits.path;
    case SuspectKind::rail:
      return limits.rail;
    default:
      return limits.node;
  }
}

// The excess that a node has on more than half of the rails.
std::vector<double> excess_on_most_rails(const RailModels& models, std::uint32_t nodes) {
  std::vector<double> on_most;
  for (std::uint32_t node = 0; node < nodes; ++node) {
    std::vector<double> excesses;
    for (const NodeModel& model : models.models()) {
      excesses.push_back(model.excess[node]);
    }
    const auto most = excesses.begin() + static_cast<std::ptrdiff_t>(excesses.size() / 2);
    std::nth_element(excesses.begin(), most, excesses.end(), std::greater<>());
    on_most.push_back(*most);
  }
  return on_most;
}

double spread_of(std::span<const double> values) { return std::max(least_spread, robust_deviation(values)); }

/// From which excess on, as ln, something shows.
double least_visible(double limit, double spread, Bytes payload, const Limits& limits) {
  return std::max(limit * limits.scale(payload), limits.z * spread);
}

/// Suspects as they are found; of what is found at several payloads the worse stays.
class Suspicion {
 public:
  Suspicion(const ScanRecord& scan, const Limits& limits) : scan_(scan), limits_(limits) {}

  void look_at(const RailModels& models) {
    add_rails(models);
    add_nodes(models);
    add_paths(models);
  }

  std::vector<Suspect> worst_first() && {
    std::vector<Suspect> suspects;
    for (auto& [key, suspect] : found_) {
      suspects.push_back(std::move(suspect));
    }
    std::stable_sort(suspects.begin(), suspects.end(),
                     [&](const Suspect& a, const Suspect& b) { return weight_of(a) > weight_of(b); });
    return suspects;
  }

 private:
  double weight_of(const Suspect& suspect) const { return suspect.excess / limits_.scale(suspect.payload); }

  // One suspect per `as` and place: a node at one payload and a NIC at another are the same.
  void keep(SuspectKind as, Suspect suspect) {
    const auto key = std::tuple(as, suspect.nodes, as == SuspectKind::rail ? suspect.rails.front() : 0);
    const auto known = found_.find(key);
    if (known == found_.end() || weight_of(known->second) < weight_of(suspect)) {
      found_[key] = std::move(suspect);
    }
  }

  // Of two rails, the faster one is what the other is held to, and how far nodes are apart stands for the spread.
  void add_rails(const RailModels& models) {
    if (scan_.rails < 2 || scan_.nodes < least_nodes) {
      return;
    }
    std::vector<double> levels;
    double apart = 0;
    for (const NodeModel& model : models.models()) {
      levels.push_back(model.level);
      apart = std::max(apart, model.spread);
    }
    const bool are_two = levels.size() == 2;
    const double typical = are_two ? std::min(levels[0], levels[1]) : median(levels);
    const double visible = least_visible(limits_.rail, are_two ? apart : spread_of(levels), models.payload(), limits_);
    for (std::uint32_t rail = 0; rail < scan_.rails; ++rail) {
      const double excess = levels[rail] - typical;
      if (excess > visible) {
        keep(SuspectKind::rail, {SuspectKind::rail, {}, {rail}, models.payload(), std::expm1(excess)});
      }
    }
  }

  // A node first, which all of its rails tell of; then single rails that are slower than their node.
  void add_nodes(const RailModels& models) {
    const std::vector<double> on_most_rails = excess_on_most_rails(models, scan_.nodes);
    const double visible = least_visible(limits_.node, spread_of(on_most_rails), models.payload(), limits_);
    for (std::uint32_t node = 0; node < scan_.nodes; ++node) {
      const bool is_slow = on_most_rails[node] > visible;
      const double usual = is_slow ? on_most_rails[node] : 0;
      if (is_slow) {
        keep(SuspectKind::node, slow_rails(SuspectKind::node, models, node,
                                           [&](const NodeModel& model) { return model.excess[node] > usual / 2; }));
      }
      Suspect nic = slow_rails(SuspectKind::nic, models, node, [&](const NodeModel& model) {
        return model.excess[node] - usual > least_visible(limits_.node, model.spread, models.payload(), limits_);
      });
      if (!nic.rails.empty()) {
        keep(is_slow ? SuspectKind::nic : SuspectKind::node, std::move(nic));
      }
    }
  }

  template <class IsSlow>
  static Suspect slow_rails(SuspectKind kind, const RailModels& models, std::uint32_t node, IsSlow is_slow) {
    Suspect suspect{kind, {node, node}, {}, models.payload()};
    std::vector<double> excesses;
    for (std::uint32_t rail = 0; rail < models.models().size(); ++rail) {
      if (is_slow(models.models()[rail])) {
        suspect.rails.push_back(rail);
        excesses.push_back(models.models()[rail].excess[node]);
      }
    }
    suspect.excess = excesses.empty() ? 0 : std::expm1(median(excesses));
    return suspect;
  }

  // A node that is slower than the path by itself may make it look slow.
  bool has_slower_end(const Suspect& path) const {
    return std::any_of(found_.begin(), found_.end(), [&](const auto& entry) {
      const Suspect& other = entry.second;
      return is_one_node(other) && path.nodes.has(other.nodes.one) && weight_of(other) >= weight_of(path);
    });
  }

  void add_paths(const RailModels& models) {
    std::map<NodePair, std::map<std::uint32_t, std::vector<double>>> residuals;
    for (std::uint32_t rail = 0; rail < scan_.rails; ++rail) {
      for (const PairTime& time : models.times(rail)) {
        residuals[time.nodes][rail].push_back(models.models()[rail].residual(time));
      }
    }
    for (const auto& [pair, of_rails] : residuals) {
      Suspect suspect{SuspectKind::path, pair, {}, models.payload()};
      for (const auto& [rail, errors] : of_rails) {
        const double excess = median(errors);
        if (excess > limits_.path * limits_.scale(models.payload())) {
          suspect.rails.push_back(rail);
          suspect.excess = std::max(suspect.excess, std::expm1(excess));
        }
      }
      if (!suspect.rails.empty() && !has_slower_end(suspect)) {
        keep(SuspectKind::path, std::move(suspect));
      }
    }
  }

  const ScanRecord& scan_;
  const Limits& limits_;
  std::map<std::tuple<SuspectKind, NodePair, std::uint32_t>, Suspect> found_;
};

/// What the repeats say of one suspect.
class Judgement {
 public:
  Judgement(const ScanRecord& scan, const std::vector<Suspect>& suspects, const Limits& limits)
      : scan_(scan), suspects_(suspects), nodes_(named_nodes(suspects)), limits_(limits) {}

  void of(Suspect& suspect) const {
    std::set<std::uint32_t> repeats;
    for (const PairTime& time : scan_.times) {
      if (is_repeat(time) && meets(time, suspect)) {
        repeats.insert(time.round);
      }
    }
    for (const std::uint32_t repeat : repeats) {
      const auto excess =
          excess_in(suspect, [&](const PairTime& time) { return is_repeat(time) && time.round == repeat; });
      suspect.repeats += excess ? 1 : 0;
      suspect.slow_repeats += excess && is_slow(*excess, suspect) ? 1 : 0;
    }
    if (suspect.repeats == 0) {
      return;
    }
    const auto again = excess_in(suspect, [](const PairTime& time) { return time.again; });
    const bool slow_again = again && is_slow(*again, suspect);
    suspect.verdict = 3 * suspect.slow_repeats >= 2 * suspect.repeats ? Verdict::persistent
                      : slow_again                                    ? Verdict::contention
                                                                      : Verdict::transient;
    suspect.adapters = adapters_of(suspect);
    if (suspect.verdict == Verdict::persistent) {
      suspect.direction = direction_of(suspect);
    }
  }

 private:
  static bool is_repeat(const PairTime& time) { return time.alone && time.way == Way::both; }

  // Whether the suspect sends, or the first node of a path; else it receives.
  static bool is_sent(const PairTime& time, const Suspect& suspect) {
    return (time.way == Way::there ? time.nodes.one : time.nodes.other) == suspect.nodes.one;
  }

  Direction direction_of(const Suspect& suspect) const {
    const auto excess = [&](bool is_wanted_sent) {
      return excess_in(suspect, [&](const PairTime& time) {
        return time.way != Way::both && time.on_one_rail == goes_rail_by_rail(suspect, scan_.rails) &&
               (!meets(time, suspect) || is_sent(time, suspect) == is_wanted_sent);
      });
    };
    const auto sending = excess(true);
    const auto receiving = excess(false);
    if (suspect.kind == SuspectKind::rail || !sending || !receiving) {
      return Direction::unknown;
    }
    const bool is_slow_sending = is_slow(*sending, suspect);
    const bool is_slow_receiving = is_slow(*receiving, suspect);
    return is_slow_sending ? (is_slow_receiving ? Direction::both : Direction::sending)
                           : (is_slow_receiving ? Direction::receiving : Direction::neither);
  }

  std::map<std::uint32_t, std::string> adapters_of(const Suspect& suspect) const {
    std::map<std::uint32_t, std::set<std::string>> by_rail;
    for (const PairTime& time : scan_.times) {
      if (time.adapters.empty() || !meets(time, suspect)) {
        continue;
      }
      const std::set<std::string> here = words_of(time.adapters);
      const auto [known, is_first] = by_rail.try_emplace(time.rail, here);
      if (is_one_node(suspect)) {
        std::erase_if(known->second, [&](const std::string& name) { return !here.contains(name); });
      } else {
        known->second.insert(here.begin(), here.end());
      }
    }
    std::map<std::uint32_t, std::string> names;
    for (const auto& [rail, adapters] : by_rail) {
      if (!adapters.empty()) {
        names[rail] = fmt::format("{}", fmt::join(adapters, ","));
      }
    }
    return names;
  }

  /// By how much a suspect's exchanges are longer than others, as ln, and the standard error of that.
  struct Excess {
    double value = 0;
    double error = 0;
  };

  // Above the limit and beyond noise; half of what the rounds have shown is enough in any case.
  bool is_slow(const Excess& excess, const Suspect& suspect) const {
    const double limit = limit_of(suspect.kind, limits_) * limits_.scale(suspect.payload);
    return excess.value > std::min(std::log1p(suspect.excess) / 2, std::max(limit, limits_.z * excess.error));
  }

  bool shows_a_suspect(const PairTime& time) const {
    return std::any_of(suspects_.begin(), suspects_.end(),
                       [&](const Suspect& suspect) { return meets(time, suspect); });
  }

  // The exchanges to compare with: of other nodes on the same rails; of a rail, on other rails; and where there are
  // none, all that no suspect takes part in.
  Times reference(const Suspect& suspect, const Times& times) const {
    const auto is_other = [&](const PairTime& time) {
      const bool on_rail = std::find(suspect.rails.begin(), suspect.rails.end(), time.rail) != suspect.rails.end();
      const bool is_elsewhere = !nodes_.contains(time.nodes.one) && !nodes_.contains(time.nodes.other);
      return suspect.kind == SuspectKind::rail ? !on_rail : on_rail && is_elsewhere;
    };
    Times others = chosen(times, is_other);
    return others.empty() ? chosen(times, [&](const PairTime& time) { return !shows_a_suspect(time); }) : others;
  }

  template <class Condition>
  std::optional<Excess> excess_in(const Suspect& suspect, Condition condition) const {
    const Times times =
        chosen(scan_.times, [&](const PairTime& time) { return condition(time) && time.payload == suspect.payload; });
    const auto own = logarithms_of(chosen(times, [&](const PairTime& time) { return meets(time, suspect); }));
    const auto others = logarithms_of(reference(suspect, times));
    if (own.empty() || others.empty()) {
      return std::nullopt;
    }
    constexpr double of_median = 1.2533;  // sqrt(pi / 2): standard error of a median over that of a mean
    const double scatter = robust_deviation(others);
    const auto share_of = [](const std::vector<double>& logs) { return 1 / static_cast<double>(logs.size()); };
    return Excess{median(own) - median(others), of_median * scatter * std::sqrt(share_of(own) + share_of(others))};
  }

  const ScanRecord& scan_;
  const std::vector<Suspect>& suspects_;
  std::set<std::uint32_t> nodes_;
  const Limits& limits_;
};

}  // namespace

std::vector<Suspect> find_suspects(const ScanRecord& scan, const Limits& limits) {
  Suspicion suspicion(scan, limits);
  for (const RailModels& models : models_by_payload(scan)) {
    suspicion.look_at(models);
  }
  return std::move(suspicion).worst_first();
}

std::vector<Suspect> judge(const ScanRecord& scan, std::vector<Suspect> suspects, const Limits& limits) {
  const std::vector<Suspect> as_found = suspects;
  const Judgement judgement(scan, as_found, limits);
  for (Suspect& suspect : suspects) {
    judgement.of(suspect);
  }
  return suspects;
}

std::vector<Suspect> diagnose(const ScanRecord& scan, const Limits& limits) {
  return judge(scan, find_suspects(scan, limits), limits);
}

std::vector<std::string> blind_spots(const ScanRecord& scan, const Limits& limits) {
  std::vector<std::string> lines;
  for (const RailModels& models : models_by_payload(scan)) {
    const Bytes payload = models.payload();
    const auto how_slow = [](double excess) {
      return excess < std::numbers::ln2 ? percent(std::expm1(excess)) + " % slower"
                                        : fmt::format("{:.1f} times as slow", std::exp(excess));
    };
    std::string line = fmt::format("smallest fault that shows at {}: ", to_string(payload));
    if (scan.nodes >= least_nodes) {
      const double spread = spread_of(excess_on_most_rails(models, scan.nodes));
      line += fmt::format("a node {}, ", how_slow(least_visible(limits.node, spread, payload, limits)));
    }
    lines.push_back(fmt::format("{}a path {}", line, how_slow(limits.path * limits.scale(payload))));
  }
  std::set<NodePair> met;
  for (const Round& round : scan.rounds) {
    met.insert(round.begin(), round.end());
  }
  if (const std::size_t pairs = std::size_t{scan.nodes} * (scan.nodes - 1) / 2; met.size() < pairs) {
    lines.push_back(fmt::format("{} of {} pairs of nodes met; --scan-rounds {} visits all", met.size(), pairs,
                                scan.nodes - 1 + scan.nodes % 2));
  }
  if (scan.nodes == 2) {
    lines.emplace_back(scan.rails == 1
                           ? "two nodes with one rail: there is nothing to compare them with but the line rate"
                           : "two nodes: rails are compared with each other; what slows all of them does not show");
  }
  return lines;
}

}  // namespace hockney::scan
