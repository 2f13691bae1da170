#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands/compare/side_input.hpp"
#include "commands/predict/mapping_flags.hpp"
#include "compare/price.hpp"
#include "predict/step/step_prediction.hpp"
#include "render/view.hpp"

namespace CLI {
class App;
class Option;
}

namespace hockney::commands {

/// The flags of `hockney compare` for training runs and money.
struct RunFlags {
  std::string model;
  MappingFlags mapping;
  std::string gpu_a;
  std::string gpu_b;
  std::string node_nic_a;
  std::string node_nic_b;
  std::string price_a;
  std::string price_b;
  double tokens = 0;
  double nodes = 0;
  double years = 3;
  double budget = 0;
  CLI::Option* gpus_per_node = nullptr;

  /// --model with the flags of a mapping, --tokens, --gpu-a, --node-nic-a, --price-a, --nodes, --years, --budget.
  void add_to(CLI::App& command);

  bool asks_for_runs() const { return !model.empty(); }
  bool asks_for_prices() const { return nodes > 0; }

  /// Throws InputError for prices that nothing would be made of.
  void require_use_of_prices() const;

  /// Tables of prices of clusters of `nodes` nodes, without any measurement.
  render::View prices_view(const SideInput& a, const SideInput& b) const;

  /// Predicts the step on both sides and puts its table in front of the view's, its warnings with the view's.
  void add_runs(render::View& view, const SideInput& a, const std::optional<platform::Platform>& platform_a,
                const SideInput& b, const std::optional<platform::Platform>& platform_b) const;
};

}  // namespace hockney::commands
