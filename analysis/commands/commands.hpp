#pragma once

#include <exception>

namespace CLI {
class App;
}

namespace hockney::commands {

/// Thrown by a callback that did its work, printed what became slower, and was asked to end with ExitCode::regression.
class RegressionFound : public std::exception {
 public:
  const char* what() const noexcept override { return "a regression was found"; }
};

// Each adds one subcommand with its help text, options and callback to the program. A callback returns normally on
// success and throws InputError (exit code 2) or Failure (exit code 1); main() has the only catch.

void add_show(CLI::App& app);       ///< print what a launch file or campaign folder holds
void add_repair(CLI::App& app);     ///< recover the committed points of a .h5.part
void add_merge(CLI::App& app);      ///< one HDF5 file from the launches of a campaign
void add_import(CLI::App& app);     ///< other programs' logs into a campaign
void add_fit(CLI::App& app);        ///< campaign to cost model
void add_reference(CLI::App& app);  ///< the published figures that come with Hockney
void add_predict(CLI::App& app);    ///< cost model, GPU and model shape to seconds per training step
void add_plan(CLI::App& app);       ///< the best mappings of a model
void add_simulate(CLI::App& app);   ///< operations at the same time on the same NICs
void add_compare(CLI::App& app);    ///< two systems, or the fabrics of one, point by point
void add_report(CLI::App& app);     ///< campaigns as one HTML file
void add_exam(CLI::App& app);       ///< the models against what was published
void add_export(CLI::App& app);     ///< cost model to the files of other planners

}  // namespace hockney::commands
