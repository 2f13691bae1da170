#include "predict/network/curve_family.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

#include "predict/network/sharing.hpp"
#include "record/software.hpp"

namespace hockney::predict {
namespace {

double bytes_s(const cost::AlphaBeta& segment, Bytes size) {
  return segment.beta_s_per_byte * static_cast<double>(size.count);
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

void drop_forced_if_others(Curves& curves) {
  const auto is_forced = [](const cost::CostCurve* curve) { return is_network_forced(curve->shape); };
  if (!std::all_of(curves.begin(), curves.end(), is_forced)) {
    std::erase_if(curves, is_forced);
  }
}

Curves of_best_fabric(const cost::CostModel& model, Operation operation, FabricClass wanted,
                      const PlacedGroup& placed) {
  Curves found;
  for (const cost::CostCurve& curve : model.curves) {
    if (curve.shape.operation == operation && fabric_class(curve.shape) == wanted && !curve.segments.empty()) {
      found.push_back(&curve);
    }
  }
  if (placed.crosses_nodes()) {
    drop_forced_if_others(found);
  }
  const auto by_fabric = [](const cost::CostCurve* a, const cost::CostCurve* b) {
    return speed_place(a->shape.fabric) < speed_place(b->shape.fabric);
  };
  const auto best = std::min_element(found.begin(), found.end(), by_fabric);
  if (best != found.end()) {
    const Fabric fabric = (*best)->shape.fabric;
    std::erase_if(found, [fabric](const cost::CostCurve* curve) { return curve->shape.fabric != fabric; });
  }
  return found;
}

void drop_unseeing_if_others(Curves& curves, Bytes payload) {
  const auto is_unseeing = [size = static_cast<double>(payload.count)](const cost::CostCurve* curve) {
    return !seen_payloads(*curve).hold(size);
  };
  if (!std::all_of(curves.begin(), curves.end(), is_unseeing)) {
    std::erase_if(curves, is_unseeing);
  }
}

// Everything that curves of one family share. Inside a node the ranks per node are the ranks themselves; the number of
// operations behind a collective's sample follows from its time.
auto family_key(const cost::CostCurve& curve) {
  const Case& shape = curve.shape;
  const bool by_itself = is_point_to_point(shape.operation);
  return std::tuple(by_itself ? shape.group.ranks : 0, shape.group.nodes() > 1 ? shape.group.ranks_per_node : 0,
                    shape.group.stride, shape.group.first, shape.group.concurrent, shape.transport, shape.mode,
                    shape.reduction(), shape.buffers, shape.cache, shape.routing(), shape.in_place, shape.native,
                    shape.algorithm, shape.protocol, shape.element, shape.micro_batches(),
                    by_itself ? shape.operations_per_sample : 0, curve.machine, curve.source, shape.software);
}

struct Newest {
  std::string software;

  friend bool operator<(const Newest& a, const Newest& b) { return is_preferred_software(a.software, b.software); }
};

std::int64_t points_of(const Family& family) {
  return std::accumulate(family.curves.begin(), family.curves.end(), std::int64_t{0},
                         [](std::int64_t sum, auto* curve) { return sum + std::ssize(curve->points); });
}

// |log2| of the groups that ran at once over those that do, where that is known.
double load_mismatch(const Case& shape, const PlacedGroup& placed) {
  const auto groups = groups_at_once(shape);
  return groups && placed.crosses_nodes() ? std::abs(std::log2(static_cast<double>(*groups) / placed.at_once)) : 0;
}

auto preference(const Family& family, const Message& message) {
  const cost::CostCurve& first = *family.curves.front();
  const Case& shape = first.shape;
  const bool point_to_point = is_point_to_point(message.operation);
  return std::tuple(ranks_per_node_mismatch(shape, message.placed), reach_of(family, message),
                    mode_place(shape.mode, point_to_point), shape.reduction(), shape.buffers, shape.cache,
                    shape.routing(), shape.in_place, shape.native, !shape.algorithm.empty() || !shape.protocol.empty(),
                    message.placed.is_shared() != (shape.group.concurrent > 1), load_mismatch(shape, message.placed),
                    shape.group.concurrent, shape.group.stride != message.placed.group.stride, shape.group.first,
                    point_to_point ? -static_cast<std::int64_t>(shape.group.ranks) : 0,
                    transport_place(shape.transport), size_of(shape.element), -points_of(family),
                    Newest{shape.software}, first.name(), first.machine, first.source);
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

// Whether two curves differ in nothing but what `make_alike` gives the first shape of the second.
template <class MakeAlike>
bool differ_only_by(const cost::CostCurve& curve, const cost::CostCurve& other, MakeAlike make_alike) {
  cost::CostCurve alike;
  alike.shape = curve.shape;
  alike.machine = curve.machine;
  alike.source = curve.source;
  make_alike(alike.shape, other.shape);
  return family_key(alike) == family_key(other);
}

std::set<std::string> other_software(const Family& chosen, const Curves& candidates) {
  const cost::CostCurve& taken = *chosen.curves.front();
  std::set<std::string> others;
  for (const cost::CostCurve* curve : candidates) {
    if (curve->shape.software != taken.shape.software &&
        differ_only_by(*curve, taken, [](Case& shape, const Case& like) { shape.software = like.software; })) {
      others.insert(curve->shape.software);
    }
  }
  return others;
}

// Where every rank has a node of its own, the stride tells the ranks of a node, and nothing of the way between nodes.
void load_like(Case& shape, const Case& like) {
  shape.group.concurrent = like.group.concurrent;
  shape.group.stride = like.group.ranks_per_node == 1 ? like.group.stride : shape.group.stride;
}

// One group alone has the stride of those that run at once, or nodes with no other ranks; else it is on another rail.
bool is_beside(const cost::CostCurve& curve, const Curves& others) {
  const Group& group = curve.shape.group;
  return group.concurrent > 1 || group.stride == 1 ||
         std::any_of(others.begin(), others.end(), [&group](const cost::CostCurve* other) {
           return other->shape.group.concurrent > 1 && other->shape.group.stride == group.stride;
         });
}

Curves loads_of(const Family& chosen, const Curves& candidates, const Message& message) {
  const cost::CostCurve& taken = *chosen.curves.front();
  const std::uint32_t ranks =
      is_point_to_point(message.operation) ? taken.shape.group.ranks : message.placed.group.ranks;
  Curves alike;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(alike), [&](const cost::CostCurve* curve) {
    return curve->shape.group.ranks == ranks && groups_at_once(curve->shape) &&
           differ_only_by(*curve, taken, load_like);
  });
  const auto order = [](const cost::CostCurve* curve) {
    const Group& group = curve->shape.group;
    return std::tuple(*groups_at_once(curve->shape), group.concurrent,
                      std::numeric_limits<std::uint32_t>::max() - group.stride);
  };
  Curves loads;
  std::copy_if(alike.begin(), alike.end(), std::back_inserter(loads),
               [&alike](const cost::CostCurve* curve) { return is_beside(*curve, alike); });
  std::sort(loads.begin(), loads.end(), [&order](auto* a, auto* b) { return order(a) < order(b); });
  loads.erase(std::unique(loads.begin(), loads.end(),
                          [](auto* a, auto* b) { return groups_at_once(a->shape) == groups_at_once(b->shape); }),
              loads.end());
  return loads;
}

}  // namespace

std::vector<Operation> usable_operations(Operation operation) {
  if (is_point_to_point(operation)) {
    return {Operation::pipeline_forward_backward, Operation::pipeline_forward, Operation::one_way_stream,
            Operation::ping_pong};
  }
  return {operation};
}

bool is_network_forced(const Case& shape) { return is_inter_node(shape.fabric) && shape.group.nodes() == 1; }

// Below the smallest size a curve's latency answers, above the largest its bandwidth.
bool knows_latency(const cost::CostCurve& curve) {
  const cost::AlphaBeta& first = curve.segments.front();
  return first.alpha_s >= bytes_s(first, first.from);
}

bool knows_bandwidth(const cost::CostCurve& curve) {
  const cost::AlphaBeta& last = curve.segments.back();
  return bytes_s(last, last.to) >= last.alpha_s;
}

SeenPayloads seen_payloads(const cost::CostCurve& curve) {
  constexpr double far = 4;  // nearer by, a guess from the curve's own end is no worse than one from another curve
  return {knows_latency(curve) ? 0 : static_cast<double>(curve.segments.front().from.count) / far,
          knows_bandwidth(curve) ? std::numeric_limits<double>::infinity()
                                 : static_cast<double>(curve.segments.back().to.count) * far};
}

double ranks_per_node_mismatch(const Case& shape, const PlacedGroup& placed) {
  if (is_point_to_point(shape.operation) || shape.group.nodes() == 1 || !placed.crosses_nodes()) {
    return 0;
  }
  return std::abs(std::log2(static_cast<double>(shape.group.ranks_per_node) / placed.group.ranks_per_node));
}

Reach reach_of(const Family& family, const Message& message) {
  const Curves& curves = family.curves;
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

Curves unplaced_curves(const cost::CostModel& model, Operation operation) {
  const std::vector<Operation> usable = usable_operations(operation);
  Curves found;
  for (const cost::CostCurve& curve : model.curves) {
    if (!curve.shape.group.is_placed() &&
        std::find(usable.begin(), usable.end(), curve.shape.operation) != usable.end()) {
      found.push_back(&curve);
    }
  }
  return found;
}

std::optional<Family> choose_family(const cost::CostModel& model, const Message& message, FabricClass where) {
  for (const Operation operation : usable_operations(message.operation)) {
    Curves candidates = of_best_fabric(model, operation, where, message.placed);
    drop_unseeing_if_others(candidates, message.payload);
    if (!candidates.empty()) {
      Family family = best_family(candidates, message);
      family.other_software = other_software(family, candidates);
      if (message.placed.crosses_nodes()) {
        family.loads = loads_of(family, candidates, message);
      }
      return family;
    }
  }
  return std::nullopt;
}

}  // namespace hockney::predict
