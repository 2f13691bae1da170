#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "cost/cost_model.hpp"

namespace hockney::predict {

/// Who answers for a message: the first of these that can.
enum class Answerer {
  node_nics,     ///< what the nodes' NICs bring, stated for this network; between nodes
  sharing,       ///< the law of sharing, where groups run at once, or bytes leave a node, in numbers not measured
  curve,         ///< a curve of the operation at the group's number of ranks
  neighbours,    ///< two such curves, with fewer and with more ranks
  power_law,     ///< the power law through the two such curves with the most ranks
  ring_steps,    ///< ring scaling from the nearest such curve
  related,       ///< a curve of a related operation on the same fabric
  line_rate,     ///< a line rate stated for where curves are missing; between nodes
  other_fabric,  ///< a curve of a fabric of the other class: a substitute
};

struct AnswererNames {
  static constexpr std::string_view what = "answerer";
  static constexpr std::array<NamedValue<Answerer>, 9> table{{{Answerer::node_nics, "node_nics"},
                                                              {Answerer::sharing, "sharing"},
                                                              {Answerer::curve, "curve"},
                                                              {Answerer::neighbours, "neighbours"},
                                                              {Answerer::power_law, "power_law"},
                                                              {Answerer::ring_steps, "ring_steps"},
                                                              {Answerer::related, "related"},
                                                              {Answerer::line_rate, "line_rate"},
                                                              {Answerer::other_fabric, "other_fabric"}}};
};
AnswererNames names_of(Answerer);

/// What a network adds to what a curve or a stated rate says. Each can be left out.
enum class Addition {
  ring_share,  ///< a ring reaches a share of stated NICs (StepConstants::ring_share)
  ring_limit,  ///< a ring between nodes is no faster than the GPU's file says (Gpu::ring_limit_bytes_per_s)
  host_wait,   ///< the host synchronises after a transfer between stages (StepConstants::transfer_wait_s)
  mesh,        ///< a node without a switch (NetworkOptions::mesh): links are shared, or lie idle
};

struct AdditionNames {
  static constexpr std::string_view what = "addition";
  static constexpr std::array<NamedValue<Addition>, 4> table{{{Addition::ring_share, "ring-share"},
                                                              {Addition::ring_limit, "ring-limit"},
                                                              {Addition::host_wait, "host-wait"},
                                                              {Addition::mesh, "mesh"}}};
};
AdditionNames names_of(Addition);

/// An addition and its seconds in one operation.
struct Added {
  Addition what = Addition::host_wait;
  double seconds = 0;
};

/// A curve behind an answer and the segment of it that was read.
struct CurveUse {
  const cost::CostCurve* curve = nullptr;  ///< owned by the CostModel
  std::size_t segment = 0;
};

/// What a network says of one message.
struct Answer {
  Answerer by = Answerer::curve;
  cost::Estimate estimate;       ///< of one operation, additions included
  std::vector<CurveUse> curves;  ///< none for a stated rate, two when interpolated in the number of ranks
  std::vector<Added> additions;  ///< in order of Addition
  std::vector<std::string> remarks;

  bool is_substitute() const { return by == Answerer::other_fabric; }
  bool is_stated() const { return by == Answerer::node_nics || by == Answerer::line_rate; }

  /// Adds seconds to the estimate and says so.
  void add(Addition what, double seconds);
};

/// "800 us of it by host-wait: the host synchronises after a transfer between stages".
std::string describe(const Added& added);

}  // namespace hockney::predict
