#include "predict/network/step_network.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <numbers>

#include "base/error.hpp"
#include "base/number.hpp"
#include "predict/network/rank_scaling.hpp"

namespace hockney::predict {
namespace {

constexpr double least_payload = 8;
constexpr double most_payload = 17179869184.0;  // 16 GiB
constexpr int nodes_per_octave = 4;
constexpr int octaves = 31;

// What a group must share with another to be answered alike. The stride of two stages differs with every mapping and
// says nothing beyond the nodes.
std::uint64_t key_of(const Message& message) {
  const Group& group = message.placed.group;
  const std::uint64_t stride = is_point_to_point(message.operation) ? 1 : group.stride;
  std::uint64_t key = static_cast<std::uint64_t>(message.operation);
  for (const std::uint64_t part : {std::uint64_t{group.ranks}, std::uint64_t{group.ranks_per_node},
                                   std::uint64_t{message.placed.nodes}, stride, std::uint64_t{message.placed.shared}}) {
    key = (key ^ part) * 0x9E3779B97F4A7C15ULL;
    key ^= key >> 29;
  }
  return key;
}

Message like(const Message& message, double payload) {
  Message copy = message;
  copy.payload = Bytes{static_cast<std::uint64_t>(payload)};
  return copy;
}

std::vector<double> sample_points() {
  std::vector<double> points;
  for (int i = 0; i <= octaves * nodes_per_octave; ++i) {
    points.push_back(std::round(least_payload * std::exp2(static_cast<double>(i) / nodes_per_octave)));
  }
  return points;
}

// `parts` payloads from one to the next, which are both further apart than 1 B.
void add_between(std::vector<double>& points, double from, double to, int parts) {
  for (int i = 1; i < parts; ++i) {
    points.push_back(std::round(from * std::pow(to / from, static_cast<double>(i) / parts)));
  }
}

// Payloads at which the curve's law changes, its measured sizes among them. Between these the law is straight or nearly
// so (local_time()), in gaps of segments it is not: more payloads stand there.
std::vector<double> turning_points(const cost::CostCurve& curve) {
  constexpr int between_points = 4;
  constexpr int in_gap = 16;
  std::vector<double> points;
  for (std::size_t i = 0; i < curve.segments.size(); ++i) {
    const double from = static_cast<double>(curve.segments[i].from.count);
    if (i > 0) {
      add_between(points, static_cast<double>(curve.segments[i - 1].to.count), from, in_gap);
    }
    points.push_back(from);
    points.push_back(static_cast<double>(curve.segments[i].to.count));
  }
  for (std::size_t i = 0; i < curve.points.size(); ++i) {
    const double size = static_cast<double>(curve.points[i].payload.count);
    if (i > 0) {
      add_between(points, static_cast<double>(curve.points[i - 1].payload.count), size, between_points);
    }
    points.push_back(size);
  }
  const SeenPayloads seen = seen_payloads(curve);
  for (const double edge : {std::ceil(seen.from), seen.to}) {  // the answer may jump there
    points.insert(points.end(), {edge - 1, edge, edge + 1});
  }
  std::erase_if(points, [](double payload) { return payload < 1 || std::isinf(payload); });
  return points;
}

constexpr double z95 = 1.96;

FlatCurve::Node node_at(double payload, const cost::Estimate& estimate) {
  const double up = estimate.value_s > 0 ? std::log(estimate.high_s / estimate.value_s) / z95 : 0;
  const double down = estimate.low_s > 0 ? std::log(estimate.value_s / estimate.low_s) / z95 : up;
  return {payload, estimate.value_s, up, down, 0};
}

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

void scale(cost::Estimate& estimate, double factor) {
  for (double* seconds : {&estimate.value_s, &estimate.low_s, &estimate.high_s}) {
    *seconds *= factor;
  }
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

FlatCurve::FlatCurve(std::vector<Node> nodes) : nodes_(std::move(nodes)) {
  if (nodes_.empty()) {
    throw Failure("a flat curve without nodes");
  }
  for (std::size_t i = 0; i + 1 < nodes_.size(); ++i) {
    nodes_[i].slope_s_per_byte =
        (nodes_[i + 1].time_s - nodes_[i].time_s) / (nodes_[i + 1].payload - nodes_[i].payload);
  }
  if (nodes_.size() > 1) {
    nodes_.back().slope_s_per_byte = nodes_[nodes_.size() - 2].slope_s_per_byte;
  }
}

const FlatCurve::Node& FlatCurve::node_before(double payload) const {
  const auto next = std::upper_bound(nodes_.begin() + 1, nodes_.end(), payload,
                                     [](double x, const Node& node) { return x < node.payload; });
  return *(next - 1);
}

double FlatCurve::at(double payload) const {
  const Node& node = node_before(payload);
  return std::max(0.0, node.time_s + (payload - node.payload) * node.slope_s_per_byte);
}

double FlatCurve::at(double payload, double deviate) const {
  const Node& node = node_before(payload);
  return at(payload) * std::exp(deviate * (deviate > 0 ? node.log_error_up : node.log_error_down));
}

StepNetwork::StepNetwork(const cost::CostModel& model, const StepConstants& constants, std::optional<NicRate> nic,
                         std::optional<NicRate> line_rate, bool strict)
    : constants_(constants),
      nic_(nic),
      line_rate_(line_rate),
      strict_(strict),
      chooser_(model,
               line_rate ? std::optional(LineRate{BytesPerSecond{line_rate->bytes_per_s_per_gpu}, line_rate->latency})
                         : std::nullopt,
               strict) {}

double StepNetwork::time(const Message& message) {
  const Entry& entry = entry_of(message);
  const double payload = static_cast<double>(message.payload.count);
  return draw_ == 0 ? entry.curve.at(payload) : entry.curve.at(payload, entry.deviate);
}

Answer StepNetwork::answer(const Message& message) const {
  Answer answer = answer_of_network(message);
  if (is_point_to_point(message.operation) && constants_.transfer_wait_s > 0) {
    for (double* seconds : {&answer.estimate.value_s, &answer.estimate.low_s, &answer.estimate.high_s}) {
      *seconds += constants_.transfer_wait_s;
    }
    answer.remarks.push_back(
        fmt::format("{} us of it for the host to synchronise", significant(constants_.transfer_wait_s * 1e6)));
  }
  return answer;
}

Answer StepNetwork::answer_of_network(const Message& message) const {
  if (nic_ && message.placed.crosses_nodes()) {
    return answer_by_nic(message, *nic_);
  }
  Answer answer = answer_by_curves(message);
  return answer.from_line_rate() ? answer_by_nic(message, *line_rate_) : answer;
}

Answer StepNetwork::answer_by_curves(const Message& message) const {
  if (!strict_) {
    auto answer = is_point_to_point(message.operation) ? answer_by_collective(message) : answer_by_relative(message);
    if (answer) {
      return *std::move(answer);
    }
  }
  return chooser_.answer(message);
}

// Only where no curve of the operation is there: the chooser would refuse, or take one of the other class.
std::optional<Answer> StepNetwork::answer_by_relative(const Message& message) const {
  const FabricClass where = fabric_class(message.placed);
  const bool leaves_by_own_nic = message.operation == Operation::all_to_all && message.placed.crosses_nodes();
  if (leaves_by_own_nic || chooser_.most_ranks(where, message.operation) > 0) {
    return std::nullopt;
  }
  const std::uint32_t ranks = message.placed.group.ranks;
  for (const Operation operation : {Operation::reduce_scatter, Operation::all_gather, Operation::all_reduce}) {
    if (chooser_.most_ranks(where, operation) > 0) {
      Message relative = message;
      relative.operation = operation;
      Answer answer = chooser_.answer(relative);
      scale(answer.estimate, wire_factor(message.operation, ranks) / wire_factor(operation, ranks));
      answer.remarks.push_back(fmt::format("read off {}: no {} was measured {}", name_of(operation),
                                           name_of(message.operation),
                                           where == FabricClass::intra_node ? "inside a node" : "between nodes"));
      return answer;
    }
  }
  return std::nullopt;
}

// Only where no curve of a transfer inside a node is there: the chooser would take one between nodes.
std::optional<Answer> StepNetwork::answer_by_collective(const Message& message) const {
  if (message.placed.crosses_nodes() || chooser_.has_transfers_inside_nodes()) {
    return std::nullopt;
  }
  for (const Operation operation :
       {Operation::all_to_all, Operation::all_gather, Operation::reduce_scatter, Operation::all_reduce}) {
    const std::uint32_t ranks = chooser_.most_ranks(FabricClass::intra_node, operation);
    if (ranks > 1) {
      Message collective = message;
      collective.operation = operation;
      collective.placed.group = {ranks, ranks, 1, 1};
      collective.payload =
          Bytes{static_cast<std::uint64_t>(static_cast<double>(message.payload.count) / wire_factor(operation, ranks))};
      Answer answer = chooser_.answer(collective);
      answer.remarks.push_back(
          fmt::format("read off {} of {} ranks: no transfer was measured inside a node", name_of(operation), ranks));
      return answer;
    }
  }
  return std::nullopt;
}

void StepNetwork::draw(std::uint64_t number) {
  draw_ = number;
  for (auto& [key, entry] : entries_) {
    entry.deviate = deviate_of(entry.origin, draw_);
  }
}

StepNetwork::Entry& StepNetwork::entry_of(const Message& message) {
  const std::uint64_t key = key_of(message);
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
    return {FlatCurve(std::vector<FlatCurve::Node>(1)), 0, 0, error.what()};
  }
}

StepNetwork::Entry StepNetwork::compile(const Message& message) const {
  // Every curve that answers somewhere adds its payloads, at which others may answer.
  std::vector<double> points = sample_points();
  std::vector<const cost::CostCurve*> curves;
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (const CurveUse& use : answer(like(message, points[i])).curves) {
      if (std::find(curves.begin(), curves.end(), use.curve) == curves.end()) {
        curves.push_back(use.curve);
        const std::vector<double> turns = turning_points(*use.curve);
        points.insert(points.end(), turns.begin(), turns.end());
      }
    }
  }
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  std::vector<FlatCurve::Node> nodes;
  for (const double payload : points) {
    nodes.push_back(node_at(payload, answer(like(message, payload)).estimate));
  }
  const std::uint64_t origin = origin_of(answer(message));
  return {FlatCurve(std::move(nodes)), origin, deviate_of(origin, draw_), ""};
}

Answer StepNetwork::answer_by_nic(const Message& message, const NicRate& nic) const {
  const bool is_ring = !is_point_to_point(message.operation) && message.operation != Operation::all_to_all;
  const double free_rate = nic.bytes_per_s_per_gpu * (is_ring ? constants_.ring_share : constants_.transfer_share);
  const double rate = is_ring ? nic.ring_rate(free_rate, message.placed.group.ranks_per_node) : free_rate;
  Answer answer;
  answer.estimate = LineRate{BytesPerSecond{rate}, nic.latency}.at(message.operation, message.placed, message.payload);
  if (auto inside = answer_inside(message); inside && inside->estimate.value_s > answer.estimate.value_s) {
    return *std::move(inside);
  }
  answer.remarks = {answer.estimate.remark};
  if (rate < free_rate) {
    answer.remarks.push_back(
        fmt::format("a ring reaches {} of the NICs' {} per GPU (ring_limit_bytes_per_s of the GPU's file)",
                    to_string(BytesPerSecond{rate}), to_string(BytesPerSecond{nic.bytes_per_s_per_gpu})));
  }
  return answer;
}

// What the part of a collective that stays inside a node takes, if curves tell.
std::optional<Answer> StepNetwork::answer_inside(const Message& message) const {
  const PlacedGroup& placed = message.placed;
  const std::uint32_t ranks = placed.group.ranks;
  const std::uint32_t in_node = placed.group.ranks_per_node;
  if (is_point_to_point(message.operation) || in_node < 2) {
    return std::nullopt;
  }
  Message inside = message;
  inside.placed.group.ranks = in_node;
  inside.placed.nodes = 1;
  auto answer = chooser_.most_ranks(FabricClass::intra_node, message.operation) > 0
                    ? std::optional(chooser_.answer(inside))
                    : answer_by_relative(inside);
  if (answer) {
    const bool own_share = message.operation == Operation::all_to_all;  // in_node of its `ranks` blocks stay
    scale(answer->estimate, own_share
                                ? static_cast<double>(in_node) / ranks
                                : wire_factor(message.operation, ranks) / wire_factor(message.operation, in_node));
    answer->remarks.emplace_back("limited by the fabric inside the node, not by the NICs");
  }
  return answer;
}

double NicRate::ring_rate(double free_rate, std::uint32_t ranks_per_node) const {
  if (free_rate <= ring_limit_bytes_per_s) {
    return free_rate;
  }
  const double whole = gpus_per_node > 1 ? std::log(static_cast<double>(ranks_per_node)) / std::log(gpus_per_node) : 1;
  return ring_limit_bytes_per_s * std::pow(free_rate / ring_limit_bytes_per_s, std::min(1.0, whole));
}

}  // namespace hockney::predict
