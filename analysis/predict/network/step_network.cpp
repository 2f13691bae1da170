#include "predict/network/step_network.hpp"

#include <algorithm>
#include <boost/container_hash/hash.hpp>
#include <cmath>
#include <functional>
#include <numbers>
#include <utility>

#include "base/error.hpp"

namespace hockney::predict {
namespace {

std::uint64_t mixed(std::uint64_t value) {  // splitmix64, Steele, Lea & Flood 2014
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

// Curves of two machines err on their own, whatever their names.
std::uint64_t origin_of(const Answer& answer) {
  std::string text = answer.estimate.curve;
  if (!answer.curves.empty()) {
    const cost::CostCurve& curve = *answer.curves.front().curve;
    text += "\n" + curve.machine + "\n" + curve.source;
  }
  return std::hash<std::string>{}(text);
}

double unit(std::uint64_t bits) { return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53; }

}  // namespace

double deviate_of(std::uint64_t origin, std::uint64_t draw) {
  if (draw == 0) {
    return 0;
  }
  const std::uint64_t first = mixed(origin ^ mixed(draw));
  return std::sqrt(-2 * std::log(unit(first))) * std::cos(2 * std::numbers::pi * unit(mixed(first)));  // Box & Muller
}

// The stride of two stages differs with every mapping and says nothing beyond the nodes; but for a mesh.
StepNetwork::Key::Key(const Message& message, bool with_strides)
    : operation(message.operation),
      ranks(message.placed.group.ranks),
      ranks_per_node(message.placed.group.ranks_per_node),
      nodes(message.placed.nodes),
      stride(is_point_to_point(message.operation) && !with_strides ? 1 : message.placed.group.stride),
      at_once(message.placed.at_once) {}

std::size_t StepNetwork::KeyHash::operator()(const Key& key) const {
  std::uint64_t hash = static_cast<std::uint64_t>(key.operation);
  for (const std::uint64_t part : {std::uint64_t{key.ranks}, std::uint64_t{key.ranks_per_node},
                                   std::uint64_t{key.nodes}, std::uint64_t{key.stride}, std::uint64_t{key.at_once}}) {
    hash = (hash ^ part) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 29;
  }
  return hash;
}

StepNetwork::StepNetwork(const cost::CostModel& model, const StepConstants& constants, NetworkOptions options)
    : has_mesh_(options.mesh.has_value()), answerers_(model, constants, std::move(options)), doubts_(1) {}

double StepNetwork::time(const Message& message) {
  Entry& entry = entry_of(message);
  const double payload = static_cast<double>(message.payload.count);
  const std::size_t line = entry.curve.line_at(payload);
  if (remembers_) {
    asked_.push_back({message, &entry, line});
  }
  return entry.curve.on_line(line, payload, entry.deviate);
}

void StepNetwork::draw(std::uint64_t number) {
  draw_ = number;
  for (auto& [key, entry] : entries_) {
    entry.deviate = deviate_of(entry.origin, draw_);
  }
}

std::vector<std::uint64_t> StepNetwork::unsure_curves() const {
  std::vector<std::uint64_t> curves;
  for (const Asked& asked : asked_) {
    const FlatCurve::Node& node = asked.entry->curve.nodes()[asked.line];
    const bool is_unsure = node.log_error_up > 0 || node.log_error_down > 0;
    if (is_unsure && std::find(curves.begin(), curves.end(), asked.entry->origin) == curves.end()) {
      curves.push_back(asked.entry->origin);
    }
  }
  return curves;
}

void StepNetwork::shift(std::uint64_t curve, double deviate) {
  for (const Asked& asked : asked_) {
    if (asked.entry->origin == curve) {
      asked.entry->deviate = deviate;
    }
  }
}

StepNetwork::Warnings StepNetwork::warnings() {
  std::vector<std::uint32_t> numbers;
  for (const Asked& asked : asked_) {
    const std::uint32_t number = doubts_of(asked);
    const auto at = std::lower_bound(numbers.begin(), numbers.end(), number);
    if (at == numbers.end() || *at != number) {
      numbers.insert(at, number);
    }
  }
  Warnings& warnings = warnings_[numbers];
  if (!warnings) {
    Doubts all;
    for (const std::uint32_t number : numbers) {
      all.add(doubts_[number]);
    }
    warnings = std::make_shared<const std::vector<std::string>>(warnings_of(all));
  }
  return warnings;
}

// Between two nodes of a flat curve the same curves answer.
std::uint32_t StepNetwork::doubts_of(const Asked& asked) {
  const std::vector<FlatCurve::Node>& nodes = asked.entry->curve.nodes();
  asked.entry->doubts.resize(nodes.size());
  const bool is_behind = static_cast<double>(asked.message.payload.count) > nodes[asked.line].payload;
  std::uint32_t& number = asked.entry->doubts[asked.line][is_behind ? 1 : 0];
  if (number == 0) {
    number = number_of(doubts_about(asked.message, answer(asked.message)));
  }
  return number;
}

std::uint32_t StepNetwork::number_of(const Doubts& doubts) {
  const auto found = std::find(doubts_.begin() + 1, doubts_.end(), doubts);
  const auto number = static_cast<std::uint32_t>(found - doubts_.begin());
  if (found == doubts_.end()) {
    doubts_.push_back(doubts);
  }
  return number;
}

StepNetwork::Entry& StepNetwork::entry_of(const Message& message) {
  const Key key(message, has_mesh_);
  const auto found = entries_.find(key);
  Entry& entry =
      found != entries_.end() ? found->second : entries_.emplace(key, compiled_or_refused(message)).first->second;
  if (!entry.refusal.empty()) {
    throw InputError(entry.refusal);
  }
  return entry;
}

StepNetwork::Entry StepNetwork::compiled_or_refused(const Message& message) const {
  try {
    return compile(message);
  } catch (const InputError& error) {
    return {FlatCurve(std::vector<FlatCurve::Node>(1)), 0, 0, error.what(), {}};
  }
}

StepNetwork::Entry StepNetwork::compile(const Message& message) const {
  const auto answer_at = [&](Bytes payload) {
    Message like = message;
    like.payload = payload;
    return answer(like);
  };
  const std::uint64_t origin = origin_of(answer(message));
  return {FlatCurve::follow(answer_at), origin, deviate_of(origin, draw_), "", {}};
}

}  // namespace hockney::predict
