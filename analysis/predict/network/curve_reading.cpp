#include "predict/network/curve_reading.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "predict/network/rank_scaling.hpp"
#include "predict/network/sharing.hpp"
#include "record/software.hpp"

namespace hockney::predict {
namespace {

// That the payload lies outside says the estimate itself.
std::string remark_on_payload(const cost::CostCurve& curve, Bytes payload) {
  const Bytes from = curve.segments.front().from;
  const Bytes to = curve.segments.back().to;
  const bool latency = payload < from && !knows_latency(curve);
  const bool bandwidth = payload > to && !knows_bandwidth(curve);
  return latency || bandwidth ? fmt::format("{} .. {} do not tell the {}", to_string(from), to_string(to),
                                            latency ? "latency" : "bandwidth")
                              : "";
}

CurveUse use_of(const cost::CostCurve& curve, Bytes payload) { return {&curve, curve.at(payload).segment}; }

// The first curve with at least as many ranks.
Curves::const_iterator reaching(const Family& family, const Message& message) {
  return std::find_if(family.curves.begin(), family.curves.end(), [&](const cost::CostCurve* curve) {
    return curve->shape.group.ranks >= message.placed.group.ranks;
  });
}

// The family's largest count where more ranks are asked, else its smallest.
const cost::CostCurve& nearest_of(const Family& family, const Message& message) {
  const auto next = reaching(family, message);
  return next == family.curves.end() ? *family.curves.back() : **next;
}

// How much longer bytes take where the group has another number of ranks, each with a NIC of its own, in a node: a
// ring's bytes leave a node through all of them, what a rank sends to all others leaves through its own.
double bytes_factor(const Case& shape, const PlacedGroup& placed) {
  const double measured = shape.group.ranks_per_node;
  const double asked = placed.group.ranks_per_node;
  if (shape.operation == Operation::all_to_all) {
    const double ranks = placed.group.ranks;
    return ranks > measured && ranks > asked ? leaving_share(ranks, asked) / leaving_share(ranks, measured) : 1;
  }
  return measured / asked;
}

// The share of a segment's time at a payload that grows with the payload.
double share_of_bytes(const CurveUse& use, Bytes payload) {
  const cost::AlphaBeta& segment = use.curve->segments[use.segment];
  const double bytes_s = segment.beta_s_per_byte * static_cast<double>(payload.count);
  const double whole_s = segment.alpha_s + bytes_s;
  return whole_s > 0 ? bytes_s / whole_s : 1;
}

// A rule, not a measurement: the interval holds what was measured, too.
void scale_to_ranks_per_node(Answer& answer, const Message& message) {
  const CurveUse& use = answer.curves.front();
  if (ranks_per_node_mismatch(use.curve->shape, message.placed) == 0) {
    return;
  }
  const double factor = 1 + share_of_bytes(use, message.payload) * (bytes_factor(use.curve->shape, message.placed) - 1);
  cost::Estimate& estimate = answer.estimate;
  estimate.value_s *= factor;
  estimate.low_s *= std::min(1.0, factor);
  estimate.high_s *= std::max(1.0, factor);
  estimate.extrapolated = true;
  estimate.launches_s.clear();
}

// Which software the curves ran on, where others that could answer differ from them in nothing else.
std::string remark_on_software(const Family& family) {
  std::vector<std::string> software{family.curves.front()->shape.software};
  software.insert(software.end(), family.other_software.begin(), family.other_software.end());
  const std::vector<std::string> apart = differences(software);
  return fmt::format("measured with {}, not with {}", apart.front(), fmt::join(apart.begin() + 1, apart.end(), " or "));
}

// How many groups ran at once, where that is not how many do and the answer has not counted them.
std::string remark_on_groups(const Answer& answer, const PlacedGroup& placed) {
  const Case& shape = answer.curves.front().curve->shape;
  if (answer.by == Answerer::sharing || ranks_per_node_mismatch(shape, placed) != 0) {
    return {};
  }
  if (shape.group.concurrent > 1) {
    const bool as_many = !placed.crosses_nodes() || groups_at_once(shape) == placed.at_once;
    return placed.is_shared() && as_many ? "" : fmt::format("measured with {} groups at once", shape.group.concurrent);
  }
  return placed.is_shared() ? fmt::format("measured alone, {} such groups run at once", placed.at_once) : "";
}

std::vector<std::string> remarks_on(const Answer& answer, const Family& family, const Message& message) {
  std::vector<std::string> remarks;
  const Case& shape = answer.curves.front().curve->shape;
  if (!answer.estimate.remark.empty()) {
    remarks.push_back(answer.estimate.remark);
  }
  for (const CurveUse& use : answer.curves) {
    std::string remark = remark_on_payload(*use.curve, message.payload);
    if (!remark.empty() && std::find(remarks.begin(), remarks.end(), remark) == remarks.end()) {
      remarks.push_back(std::move(remark));
    }
  }
  if (answer.estimate.in_gap) {
    remarks.emplace_back("between two segments");
  }
  if (is_network_forced(shape)) {
    remarks.emplace_back("loopback: measured within one node with the network forced");
  }
  if (ranks_per_node_mismatch(shape, message.placed) != 0) {
    remarks.push_back(
        fmt::format("measured with {} ranks per node: bytes taken to pass through as many NICs as the "
                    "group has ranks in a node",
                    shape.group.ranks_per_node));
  }
  if (!is_point_to_point(shape.operation) && (shape.mode == Mode::stream || shape.mode == Mode::graph)) {
    remarks.push_back(fmt::format("measured in {} mode, not as a blocking operation", name_of(shape.mode)));
  }
  if (const std::string remark = remark_on_groups(answer, message.placed); !remark.empty()) {
    remarks.push_back(remark);
  }
  if (shape.operation == Operation::ping_pong) {
    remarks.emplace_back("half a round trip, not a stream");
  }
  if (shape.reduction() != Reduction::sum) {
    remarks.push_back(fmt::format("measured with reduction {}", name_of(shape.reduction())));
  }
  if (shape.buffers != Buffers::plain) {
    remarks.push_back(fmt::format("measured with buffers {}", name_of(shape.buffers)));
  }
  if (shape.cache != Cache::hot) {
    remarks.emplace_back("measured with rotating buffers");
  }
  if (shape.in_place) {
    remarks.emplace_back("measured in place");
  }
  if (shape.native) {
    remarks.emplace_back("measured with NCCL's own call, not with sends and receives");
  }
  if (!shape.algorithm.empty() || !shape.protocol.empty()) {
    remarks.push_back(fmt::format("measured with algorithm '{}', protocol '{}'", shape.algorithm, shape.protocol));
  }
  if (!family.other_software.empty()) {
    remarks.push_back(remark_on_software(family));
  }
  return remarks;
}

Answer finished(Answer answer, const Family& family, const Message& message) {
  scale_to_ranks_per_node(answer, message);
  answer.remarks = remarks_on(answer, family, message);
  return answer;
}

}  // namespace

double ring_limit_s(const Answer& answer, const Message& message, const NetworkOptions& options) {
  const CurveUse& use = answer.curves.front();
  const Group& measured = use.curve->shape.group;
  const Group& asked = message.placed.group;
  const bool is_ring = !is_point_to_point(message.operation) && message.operation != Operation::all_to_all;
  if (!is_ring || !message.placed.crosses_nodes() || measured.nodes() == 1 ||
      asked.ranks_per_node >= measured.ranks_per_node) {
    return 0;
  }
  const double grown = share_of_bytes(use, message.payload) * bytes_factor(use.curve->shape, message.placed);
  const double bytes_s = answer.estimate.value_s * grown / (1 - share_of_bytes(use, message.payload) + grown);
  const double volume = wire_factor(message.operation, asked.ranks) * static_cast<double>(message.payload.count);
  const double rate = volume / (asked.ranks_per_node * bytes_s);
  return bytes_s * (rate / options.ring_rate(rate, asked.ranks_per_node, measured.ranks_per_node) - 1);
}

std::optional<Answer> read_loads(const Family& family, const Message& message) {
  const std::uint32_t asked = message.placed.at_once;
  const bool is_measured = std::any_of(family.loads.begin(), family.loads.end(), [asked](const cost::CostCurve* curve) {
    return groups_at_once(curve->shape) == asked;
  });
  if (family.loads.size() < 2 || is_measured) {
    return std::nullopt;
  }
  Answer answer;
  answer.by = Answerer::sharing;
  answer.estimate = estimate_at_once(family.loads, asked, message.payload);
  for (const cost::CostCurve* curve : family.loads) {
    answer.curves.push_back(use_of(*curve, message.payload));
  }
  return finished(std::move(answer), family, message);
}

std::optional<Answer> read_curve(const Family& family, const Message& message) {
  if (reach_of(family, message) != Reach::exact) {
    return std::nullopt;
  }
  const cost::CostCurve& curve =
      is_point_to_point(message.operation) ? *family.curves.front() : **reaching(family, message);
  Answer answer;
  answer.by = Answerer::curve;
  answer.estimate = curve.at(message.payload);
  answer.curves = {{&curve, answer.estimate.segment}};
  return finished(std::move(answer), family, message);
}

std::optional<Answer> read_neighbours(const Family& family, const Message& message) {
  if (reach_of(family, message) != Reach::between) {
    return std::nullopt;
  }
  const auto next = reaching(family, message);
  const cost::CostCurve& below = **std::prev(next);
  Answer answer;
  answer.by = Answerer::neighbours;
  answer.estimate = interpolate_ranks(below, **next, message.placed.group.ranks, message.payload);
  answer.curves = {{&below, answer.estimate.segment}, use_of(**next, message.payload)};
  return finished(std::move(answer), family, message);
}

std::optional<Answer> read_power_law(const Family& family, const Message& message) {
  const cost::CostCurve& nearest = nearest_of(family, message);
  const std::uint32_t ranks = message.placed.group.ranks;
  if (reach_of(family, message) != Reach::beyond || ranks < nearest.shape.group.ranks) {
    return std::nullopt;
  }
  const RankHoldOut tried = hold_out_ranks(family.curves);
  if (!tried.prefers_power_law()) {
    return std::nullopt;
  }
  const cost::CostCurve& next = *family.curves[family.curves.size() - 2];
  Answer answer;
  answer.by = Answerer::power_law;
  answer.estimate = extrapolate_by_power_law(next, nearest, ranks, message.payload, tried);
  answer.curves = {use_of(nearest, message.payload)};
  return finished(std::move(answer), family, message);
}

std::optional<Answer> read_leaving_share(const Family& family, const Message& message) {
  const cost::CostCurve& nearest = nearest_of(family, message);
  const std::uint32_t ranks = message.placed.group.ranks;
  const bool leaves_nodes = nearest.shape.group.nodes() > 1 && ranks > nearest.shape.group.ranks_per_node;
  if (message.operation != Operation::all_to_all || !leaves_nodes || reach_of(family, message) != Reach::beyond ||
      read_power_law(family, message)) {
    return std::nullopt;
  }
  if (family.curves.size() > 1) {
    const bool is_largest = &nearest == family.curves.back();
    const cost::CostCurve& next = *(is_largest ? family.curves[family.curves.size() - 2] : family.curves[1]);
    if (next.shape.group.nodes() > 1 && !leaving_share_fits(nearest, next)) {
      return std::nullopt;
    }
  }
  Answer answer;
  answer.by = Answerer::sharing;
  answer.estimate = extrapolate_leaving_share(nearest, ranks, message.payload);
  answer.curves = {use_of(nearest, message.payload)};
  return finished(std::move(answer), family, message);
}

std::optional<Answer> read_ring_steps(const Family& family, const Message& message) {
  if (reach_of(family, message) != Reach::beyond) {
    return std::nullopt;
  }
  const cost::CostCurve& nearest = nearest_of(family, message);
  Answer answer;
  answer.by = Answerer::ring_steps;
  answer.estimate = extrapolate_ranks(nearest, message.placed.group.ranks, message.payload);
  answer.curves = {use_of(nearest, message.payload)};
  return finished(std::move(answer), family, message);
}

}  // namespace hockney::predict
