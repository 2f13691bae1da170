#include "commands/plot_fit.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <vector>

#include "errors/error.hpp"
#include "plot/cost_curves.hpp"
#include "plot/gnuplot.hpp"

namespace hockney {
namespace {

bool matches(const CostCurve& curve, const std::string& filter) {
  return curve.name().find(filter) != std::string::npos || curve.machine.find(filter) != std::string::npos;
}

}  // namespace

void add_plot_options(CLI::App& command, FitPlot& plot) {
  command
      .add_option("--plot", plot.file,
                  "Draw the curves here with gnuplot, data, segments and residuals: one panel per curve")
      ->type_name("FILE.svg|FILE.png");
  command.add_option("--curve", plot.filter, "With --plot: only curves whose name or machine holds this text")
      ->type_name("TEXT");
}

void require_plottable(const FitPlot& plot) {
  if (!plot.file.empty()) {
    plot::format_of(plot.file);
  } else if (!plot.filter.empty()) {
    throw InputError("--curve chooses what --plot draws; expected --plot FILE.svg|FILE.png too");
  }
}

void draw_fit(const CostModel& model, const FitPlot& plot) {
  if (plot.file.empty()) {
    return;
  }
  std::vector<const CostCurve*> chosen;
  for (const CostCurve& curve : model.curves) {
    if (matches(curve, plot.filter)) {
      chosen.push_back(&curve);
    }
  }
  if (chosen.empty()) {
    throw InputError(fmt::format("--curve '{}': none of {} curves has this in its name, such as '{}'", plot.filter,
                                 model.curves.size(), model.curves.front().name()));
  }
  if (chosen.size() > plot::most_curves) {
    throw InputError(fmt::format("--plot: {} curves, and a page holds {}; choose with --curve TEXT", chosen.size(),
                                 plot::most_curves));
  }
  plot::write_figure(plot::cost_curves(chosen), plot.file);
}

}  // namespace hockney
