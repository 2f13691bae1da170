#pragma once

#include <filesystem>
#include <string>

#include "cost/cost_model.hpp"

namespace CLI {
class App;
}

namespace hockney::commands {

/// What `hockney fit` draws, and where to.
struct FitPlot {
  std::filesystem::path file{};  ///< .svg or .png; empty: nothing is drawn
  std::string filter{};          ///< only curves whose name or machine holds this text; empty: all
};

/// Adds --plot and --curve to a command.
void add_plot_options(CLI::App& command, FitPlot& plot);

/// Throws InputError when a filter is given without a file, or a file whose name ends in something else. To be called
/// before the fit, so that no work is lost to a typing error.
void require_plottable(const FitPlot& plot);

/// Draws the chosen curves of a model into the file; does nothing without one. Throws InputError when no curve matches
/// the filter or too many do, and as render::write_figure() does.
void draw_fit(const cost::CostModel& model, const FitPlot& plot);

}  // namespace hockney::commands
