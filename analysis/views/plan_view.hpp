#pragma once

#include <array>
#include <string>
#include <vector>

#include "predict/search/mapping_search.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// What a search ran on.
struct PlanHead {
  Transformer model;
  predict::SearchSpace space;
  std::string gpu;
  std::string efficiency_origin;
  std::string cost_model;
  std::vector<std::string> warnings;  ///< about the best mapping
};

/// What a search found.
struct Plan {
  predict::SearchResult result;
  std::vector<predict::Ranked> ranked;
  std::array<double, Names<predict::Limit>::table.size()> limits_s{};  ///< seconds_by_limit() of the first
  std::string command;                                                 ///< that predicts the first as a step
};

/// The best mappings with intervals, what limits the first one, and how to predict it as a step: schema "hockney plan"
/// 1.0.0.
render::View plan_view(const PlanHead& head, const Plan& plan);

/// The best mapping of a pair of sizes behind a switch, the same mapping where the node is a mesh of the same links,
/// and the best one there.
struct WithoutSwitch {
  predict::Candidate behind_switch;
  double same_on_mesh_s = 0;
  predict::Candidate on_mesh;
};

/// What a switch is worth: schema "hockney plan mesh" 1.0.0, table "mesh". Facts say what the best mappings of both
/// cost and how many pairs of sizes come near the best: how free one is to choose a mapping.
render::View mesh_view(const PlanHead& head, const std::string& mesh, const std::vector<WithoutSwitch>& rows);

/// The best mapping of every pair of sizes: schema "hockney plan sweep" 1.0.0.
render::View sweep_view(const PlanHead& head, const std::vector<predict::Swept>& swept);

}  // namespace hockney::views
