#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "commands/commands.hpp"
#include "errors/error.hpp"

namespace {

int run(int argc, char** argv) {
  CLI::App app{
      "hockney: fit what hockney-bench measured (or another program logged), and predict from it what tensor, "
      "pipeline and data parallelism cost a training step.",
      "hockney"};
  app.set_version_flag("--version", HOCKNEY_VERSION);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 something broke, 2 bad input, 3 regression found.");
  hockney::add_show(app);
  hockney::add_import(app);
  hockney::add_fit(app);
  hockney::add_predict(app);
  hockney::add_repair(app);
  hockney::add_merge(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for_help = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    app.exit(error);
    return static_cast<int>(asked_for_help ? hockney::ExitCode::success : hockney::ExitCode::bad_input);
  }
  return static_cast<int>(hockney::ExitCode::success);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const hockney::InputError& error) {
    std::fprintf(stderr, "hockney: %s\n", error.what());
    return static_cast<int>(hockney::ExitCode::bad_input);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hockney: %s\n", error.what());
    return static_cast<int>(hockney::ExitCode::failure);
  }
}
