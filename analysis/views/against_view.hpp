#pragma once

#include <span>
#include <string>
#include <vector>

#include "predict/score/against.hpp"
#include "record/launch.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// The replayed steps of one launch beside their predictions.
struct ComparedLaunch {
  LaunchInfo info;
  std::string short_id;
  std::string curves;  ///< where the curves come from
  std::vector<predict::StepComparison> steps;
};

/// Measured and predicted communication of every step with 95 % intervals, then median and 95th percentile of
/// |predicted / measured - 1| by kind of step: schema "hockney step comparison" 1.1.0.
render::View against_view(std::span<const ComparedLaunch> launches);

/// The same for CSV: the tables "steps", each row with its launch, and "errors".
render::View against_tables(std::span<const ComparedLaunch> launches);

}  // namespace hockney::views
