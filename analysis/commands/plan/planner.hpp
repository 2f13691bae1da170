#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/plan/plot_plan.hpp"
#include "commands/predict/step_inputs.hpp"
#include "predict/search/mapping_search.hpp"
#include "workload/transformer.hpp"

namespace hockney::commands {

/// What `hockney plan` was asked.
struct PlanOptions {
  StepFlags step;
  std::string model;
  std::int64_t gpus = 0;
  std::int64_t gpus_per_node = 8;
  std::int64_t global_batch = 0;
  std::int64_t context = 1;
  std::int64_t gradient_bytes = 4;
  std::int64_t best = 10;
  std::string memory;
  std::vector<std::string> sweeps;
  std::string plot;
  bool flash_attention = false;
  bool overlap_gradients = false;
  bool overlap_transfers = false;
  bool csv = false;
};

/// Everything that a search reads, kept alive together.
struct Planner {
  /// Throws InputError that names the flag or the file.
  explicit Planner(const PlanOptions& options);

  Transformer model;
  cost::CostModel cost;
  GpuSteps steps;
  const predict::StepModel& step;
  predict::SearchSpace space;
  predict::StepNetwork& network;
};

/// The fastest mapping that fits of one pair of sizes.
struct Swept {
  OverheadPoint point;
  std::optional<predict::Candidate> best;
};

/// One search per pair of tensor and pipeline parallel sizes, those of --sweep or 1, 2, 4, ..., 64.
std::vector<Swept> sweep(Planner& planner);

}  // namespace hockney::commands
