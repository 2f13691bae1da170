#pragma once

#include <string>
#include <vector>

#include "cost/cost_model.hpp"
#include "predict/network/answer.hpp"

namespace hockney::predict {

/// A measured curve predicted without it.
struct HeldOutCurve {
  const cost::CostCurve* curve = nullptr;  ///< owned by the cost model
  Answerer by = Answerer::curve;           ///< who answered
  std::vector<double> errors{};            ///< |predicted / measured - 1| at its measured payloads
  std::uint32_t inside = 0;                ///< of these payloads, those whose measured time lies in the 95 % interval
};

/// Tries what answers where a number of groups at once, or of ranks of an all_to_all between nodes, was not measured:
/// leaves out each curve in turn for which the curves that differ from it in that number only are two or more, and
/// predicts it from these, at its measured payloads inside theirs.
std::vector<HeldOutCurve> hold_out_sharing(const cost::CostModel& model);

}  // namespace hockney::predict
