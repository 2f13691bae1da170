#include "commands/fit/plot_fit.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <vector>

#include "base/error.hpp"
#include "render/plot/gnuplot.hpp"
#include "views/cost_curves.hpp"

namespace hockney::commands {
namespace {

bool matches(const cost::CostCurve& curve, const std::string& filter) {
  return curve.name().find(filter) != std::string::npos || curve.machine.find(filter) != std::string::npos;
}

}  // namespace

void add_plot_options(CLI::App& command, FitPlot& plot) {
  command
      .add_option("--plot", plot.file,
                  "Draw the curves here with gnuplot, data, segments and residuals: those of one operation on top of "
                  "each other")
      ->type_name("FILE.svg|FILE.png");
  command.add_option("--curve", plot.filter, "With --plot: only curves whose name or machine holds this text")
      ->type_name("TEXT");
}

void require_plottable(const FitPlot& plot) {
  if (!plot.file.empty()) {
    render::format_of(plot.file);
  } else if (!plot.filter.empty()) {
    throw InputError("--curve chooses what --plot draws; expected --plot FILE.svg|FILE.png too");
  }
}

void draw_fit(const cost::CostModel& model, const FitPlot& plot) {
  if (plot.file.empty()) {
    return;
  }
  std::vector<const cost::CostCurve*> chosen;
  for (const cost::CostCurve& curve : model.curves) {
    if (matches(curve, plot.filter)) {
      chosen.push_back(&curve);
    }
  }
  if (chosen.empty()) {
    throw InputError(fmt::format("--curve '{}': none of {} curves has this in its name, such as '{}'", plot.filter,
                                 model.curves.size(), model.curves.front().name()));
  }
  if (chosen.size() > views::most_curves) {
    throw InputError(fmt::format("--plot: {} curves, and a page holds {}; choose with --curve TEXT", chosen.size(),
                                 views::most_curves));
  }
  render::write_figure(views::cost_curves(chosen), plot.file);
}

}  // namespace hockney::commands
