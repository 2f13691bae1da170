#include "scan/exchanges_alone.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "scan/rail_models.hpp"

namespace hockney::scan {
namespace {

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
                   [&](const NodePair& pair) { return pair.has(suspect.nodes.one); });
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

}  // namespace

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

}  // namespace hockney::scan
