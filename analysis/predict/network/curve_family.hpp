#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cost/cost_model.hpp"
#include "predict/network/fabric_class.hpp"
#include "workload/messages.hpp"

namespace hockney::predict {

/// Curves of a cost model, which owns them.
using Curves = std::vector<const cost::CostCurve*>;

/// Curves that differ in their number of ranks only, ascending in it; at least one.
struct Family {
  Curves curves;
  Curves loads{};  ///< at the message's ranks between nodes: those that differ from the one of `curves` in how many
                   ///< groups ran at once on the same nodes, and itself, ascending in that number (groups_at_once())
  std::set<std::string> other_software{};  ///< of curves that could answer and differ from these in nothing else
};

/// How a family reaches the ranks of a message: a curve has them, they lie between two curves, or beyond all.
enum class Reach { exact, between, beyond };

/// Transfers are of two ranks whatever the curve's chain: exact.
Reach reach_of(const Family& family, const Message& message);

/// Picks the curves of a cost model that tell of a message on a class of fabrics; nothing where none does. The rules,
/// in this order:
///
/// 1. Operation: collectives by themselves. A transfer between stages by the first of usable_operations() that has
///    curves; any number of ranks will do for these.
/// 2. Fabric: the fastest kind that is there (fastest_fabrics_first) answers alone. A group that crosses nodes is
///    answered by curves that a network was forced for within one node only where there are no others.
/// 3. Size: curves that know nothing of the payload (seen_payloads()) answer only where there are no others.
/// 4. Ranks per node, where group and curve cross nodes: equal, else the nearest ratio.
/// 5. Ranks: equal, else between two measured counts, else beyond.
/// 6. Mode: collectives block the critical path, so isolated, host, graph, stream; transfers stream, graph, isolated,
///    host.
/// 7. Sum before other reductions; plain buffers before other kinds; buffers that stay in the cache before rotating
///    ones; out of place before in place; the library's choice before a pinned algorithm or protocol; many groups at
///    once where the message's group shares its node with others of its kind, else few, and nearest to their number
///    where that is known (groups_at_once()); the asked stride before others;
///    the longest chain; nccl, imported, mpi, scripted; smaller elements first; of curves that differ in their
///    software only the most points, then the latest versions, then the fewest settings; then the order of names and
///    machines, so that the answer never depends on the order of the file.
///
/// Curves without a fabric_class() never answer.
std::optional<Family> choose_family(const cost::CostModel& model, const Message& message, FabricClass where);

/// Curves of the operations that answer for one, which would, if it were known on how many nodes their ranks were.
Curves unplaced_curves(const cost::CostModel& model, Operation operation);

/// Operations whose curves answer for an operation, best first: itself; for a transfer pipeline_forward_backward,
/// pipeline_forward, one_way_stream, ping_pong.
std::vector<Operation> usable_operations(Operation operation);

/// Payloads in bytes of which a curve can tell; outside it answers only where no other does.
struct SeenPayloads {
  double from = 0;  ///< a quarter of its smallest size, or 0 where that tells the latency
  double to = 0;    ///< four times its largest, or infinity where that tells the bandwidth

  bool hold(double payload) const { return from <= payload && payload <= to; }
};

/// A size tells the latency where it makes up half of its time, else the bandwidth: from the other side of Hockney's
/// n_1/2 = alpha / beta (Hockney 1994).
SeenPayloads seen_payloads(const cost::CostCurve& curve);

/// Whether the smallest size of a curve tells the latency, and its largest the bandwidth.
bool knows_latency(const cost::CostCurve& curve);
bool knows_bandwidth(const cost::CostCurve& curve);

/// Whether a network was forced for ranks of one node.
bool is_network_forced(const Case& shape);

/// |log2| of a curve's ranks per node over those of a group, where both cross nodes and it matters; else 0.
double ranks_per_node_mismatch(const Case& shape, const PlacedGroup& placed);

}  // namespace hockney::predict
