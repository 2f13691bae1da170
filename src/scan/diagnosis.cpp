#include "scan/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <sstream>

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

// "a,b" as a set.
std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, ',');) {
    words.insert(word);
  }
  return words;
}

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

/// Whether it is measured one way on each of its rails by itself.
bool goes_rail_by_rail(const Suspect& suspect, std::uint32_t rails) {
  return suspect.kind != SuspectKind::node && suspect.rails.size() < rails;
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

// At most three.
std::vector<std::uint32_t> most_typical_nodes(const ScanRecord& scan, const std::vector<Suspect>& suspects) {
  constexpr std::size_t most = 3;
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
  good.resize(std::min(most, good.size()));
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

/// The pairs that tell about suspects: with good nodes, or all where there are fewer than two of those.
class TellingPairs {
 public:
  TellingPairs(const ScanRecord& scan, const std::vector<Suspect>& suspects)
      : good_(most_typical_nodes(scan, suspects)), all_(good_.size() < 2 ? all_pairs(scan) : std::set<NodePair>{}) {}

  std::set<NodePair> of(const Suspect& suspect) const {
    std::set<NodePair> pairs;
    if (suspect.kind == SuspectKind::path) {
      pairs.insert(suspect.nodes);
    }
    if (is_one_node(suspect) && all_.empty()) {
      for (const std::uint32_t node : good_) {
        pairs.insert(ordered(node, suspect.nodes.one));
      }
    }
    if (is_one_node(suspect)) {
      std::copy_if(all_.begin(), all_.end(), std::inserter(pairs, pairs.end()),
                   [&](const NodePair& pair) { return has(pair, suspect.nodes.one); });
    }
    return pairs;
  }

  std::set<NodePair> to_compare_with() const {
    std::set<NodePair> pairs = all_;
    for (std::size_t i = 0; all_.empty() && i < good_.size(); ++i) {
      for (std::size_t j = i + 1; j < good_.size(); ++j) {
        pairs.insert(ordered(good_[i], good_[j]));
      }
    }
    return pairs;
  }

 private:
  std::vector<std::uint32_t> good_;
  std::set<NodePair> all_;
};

std::vector<Suspect> worst_of(std::vector<Suspect> suspects, const Limits& limits) {
  suspects.resize(std::min(suspects.size(), limits.most_suspects));
  return suspects;
}

/// The rails on which exchanges one way tell about a suspect: nothing stands for all at once.
std::vector<std::optional<std::uint32_t>> rails_to_send_on(const Suspect& suspect, std::uint32_t rails) {
  if (!goes_rail_by_rail(suspect, rails)) {
    return {std::nullopt};
  }
  return {suspect.rails.begin(), suspect.rails.end()};
}

std::optional<std::uint32_t> good_rail(const ScanRecord& scan, const std::vector<Suspect>& suspects) {
  std::set<std::uint32_t> slow;
  for (const Suspect& suspect : suspects) {
    slow.insert(suspect.rails.begin(), suspect.rails.end());
  }
  for (std::uint32_t rail = 0; rail < scan.rails; ++rail) {
    if (!slow.contains(rail)) {
      return rail;
    }
  }
  return std::nullopt;
}

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

// " (GPU-..., mlx5_0:1)"; of a path without GPUs, which are of two nodes.
std::string devices_text(const Suspect& suspect, std::uint32_t rail, const NodeNames& names) {
  std::vector<std::string> devices;
  const auto add = [&](const std::string& device) {
    if (!device.empty()) {
      devices.push_back(device);
    }
  };
  if (is_one_node(suspect)) {
    add(names.gpu(suspect.nodes.one, rail));
  }
  if (suspect.adapters.contains(rail)) {
    const std::string& adapters = suspect.adapters.at(rail);
    const bool is_number = adapters.find_first_not_of("0123456789,") == std::string::npos;
    add(is_number ? "NCCL's adapter " + adapters : adapters);
  } else if (const std::string near = names.near_nics(suspect.nodes.one, rail); is_one_node(suspect) && !near.empty()) {
    add(fmt::format("near it {}, not observed", near));
  }
  return devices.empty() ? "" : fmt::format(" ({})", fmt::join(devices, ", "));
}

// "rails 2 (GPU-..., mlx5_2:1), 5 (GPU-..., mlx5_5:1)".
std::string rails_text(const Suspect& suspect, const NodeNames& names_of_nodes) {
  const std::uint32_t rails = names_of_nodes.rails();
  if (suspect.rails.size() == rails) {
    return rails == 1 ? devices_text(suspect, 0, names_of_nodes) : fmt::format(", all {} rails", rails);
  }
  std::vector<std::string> names;
  for (const std::uint32_t rail : suspect.rails) {
    names.push_back(std::to_string(rail) + devices_text(suspect, rail, names_of_nodes));
  }
  return fmt::format(", rail{} {}", names.size() == 1 ? "" : "s", fmt::join(names, ", "));
}

std::string direction_text(const Suspect& suspect, const NodeNames& names) {
  const bool is_path = suspect.kind == SuspectKind::path;
  const auto from_to = [&](std::uint32_t from, std::uint32_t to) {
    return fmt::format(", from {} to {} and not back", names.host(from), names.host(to));
  };
  switch (suspect.direction) {
    case Direction::unknown:
      return "";
    case Direction::sending:
      return is_path ? from_to(suspect.nodes.one, suspect.nodes.other) : ", when it sends and not when it receives";
    case Direction::receiving:
      return is_path ? from_to(suspect.nodes.other, suspect.nodes.one) : ", when it receives and not when it sends";
    case Direction::both:
      return is_path ? ", either way" : ", when it sends and when it receives";
    case Direction::neither:
      return ", only both ways at the same time";
  }
  return "";
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
  if (suspects.empty()) {
    return {};
  }
  const TellingPairs telling(scan, suspects);
  std::set<NodePair> pairs = telling.to_compare_with();
  for (const Suspect& suspect : worst_of(suspects, limits)) {
    pairs.merge(telling.of(suspect));
  }
  return {pairs.begin(), pairs.end()};
}

std::vector<Alone> exchanges_one_way(const ScanRecord& scan, const std::vector<Suspect>& suspects,
                                     const Limits& limits) {
  const TellingPairs telling(scan, suspects);
  std::set<Alone> exchanges;
  for (const Suspect& suspect : worst_of(suspects, limits)) {
    if (suspect.kind == SuspectKind::rail) {
      continue;
    }
    const std::set<NodePair> own = telling.of(suspect);
    for (const auto& rail : rails_to_send_on(suspect, scan.rails)) {
      for (const NodePair& pair : own) {
        exchanges.insert({pair, suspect.payload, Way::there, rail});
        exchanges.insert({pair, suspect.payload, Way::back, rail});
      }
      for (const NodePair& pair : telling.to_compare_with()) {
        // of two nodes, the pair itself on a rail that looks good
        exchanges.insert({pair, suspect.payload, Way::there, scan.nodes == 2 ? good_rail(scan, suspects) : rail});
      }
    }
  }
  return {exchanges.begin(), exchanges.end()};
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
    text += fmt::format("; alone, slow in {} of {} repeats{}", suspect.slow_repeats, suspect.repeats,
                        direction_text(suspect, names));
  }
  return text;
}

}  // namespace hockney::scan
