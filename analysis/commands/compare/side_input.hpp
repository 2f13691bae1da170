#pragma once

#include <optional>
#include <string>

#include "compare/side.hpp"
#include "cost/cost_model.hpp"
#include "platform/platform.hpp"

namespace CLI {
class App;
}

namespace hockney::commands {

/// What a command line says of one side of a comparison, and what that side holds.
struct SideInput {
  char letter = 'A';
  std::string given{};     ///< a campaign, a cost model (*.json) or reference:NAME
  std::string machine{};   ///< --machine-a: of several
  std::string platform{};  ///< --platform-a; empty: the one that the machine is named after

  /// --machine-a and --platform-a, or -b.
  void add_to(CLI::App& command);

  /// "--price-a".
  std::string flag(const std::string& name) const;

  /// Its curves. Throws InputError when there are none.
  compare::Side side() const;

  /// Its fitted curves, to predict from: of a campaign, what `hockney fit` makes of it.
  cost::CostModel cost_model() const;

  std::optional<platform::Platform> platform_of(const std::string& its_machine) const;
};

}  // namespace hockney::commands
