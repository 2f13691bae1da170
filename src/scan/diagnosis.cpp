#include "scan/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "base/number.hpp"
#include "record/statistics.hpp"

namespace hockney::scan {
namespace {

using Times = std::vector<PairTime>;

template <class Condition>
Times chosen(const Times& times, Condition condition) {
  Times found;
  std::copy_if(times.begin(), times.end(), std::back_inserter(found), condition);
  return found;
}

std::optional<double> median_logarithm(const Times& times) {
  std::vector<double> logarithms;
  for (const PairTime& time : times) {
    logarithms.push_back(std::log(time.time_s));
  }
  return logarithms.empty() ? std::nullopt : std::optional(median(logarithms));
}

bool has(const NodePair& pair, std::uint32_t node) { return pair.one == node || pair.other == node; }

bool is_one_node(const Suspect& suspect) {
  return suspect.kind == SuspectKind::node || suspect.kind == SuspectKind::nic;
}

/// Whether an exchange shows what a suspect does.
bool meets(const PairTime& time, const Suspect& suspect) {
  const bool on_rail = std::find(suspect.rails.begin(), suspect.rails.end(), time.rail) != suspect.rails.end();
  const bool between = suspect.kind == SuspectKind::rail ||
                       (is_one_node(suspect) ? has(time.nodes, suspect.nodes.one) : time.nodes == suspect.nodes);
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

/// The models of all rails at one payload.
class RailModels {
 public:
  RailModels(const ScanRecord& scan, Bytes payload) : payload_(payload) {
    const Times rounds =
        chosen(scan.times, [&](const PairTime& time) { return time.is_of_rounds() && time.payload == payload; });
    for (std::uint32_t rail = 0; rail < scan.rails; ++rail) {
      times_.push_back(chosen(rounds, [&](const PairTime& time) { return time.rail == rail; }));
      models_.push_back(times_.back().empty() ? NodeModel{0, std::vector<double>(scan.nodes), least_spread}
                                              : fit_nodes(times_.back(), scan.nodes));
    }
    if (scan.nodes < least_nodes) {
      compare_with_the_fastest();
    }
  }

  Bytes payload() const { return payload_; }
  const std::vector<NodeModel>& models() const { return models_; }
  const Times& times(std::size_t rail) const { return times_[rail]; }

 private:
  // Without a model of nodes, the fastest pair and rail is what the others are held to.
  void compare_with_the_fastest() {
    std::map<std::pair<NodePair, std::uint32_t>, Times> by_pair;
    for (const Times& of_rail : times_) {
      for (const PairTime& time : of_rail) {
        by_pair[{time.nodes, time.rail}].push_back(time);
      }
    }
    double fastest = INFINITY;
    for (const auto& [pair, times] : by_pair) {
      fastest = std::min(fastest, *median_logarithm(times));
    }
    for (NodeModel& model : models_) {
      model.level = fastest;
    }
  }

  Bytes payload_;
  std::vector<Times> times_;
  std::vector<NodeModel> models_;
};

std::vector<RailModels> models_by_payload(const ScanRecord& scan) {
  std::set<Bytes> payloads;
  for (const PairTime& time : scan.times) {
    payloads.insert(time.payload);
  }
  std::vector<RailModels> models;
  for (const Bytes payload : payloads) {
    models.emplace_back(scan, payload);
  }
  return models;
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

  bool is_suspect(std::uint32_t node) const {
    return std::any_of(found_.begin(), found_.end(),
                       [&](const auto& entry) { return is_one_node(entry.second) && entry.second.nodes.one == node; });
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
      if (!suspect.rails.empty() && !is_suspect(pair.one) && !is_suspect(pair.other)) {
        keep(std::move(suspect));
      }
    }
  }

  const ScanRecord& scan_;
  const Limits& limits_;
  std::map<std::tuple<SuspectKind, NodePair, std::uint32_t>, Suspect> found_;
};

std::set<std::uint32_t> named_nodes(const std::vector<Suspect>& suspects) {
  std::set<std::uint32_t> nodes;
  for (const Suspect& suspect : suspects) {
    if (suspect.kind != SuspectKind::rail) {
      nodes.insert(suspect.nodes.one);
      nodes.insert(suspect.nodes.other);
    }
  }
  return nodes;
}

std::vector<std::uint32_t> most_typical_nodes(const ScanRecord& scan, const std::vector<Suspect>& suspects) {
  const std::set<std::uint32_t> suspected = named_nodes(suspects);
  std::map<std::uint32_t, double> distances;
  for (const RailModels& models : models_by_payload(scan)) {
    for (const NodeModel& model : models.models()) {
      for (std::uint32_t node = 0; node < scan.nodes; ++node) {
        distances[node] += std::abs(model.excess[node]);
      }
    }
  }
  std::vector<std::uint32_t> good;
  for (const auto& [node, distance] : distances) {
    if (!suspected.contains(node)) {
      good.push_back(node);
    }
  }
  std::stable_sort(good.begin(), good.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return distances.at(a) < distances.at(b); });
  return good;
}

NodePair ordered(std::uint32_t a, std::uint32_t b) { return {std::min(a, b), std::max(a, b)}; }

std::set<NodePair> all_pairs(const ScanRecord& scan) {
  std::set<NodePair> pairs;
  for (const Round& round : scan.rounds) {
    pairs.insert(round.begin(), round.end());
  }
  return pairs;
}

/// What the repeats say of one suspect.
class Judgement {
 public:
  Judgement(const ScanRecord& scan, const std::vector<Suspect>& suspects, const Limits& limits)
      : scan_(scan), suspects_(suspects), nodes_(named_nodes(suspects)), limits_(limits) {}

  void of(Suspect& suspect) const {
    std::set<std::uint32_t> repeats;
    for (const PairTime& time : scan_.times) {
      if (time.alone && meets(time, suspect)) {
        repeats.insert(time.round);
      }
    }
    for (const std::uint32_t repeat : repeats) {
      const auto excess = excess_in(suspect, [&](const PairTime& time) { return time.alone && time.round == repeat; });
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
  }

 private:
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

std::string gpu_text(const std::string& gpu) { return gpu.empty() ? "" : fmt::format(" ({})", gpu); }

// "rails 2 (GPU-...), 5 (GPU-...)".
std::string rails_text(const Suspect& suspect, const NodeNames& names_of_nodes) {
  const std::uint32_t rails = names_of_nodes.rails();
  if (suspect.rails.size() == rails) {
    return rails == 1 ? "" : fmt::format(", all {} rails", rails);
  }
  std::vector<std::string> names;
  for (const std::uint32_t rail : suspect.rails) {
    names.push_back(std::to_string(rail) +
                    (is_one_node(suspect) ? gpu_text(names_of_nodes.gpu(suspect.nodes.one, rail)) : std::string()));
  }
  return fmt::format(", rail{} {}", names.size() == 1 ? "" : "s", fmt::join(names, ", "));
}

}  // namespace

std::vector<Suspect> find_suspects(const ScanRecord& scan, const Limits& limits) {
  Suspicion suspicion(scan, limits);
  for (const RailModels& models : models_by_payload(scan)) {
    suspicion.look_at(models);
  }
  return std::move(suspicion).worst_first();
}

std::vector<NodePair> pairs_to_repeat(const ScanRecord& scan, const std::vector<Suspect>& suspects,
                                      const Limits& limits) {
  constexpr std::size_t partners = 3;
  std::vector<std::uint32_t> good = most_typical_nodes(scan, suspects);
  if (suspects.empty()) {
    return {};
  }
  if (good.size() < 2) {
    const std::set<NodePair> all = all_pairs(scan);
    return {all.begin(), all.end()};
  }
  good.resize(std::min(partners, good.size()));
  std::set<NodePair> pairs;
  for (std::size_t i = 0; i < std::min(suspects.size(), limits.most_suspects); ++i) {
    const Suspect& suspect = suspects[i];
    if (suspect.kind == SuspectKind::path) {
      pairs.insert(suspect.nodes);
    }
    for (const std::uint32_t node : good) {
      if (is_one_node(suspect)) {
        pairs.insert(ordered(node, suspect.nodes.one));
      }
    }
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (std::size_t j = i + 1; j < good.size(); ++j) {
      pairs.insert(ordered(good[i], good[j]));
    }
  }
  return {pairs.begin(), pairs.end()};
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

std::string name_of_suspect(const Suspect& suspect, const NodeNames& names) {
  if (suspect.kind == SuspectKind::rail) {
    return fmt::format("{}, between all hosts", suspect.rails.front());
  }
  const std::string other = suspect.kind == SuspectKind::path ? " - " + names.host(suspect.nodes.other) : "";
  return names.host(suspect.nodes.one) + other + rails_text(suspect, names);
}

std::string to_text(const Suspect& suspect, const NodeNames& names) {
  std::string text =
      fmt::format("{}: {} {}: exchanges of {} take {} % longer", name_of(suspect.verdict), name_of(suspect.kind),
                  name_of_suspect(suspect, names), to_string(suspect.payload), percent(suspect.excess));
  if (suspect.repeats > 0) {
    text += fmt::format("; alone, slow in {} of {} repeats", suspect.slow_repeats, suspect.repeats);
  }
  return text;
}

}  // namespace hockney::scan
