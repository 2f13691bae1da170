#pragma once

#include <string>
#include <vector>

#include "cost/cost_model.hpp"
#include "record/launch.hpp"

namespace hockney::commands {

/// Curves to predict replayed steps from, and where they come from.
struct CurveSource {
  cost::CostModel model;
  std::string text;  ///< "fitted from launches 1a2b3c4d, 5e6f7a8b, other starts than that of the steps"
};

/// Fits the curves of launches on the same machine: those of another start of hockney-bench; where there are none, the
/// other launch of the same start, which the text says; never those of the launch that holds the steps. Points without
/// a network (emulated, shared_gpu) are admitted where the steps are such themselves. Throws InputError when there is
/// no such launch.
CurveSource curves_for_steps(const std::vector<Launch>& all, const Launch& replayed);

}  // namespace hockney::commands
