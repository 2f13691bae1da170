#include "predict/network/curve_chooser.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "base/error.hpp"
#include "predict/network/rank_scaling.hpp"
#include "record/software.hpp"

namespace hockney::predict {
namespace {

using Curves = std::vector<const cost::CostCurve*>;

std::vector<Operation> usable_operations(Operation operation) {
  if (is_point_to_point(operation)) {
    return {Operation::pipeline_forward_backward, Operation::pipeline_forward, Operation::one_way_stream,
            Operation::ping_pong};
  }
  return {operation};
}

int mode_place(Mode mode, bool point_to_point) {
  constexpr std::array blocking{Mode::isolated, Mode::host, Mode::graph, Mode::stream};
  constexpr std::array streaming{Mode::stream, Mode::graph, Mode::isolated, Mode::host};
  const auto& order = point_to_point ? streaming : blocking;
  return static_cast<int>(std::find(order.begin(), order.end(), mode) - order.begin());
}

int transport_place(TransportKind transport) {
  constexpr std::array order{TransportKind::nccl, TransportKind::imported, TransportKind::mpi, TransportKind::scripted};
  return static_cast<int>(std::find(order.begin(), order.end(), transport) - order.begin());
}

bool is_network_forced(const Case& shape) { return is_inter_node(shape.fabric) && shape.group.nodes() == 1; }

void drop_forced_if_others(Curves& curves) {
  const auto is_forced = [](const cost::CostCurve* curve) { return is_network_forced(curve->shape); };
  if (!std::all_of(curves.begin(), curves.end(), is_forced)) {
    std::erase_if(curves, is_forced);
  }
}

// Fabric's enumerators stand in the order of preference of both classes, unknown last.
Curves of_best_fabric(const cost::CostModel& model, Operation operation, FabricClass wanted,
                      const PlacedGroup& placed) {
  Curves found;
  for (const cost::CostCurve& curve : model.curves) {
    const bool joins_ranks = curve.shape.group.ranks > 1;  // one rank alone uses no fabric
    if (curve.shape.operation == operation && joins_ranks && fabric_class(curve.shape) == wanted &&
        !curve.segments.empty()) {
      found.push_back(&curve);
    }
  }
  if (placed.crosses_nodes()) {
    drop_forced_if_others(found);
  }
  const auto by_fabric = [](const cost::CostCurve* a, const cost::CostCurve* b) {
    return a->shape.fabric < b->shape.fabric;
  };
  const auto best = std::min_element(found.begin(), found.end(), by_fabric);
  if (best != found.end()) {
    const Fabric fabric = (*best)->shape.fabric;
    std::erase_if(found, [fabric](const cost::CostCurve* curve) { return curve->shape.fabric != fabric; });
  }
  return found;
}

double bytes_s(const cost::AlphaBeta& segment, Bytes size) {
  return segment.beta_s_per_byte * static_cast<double>(size.count);
}

// Below the smallest size a curve's latency answers, above the largest its bandwidth.
bool knows_latency(const cost::CostCurve& curve) {
  const cost::AlphaBeta& first = curve.segments.front();
  return first.alpha_s >= bytes_s(first, first.from);
}

bool knows_bandwidth(const cost::CostCurve& curve) {
  const cost::AlphaBeta& last = curve.segments.back();
  return bytes_s(last, last.to) >= last.alpha_s;
}

void drop_unseeing_if_others(Curves& curves, Bytes payload) {
  const auto is_unseeing = [size = static_cast<double>(payload.count)](const cost::CostCurve* curve) {
    return !seen_payloads(*curve).hold(size);
  };
  if (!std::all_of(curves.begin(), curves.end(), is_unseeing)) {
    std::erase_if(curves, is_unseeing);
  }
}

double ranks_per_node_mismatch(const Case& shape, const PlacedGroup& placed) {
  if (is_point_to_point(shape.operation) || shape.group.nodes() == 1 || !placed.crosses_nodes()) {
    return 0;
  }
  return std::abs(std::log2(static_cast<double>(shape.group.ranks_per_node) / placed.group.ranks_per_node));
}

enum class Reach { exact, between, beyond };

/// Curves that differ in their number of ranks only, ascending, and how they reach the asked number.
struct Family {
  Curves curves;

  Reach reach(const Message& message) const {
    const std::uint32_t ranks = message.placed.group.ranks;
    if (is_point_to_point(message.operation)) {
      return Reach::exact;
    }
    if (std::any_of(curves.begin(), curves.end(), [&](auto* curve) { return curve->shape.group.ranks == ranks; })) {
      return Reach::exact;
    }
    return curves.front()->shape.group.ranks < ranks && ranks < curves.back()->shape.group.ranks ? Reach::between
                                                                                                 : Reach::beyond;
  }
};

// Everything that curves of one family share. Inside a node the ranks per node are the ranks themselves; the number of
// operations behind a collective's sample follows from its time.
auto family_key(const cost::CostCurve& curve) {
  const Case& shape = curve.shape;
  const bool by_itself = is_point_to_point(shape.operation);
  return std::tuple(by_itself ? shape.group.ranks : 0, shape.group.nodes() > 1 ? shape.group.ranks_per_node : 0,
                    shape.group.stride, shape.group.concurrent, shape.transport, shape.mode, shape.reduction(),
                    shape.buffers, shape.cache, shape.routing(), shape.in_place, shape.algorithm, shape.protocol,
                    shape.element, shape.micro_batches(), by_itself ? shape.operations_per_sample : 0, curve.machine,
                    curve.source, shape.software);
}

// Later versions first.
struct Newest {
  std::string_view software;
  friend bool operator<(Newest a, Newest b) {
    return ::strverscmp(std::string(a.software).c_str(), std::string(b.software).c_str()) > 0;
  }
};

std::int64_t points_of(const Family& family) {
  return std::accumulate(family.curves.begin(), family.curves.end(), std::int64_t{0},
                         [](std::int64_t sum, auto* curve) { return sum + std::ssize(curve->points); });
}

auto preference(const Family& family, const Message& message) {
  const cost::CostCurve& first = *family.curves.front();
  const Case& shape = first.shape;
  const bool point_to_point = is_point_to_point(message.operation);
  return std::tuple(
      ranks_per_node_mismatch(shape, message.placed), family.reach(message), mode_place(shape.mode, point_to_point),
      shape.reduction(), shape.buffers, shape.cache, shape.routing(), shape.in_place,
      !shape.algorithm.empty() || !shape.protocol.empty(), message.placed.shared != (shape.group.concurrent > 1),
      shape.group.concurrent, shape.group.stride != message.placed.group.stride,
      point_to_point ? -static_cast<std::int64_t>(shape.group.ranks) : 0, transport_place(shape.transport),
      size_of(shape.element), -points_of(family), Newest{shape.software}, first.name(), first.machine, first.source);
}

Family best_family(const Curves& candidates, const Message& message) {
  std::map<decltype(family_key(*candidates.front())), Family> families;
  for (const cost::CostCurve* curve : candidates) {
    families[family_key(*curve)].curves.push_back(curve);
  }
  const Family* best = nullptr;
  for (auto& [key, family] : families) {
    std::stable_sort(
        family.curves.begin(), family.curves.end(),
        [](const cost::CostCurve* a, const cost::CostCurve* b) { return a->shape.group.ranks < b->shape.group.ranks; });
    if (best == nullptr || preference(family, message) < preference(*best, message)) {
      best = &family;
    }
  }
  return *best;
}

// Which software the curves ran on, where others that could answer differ from them in nothing else.
std::string remark_on_software(const Family& chosen, const Curves& candidates) {
  const cost::CostCurve& taken = *chosen.curves.front();
  std::set<std::string> others;
  for (const cost::CostCurve* curve : candidates) {
    cost::CostCurve alike{.shape = curve->shape, .machine = curve->machine, .source = curve->source};
    alike.shape.software = taken.shape.software;
    if (family_key(alike) == family_key(taken) && curve->shape.software != taken.shape.software) {
      others.insert(curve->shape.software);
    }
  }
  if (others.empty()) {
    return "";
  }
  std::vector<std::string> software{taken.shape.software};
  software.insert(software.end(), others.begin(), others.end());
  const std::vector<std::string> apart = differences(software);
  return fmt::format("measured with {}, not with {}", apart.front(), fmt::join(apart.begin() + 1, apart.end(), " or "));
}

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

Answer read_exact(const cost::CostCurve& curve, Bytes payload) {
  Answer answer;
  answer.estimate = curve.at(payload);
  answer.curves = {{&curve, answer.estimate.segment}};
  return answer;
}

// `nearest` is the family's largest count where more ranks are asked, else its smallest.
cost::Estimate extrapolate(const Family& family, const cost::CostCurve& nearest, const Message& message) {
  const std::uint32_t ranks = message.placed.group.ranks;
  if (ranks > nearest.shape.group.ranks) {
    if (const RankHoldOut tried = hold_out_ranks(family.curves); tried.prefers_power_law()) {
      const cost::CostCurve& next = *family.curves[family.curves.size() - 2];
      return extrapolate_by_power_law(next, nearest, ranks, message.payload, tried);
    }
  }
  return extrapolate_ranks(nearest, ranks, message.payload);
}

// How much longer bytes take where the group has another number of ranks, each with a NIC of its own, in a node: a
// ring's bytes leave a node through all of them, what a rank sends to all others leaves through its own.
double bytes_factor(const Case& shape, const PlacedGroup& placed) {
  const double measured = shape.group.ranks_per_node;
  const double asked = placed.group.ranks_per_node;
  if (shape.operation == Operation::all_to_all) {
    const double ranks = placed.group.ranks;
    return ranks > measured && ranks > asked ? (ranks - asked) / (ranks - measured) : 1;
  }
  return measured / asked;
}

// A rule, not a measurement: the interval holds what was measured, too.
void scale_to_ranks_per_node(Answer& answer, const Message& message) {
  const CurveUse& use = answer.curves.front();
  if (ranks_per_node_mismatch(use.curve->shape, message.placed) == 0) {
    return;
  }
  const cost::AlphaBeta& segment = use.curve->segments[use.segment];
  const double bytes_s = segment.beta_s_per_byte * static_cast<double>(message.payload.count);
  const double whole_s = segment.alpha_s + bytes_s;
  const double share = whole_s > 0 ? bytes_s / whole_s : 1;
  const double factor = 1 + share * (bytes_factor(use.curve->shape, message.placed) - 1);
  cost::Estimate& estimate = answer.estimate;
  estimate.value_s *= factor;
  estimate.low_s *= std::min(1.0, factor);
  estimate.high_s *= std::max(1.0, factor);
  estimate.extrapolated = true;
  estimate.launches_s.clear();
}

Answer read(const Family& family, const Message& message) {
  const std::uint32_t ranks = message.placed.group.ranks;
  const auto next = std::find_if(family.curves.begin(), family.curves.end(),
                                 [&](const cost::CostCurve* curve) { return curve->shape.group.ranks >= ranks; });
  switch (family.reach(message)) {
    case Reach::exact:
      return read_exact(is_point_to_point(message.operation) ? *family.curves.front() : **next, message.payload);
    case Reach::between: {
      const cost::CostCurve& below = **std::prev(next);
      Answer answer;
      answer.estimate = interpolate_ranks(below, **next, ranks, message.payload);
      answer.curves = {{&below, answer.estimate.segment}, {*next, (*next)->at(message.payload).segment}};
      return answer;
    }
    case Reach::beyond:
      break;
  }
  const cost::CostCurve& nearest = next == family.curves.end() ? *family.curves.back() : **next;
  Answer answer;
  answer.estimate = extrapolate(family, nearest, message);
  answer.curves = {{&nearest, nearest.at(message.payload).segment}};
  return answer;
}

std::vector<std::string> remarks_on(const Answer& answer, const Message& message) {
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
    remarks.emplace_back("measured within one node, network forced");
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
  if (shape.group.concurrent > 1 && !message.placed.shared) {
    remarks.push_back(fmt::format("measured with {} groups at once", shape.group.concurrent));
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
  if (!shape.algorithm.empty() || !shape.protocol.empty()) {
    remarks.push_back(fmt::format("measured with algorithm '{}', protocol '{}'", shape.algorithm, shape.protocol));
  }
  return remarks;
}

std::string_view where(FabricClass wanted) {
  return wanted == FabricClass::intra_node ? "inside a node" : "between nodes";
}

FabricClass other(FabricClass wanted) {
  return wanted == FabricClass::intra_node ? FabricClass::inter_node : FabricClass::intra_node;
}

std::string names_of(const std::vector<Operation>& operations) {
  std::vector<std::string_view> names;
  for (const Operation operation : operations) {
    names.push_back(name_of(operation));
  }
  return fmt::format("{}", fmt::join(names, " or "));
}

[[noreturn]] void refuse_missing(const cost::CostModel& model, const Message& message, FabricClass wanted) {
  const auto operations = usable_operations(message.operation);
  const std::string_view line_rate =
      wanted == FabricClass::inter_node ? ", or pass --inter-node-bandwidth and --inter-node-latency" : "";
  throw InputError(
      fmt::format("cost model '{}' has no curve for {} messages ({}, {}); expected {}; measure {} with hockney-bench{}",
                  model.name, name_of(message.cause), message.purpose, where(wanted), names_of(operations),
                  name_of(operations.back()), line_rate));
}

[[noreturn]] void refuse_substitute(const cost::CostModel& model, const Message& message, FabricClass wanted,
                                    const Answer& substitute) {
  throw InputError(
      fmt::format("cost model '{}' has no {} curve {} for {} messages ({}); --strict refuses to substitute {}",
                  model.name, names_of(usable_operations(message.operation)), where(wanted), name_of(message.cause),
                  message.purpose, substitute.estimate.curve));
}

}  // namespace

FabricClass fabric_class(const Case& shape) {
  const bool inter = shape.fabric == Fabric::unknown ? shape.group.nodes() > 1 : is_inter_node(shape.fabric);
  return inter ? FabricClass::inter_node : FabricClass::intra_node;
}

FabricClass fabric_class(const PlacedGroup& placed) {
  return placed.crosses_nodes() ? FabricClass::inter_node : FabricClass::intra_node;
}

SeenPayloads seen_payloads(const cost::CostCurve& curve) {
  constexpr double far = 4;  // nearer by, a guess from the curve's own end is no worse than one from another curve
  return {knows_latency(curve) ? 0 : static_cast<double>(curve.segments.front().from.count) / far,
          knows_bandwidth(curve) ? std::numeric_limits<double>::infinity()
                                 : static_cast<double>(curve.segments.back().to.count) * far};
}

CurveChooser::CurveChooser(const cost::CostModel& model, std::optional<LineRate> line_rate, bool strict)
    : model_(model), line_rate_(line_rate), strict_(strict) {}

bool CurveChooser::has_transfers_inside_nodes() const {
  return std::any_of(model_.curves.begin(), model_.curves.end(), [](const cost::CostCurve& curve) {
    return is_point_to_point(curve.shape.operation) && fabric_class(curve.shape) == FabricClass::intra_node;
  });
}

std::uint32_t CurveChooser::most_ranks(FabricClass where, Operation operation) const {
  std::uint32_t most = 0;
  for (const cost::CostCurve& curve : model_.curves) {
    if (curve.shape.operation == operation && fabric_class(curve.shape) == where) {
      most = std::max(most, curve.shape.group.ranks);
    }
  }
  return most;
}

std::optional<Answer> CurveChooser::answer_on(FabricClass wanted, const Message& message) const {
  for (const Operation operation : usable_operations(message.operation)) {
    Curves candidates = of_best_fabric(model_, operation, wanted, message.placed);
    drop_unseeing_if_others(candidates, message.payload);
    if (!candidates.empty()) {
      const Family family = best_family(candidates, message);
      Answer answer = read(family, message);
      scale_to_ranks_per_node(answer, message);
      answer.remarks = remarks_on(answer, message);
      if (std::string remark = remark_on_software(family, candidates); !remark.empty()) {
        answer.remarks.push_back(std::move(remark));
      }
      return answer;
    }
  }
  return std::nullopt;
}

Answer CurveChooser::answer(const Message& message) const {
  const FabricClass wanted = fabric_class(message.placed);
  if (auto measured = answer_on(wanted, message)) {
    return *std::move(measured);
  }
  if (wanted == FabricClass::inter_node && line_rate_) {
    Answer answer;
    answer.estimate = line_rate_->at(message.operation, message.placed, message.payload);
    answer.remarks = {answer.estimate.remark};
    return answer;
  }
  auto substitute = answer_on(other(wanted), message);
  if (!substitute) {
    refuse_missing(model_, message, wanted);
  }
  if (strict_) {
    refuse_substitute(model_, message, wanted, *substitute);
  }
  substitute->substituted = true;
  substitute->remarks.insert(substitute->remarks.begin(),
                             fmt::format("SUBSTITUTED: placed {}, measured {}", where(wanted), where(other(wanted))));
  return *std::move(substitute);
}

}  // namespace hockney::predict
