#include "scan/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <optional>
#include <set>
#include <sstream>

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

  void keep(Suspect suspect) {
    // a node at one payload and a NIC at another are one suspect
    const bool one_node = is_one_node(suspect);
    const auto key = std::tuple(one_node ? SuspectKind::node : suspect.kind, suspect.nodes,
                                suspect.kind == SuspectKind::rail ? suspect.rails.front() : 0);
    const auto known = found_.find(key);
    if (known == found_.end() || weight_of(known->second) < weight_of(suspect)) {
      found_[key] = std::move(suspect);
    }
  }

  void add_rails(const RailModels& models) {
    constexpr std::size_t least_rails = 3;
    if (scan_.rails < least_rails || scan_.nodes < least_nodes) {
      return;
    }
    std::vector<double> levels;
    for (const NodeModel& model : models.models()) {
      levels.push_back(model.level);
    }
    const double typical = median(levels);
    const double spread = std::max(least_spread, 1.4826 * median_absolute_deviation(levels));
    for (std::uint32_t rail = 0; rail < scan_.rails; ++rail) {
      const double excess = levels[rail] - typical;
      if (excess > limits_.rail * limits_.scale(models.payload()) && excess > limits_.z * spread) {
        keep({SuspectKind::rail, {}, {rail}, models.payload(), std::expm1(excess)});
      }
    }
  }

  void add_nodes(const RailModels& models) {
    const double limit = limits_.node * limits_.scale(models.payload());
    for (std::uint32_t node = 0; node < scan_.nodes; ++node) {
      std::vector<std::uint32_t> rails;
      std::vector<double> excesses;
      for (std::uint32_t rail = 0; rail < scan_.rails; ++rail) {
        const NodeModel& model = models.models()[rail];
        const double excess = model.excess[node];
        if (excess > limit && excess > limits_.z * model.spread) {
          rails.push_back(rail);
          excesses.push_back(excess);
        }
      }
      if (!rails.empty()) {
        const SuspectKind kind = 2 * rails.size() > scan_.rails ? SuspectKind::node : SuspectKind::nic;
        keep({kind, {node, node}, rails, models.payload(), std::expm1(median(excesses))});
      }
    }
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
        keep(std::move(suspect));
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
      suspect.slow_repeats += excess && *excess > threshold(suspect) ? 1 : 0;
    }
    if (suspect.repeats == 0) {
      return;
    }
    const auto again = excess_in(suspect, [](const PairTime& time) { return time.again; });
    const bool slow_again = again && *again > threshold(suspect);
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
    const bool is_slow_sending = *sending > threshold(suspect);
    const bool is_slow_receiving = *receiving > threshold(suspect);
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

  double threshold(const Suspect& suspect) const {
    return std::min(limit_of(suspect.kind, limits_) * limits_.scale(suspect.payload), std::log1p(suspect.excess) / 2);
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
  std::optional<double> excess_in(const Suspect& suspect, Condition condition) const {
    const Times times =
        chosen(scan_.times, [&](const PairTime& time) { return condition(time) && time.payload == suspect.payload; });
    const auto own = median_logarithm(chosen(times, [&](const PairTime& time) { return meets(time, suspect); }));
    const auto others = median_logarithm(reference(suspect, times));
    return own && others ? std::optional(*own - *others) : std::nullopt;
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

}  // namespace hockney::scan
