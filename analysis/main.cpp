#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/names.hpp"
#include "commands/commands.hpp"
#include "commands/predict/ways.hpp"

namespace {

int run(int argc, char** argv) {
  CLI::App app{
      "hockney: fit what hockney-bench measured (or another program logged), and predict from it what tensor, "
      "pipeline and data parallelism cost a training step.",
      "hockney"};
  app.set_version_flag("--version", HOCKNEY_VERSION);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 something broke, 2 bad input, 3 a regression was found.");
  hockney::commands::add_show(app);
  hockney::commands::add_import(app);
  hockney::commands::add_fit(app);
  hockney::commands::add_predict(app);
  hockney::commands::add_plan(app);
  hockney::commands::add_simulate(app);
  hockney::commands::add_compare(app);
  hockney::commands::add_report(app);
  hockney::commands::add_exam(app);
  hockney::commands::add_export(app);
  hockney::commands::add_reference(app);
  hockney::commands::add_repair(app);
  hockney::commands::add_merge(app);
  try {
    std::vector<std::string> arguments = hockney::commands::with_way_to_predict({argv + 1, argv + argc});
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants a vector
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
      return app.exit(error);  // help or version, asked for
    }
    const std::string_view first = argc > 1 ? argv[1] : "";
    std::vector<std::string_view> commands;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
      commands.push_back(command->get_name());  // a reference into the command
    }
    if (!first.empty() && first.front() != '-' &&
        std::find(commands.begin(), commands.end(), first) == commands.end()) {
      throw hockney::InputError(hockney::unknown_name("command", first, commands));
    }
    throw hockney::InputError(std::string(error.what()) + " (see hockney --help)");
  }
  return static_cast<int>(hockney::ExitCode::success);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const hockney::commands::RegressionFound&) {
    return static_cast<int>(hockney::ExitCode::regression);
  } catch (const hockney::InputError& error) {
    std::fprintf(stderr, "hockney: %s\n", error.what());
    return static_cast<int>(hockney::ExitCode::bad_input);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hockney: %s\n", error.what());
    return static_cast<int>(hockney::ExitCode::failure);
  }
}
