#pragma once

#include <string>
#include <vector>

#include "render/view.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace hockney::commands {

/// In which form a command prints its view.
struct ViewOutput {
  bool json = false;
  std::string csv{};  ///< what --csv was given, "true" without a table; empty: no CSV

  bool is_text() const { return !json && csv.empty(); }
};

/// The flags --json and --csv of a command that prints a view; they exclude each other.
struct ViewFlags {
  CLI::Option* json;
  CLI::Option* csv;
};
ViewFlags add_view_flags(CLI::App& command, ViewOutput& output);

/// Prints lines to stderr, each behind the program's name.
void print_beside(const std::vector<std::string>& lines);

/// Prints a view to stdout. CSV has no room for warnings and notes: they go to stderr.
/// Throws InputError when the view has no table of the name that --csv gives.
void print(const render::View& view, const ViewOutput& output);

}  // namespace hockney::commands
