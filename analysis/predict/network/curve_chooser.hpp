#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cost/cost_model.hpp"
#include "predict/network/line_rate.hpp"
#include "workload/messages.hpp"

namespace hockney::predict {

/// Whether a group lies inside a node or crosses nodes.
enum class FabricClass { intra_node, inter_node };

struct FabricClassNames {
  static constexpr std::string_view what = "fabric class";
  static constexpr std::array<NamedValue<FabricClass>, 2> table{
      {{FabricClass::intra_node, "intra_node"}, {FabricClass::inter_node, "inter_node"}}};
};
FabricClassNames names_of(FabricClass);

/// The class that a curve was measured on: its fabric's; where the fabric is unknown, inter_node if its group spans
/// more than one node.
FabricClass fabric_class(const Case& shape);

/// The class that a placed group needs.
FabricClass fabric_class(const PlacedGroup& placed);

/// A curve behind an answer and the segment of it that was read.
struct CurveUse {
  const cost::CostCurve* curve = nullptr;  ///< owned by the CostModel
  std::size_t segment = 0;
};

/// What the cost model says of one message.
struct Answer {
  cost::Estimate estimate;       ///< of one operation
  std::vector<CurveUse> curves;  ///< none for a line rate, two when interpolated in the number of ranks
  bool substituted = false;      ///< answered by a fabric of the other class
  std::vector<std::string> remarks;

  bool from_line_rate() const { return estimate.basis == cost::IntervalBasis::line_rate && curves.empty(); }
};

/// Payloads in bytes of which a curve can tell; outside it answers only where no other does.
struct SeenPayloads {
  double from = 0;  ///< a quarter of its smallest size, or 0 where that tells the latency
  double to = 0;    ///< four times its largest, or infinity where that tells the bandwidth

  bool hold(double payload) const { return from <= payload && payload <= to; }
};

/// A size tells the latency where it makes up half of its time, else the bandwidth: from the other side of Hockney's
/// n_1/2 = alpha / beta.
SeenPayloads seen_payloads(const cost::CostCurve& curve);

/// Picks the curves of a cost model that answer for messages. The rules, in this order:
///
/// 1. Fabric class: that of the placement. If no usable curve has it, a group that crosses nodes is answered by the
///    line rate where one is stated; else the other class answers, marked substituted; under `strict` it is refused.
/// 2. Operation: collectives by themselves. A transfer between stages by pipeline_forward_backward, else
///    pipeline_forward, else one_way_stream, else ping_pong; any number of ranks will do for these.
/// 3. Fabric: nvswitch, nvlink, pcie, host_memory; infiniband, roce, efa, tcp; last the unknown one of the class. The
///    best fabric that is there answers alone. A group that crosses nodes is answered by curves that a network was
///    forced for within one node only where there are no others; such a curve gets a remark.
/// 4. Size: curves that know nothing of the payload answer only where there are no others (remark): measured from more
///    than four times the payload on, at which their latency took less than half of the time, or up to less than a
///    quarter of it, at which their bytes did (from beyond n_1/2 = alpha / beta; Hockney 1994).
/// 5. Ranks per node, where group and curve cross nodes: equal, else the nearest ratio, with a remark; then the part of
///    the time that grows with the payload is scaled by the NICs (one per rank) that the group's bytes leave a node
///    through.
/// 6. Ranks: equal; else between two measured counts (interpolate_ranks()); else beyond the largest by the power law
///    through the two largest counts, where three were measured and it erred less than ring steps (hold_out_ranks());
///    else by ring steps from the nearest (extrapolate_ranks()). Curves are interpolated only when they differ in
///    nothing but their ranks.
/// 7. Mode: collectives block the critical path, so isolated, host, graph, stream; transfers stream, graph, isolated,
///    host. A collective's graph and stream curves get a remark.
/// 8. Sum before other reductions (remark); plain buffers before other kinds (remark); buffers that stay in the cache
///    before rotating ones (remark); out of place before in place (remark); the library's choice before a pinned
///    algorithm or protocol (remark); many groups at once where the message's group shares its node with others of its
///    kind, else few (remark for many); the asked stride before others; the longest chain; nccl, imported, mpi,
///    scripted; smaller elements first; of curves that differ in their software only the most points, then the
///    latest versions (remark); then the order of names and machines, so that the answer never depends on the
///    order of the file.
///
/// Curves of a single rank never answer: no fabric took part.
///
/// Keeps references: model must outlive the chooser and its answers.
class CurveChooser {
 public:
  CurveChooser(const cost::CostModel& model, std::optional<LineRate> line_rate, bool strict);

  /// Throws InputError when nothing can answer, naming what is missing and how to get it, and under `strict` when only
  /// a substitute could.
  Answer answer(const Message& message) const;

  /// Whether some curve times a transfer between ranks of one node.
  bool has_transfers_inside_nodes() const;

  /// The most ranks of a curve of `operation` on fabrics of a class; 0 without one.
  std::uint32_t most_ranks(FabricClass where, Operation operation) const;

 private:
  std::optional<Answer> answer_on(FabricClass wanted, const Message& message) const;

  const cost::CostModel& model_;
  std::optional<LineRate> line_rate_;
  bool strict_;
};

}  // namespace hockney::predict
