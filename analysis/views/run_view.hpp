#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compare/price.hpp"
#include "predict/step/step_prediction.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// One side of a comparison of training runs.
struct ComparedRun {
  std::string side;  ///< "A"
  std::string name;  ///< what the user calls it
  const predict::StepPrediction* step = nullptr;
  std::optional<compare::Price> price{};
};

/// Table "runs": per side the predicted step, and where `tokens` is above 0 the time of a run over them; with a price
/// what it costs. Intervals are those of the step, 95 %. Remarks say how the steps compare; a run is whole steps,
/// without restarts, evaluation and checkpoints.
render::Table run_table(std::span<const ComparedRun> runs, double tokens);

/// The warnings of the predictions, each beginning with its side.
std::vector<std::string> run_warnings(std::span<const ComparedRun> runs);

/// What a cluster costs on one side.
struct PricedCluster {
  std::string side;
  compare::Price price;
  double nodes = 0;
};

/// What prices of clusters are to be shown for.
struct PriceQuestion {
  double years = 3;       ///< over which a cluster is kept
  double budget_usd = 0;  ///< 0: no question
};

/// Table "prices": per side what the cluster costs to buy, by the hour, over some years, and how many of it a budget
/// pays for (to buy, or to rent for these years).
render::Table price_table(std::span<const PricedCluster> clusters, const PriceQuestion& question);

}  // namespace hockney::views
