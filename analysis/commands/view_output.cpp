#include "commands/view_output.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>

namespace hockney::commands {
namespace {

constexpr const char* flag_alone = "true";  // what CLI11 makes of a flag of type text without a value

void print_text(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

ViewFlags add_view_flags(CLI::App& command, ViewOutput& output) {
  CLI::Option* json = command.add_flag("--json", output.json, "Everything as JSON, unrounded and in SI units");
  CLI::Option* csv = command.add_flag("--csv", output.csv, "The main table as CSV, likewise; --csv=TABLE for another");
  return {json->excludes(csv), csv};
}

void print_beside(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    fmt::print(stderr, "hockney: {}\n", line);
  }
}

void print(const render::View& view, const ViewOutput& output) {
  if (output.json) {
    print_text(to_json(view));
  } else if (!output.csv.empty()) {
    print_text(to_csv(view, output.csv == flag_alone ? "" : output.csv));
    print_beside(view.warnings);
    print_beside(view.notes);
  } else {
    print_text(to_text(view));
  }
}

}  // namespace hockney::commands
