#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/shipped.hpp"
#include "commands/commands.hpp"
#include "commands/compare/run_flags.hpp"
#include "commands/compare/side_input.hpp"
#include "commands/flag_value.hpp"
#include "commands/reference/reference_library.hpp"
#include "commands/view_output.hpp"
#include "compare/comparison.hpp"
#include "views/comparison_view.hpp"

namespace hockney::commands {
namespace {

namespace fs = std::filesystem;

struct CompareOptions {
  SideInput a{.letter = 'A'};
  SideInput b{.letter = 'B'};
  RunFlags runs;
  std::string margin{"2%"};
  bool gate = false;
  bool fabrics = false;
  bool platforms = false;
  ViewOutput output;
};

fs::path platform_folder() { return shipped_folder() / "platforms"; }

double margin_of(const CompareOptions& options) {
  const double margin = flag_value("--margin", options.margin, parse_fraction);
  if (!(margin > 0) || margin >= 1) {
    throw InputError(fmt::format("--margin {}: expected more than 0 % and less than 100 %", options.margin));
  }
  return margin;
}

void require_points(const compare::Comparison& comparison) {
  if (comparison.curves.empty()) {
    print_beside(comparison.notes);
    throw InputError(fmt::format("{} and {}: no operation, group, mode and payload in common", comparison.name_a,
                                 comparison.name_b));
  }
}

std::string passed_text(const compare::Comparison& comparison) {
  using compare::Verdict;
  return fmt::format("nothing is slower: {} points equivalent, {} faster, {} inconclusive, {} without spread",
                     count(comparison, Verdict::equivalent), count(comparison, Verdict::b_faster),
                     count(comparison, Verdict::inconclusive), count(comparison, Verdict::no_spread));
}

void pass_gate(const CompareOptions& options, const compare::Comparison& comparison,
               const views::ComparedPlatforms& platforms) {
  if (!has_verdicts(comparison)) {
    throw InputError(fmt::format("--gate: {} and {} need two launches or more each, which measured the same points",
                                 comparison.name_a, comparison.name_b));
  }
  const render::View view = views::regressions_view(comparison, platforms);
  print_beside(comparison.notes);
  if (count(comparison, compare::Verdict::a_faster) > 0) {
    print(view, options.output);
    throw RegressionFound();
  }
  print_beside(view.warnings);
  print_beside({passed_text(comparison)});
  if (options.output.json) {
    print(view, options.output);
  }
}

compare::Comparison read_and_compare(const CompareOptions& options) {
  const double margin = margin_of(options);
  const compare::Side a = options.a.side();
  const bool is_same = options.a.given == options.b.given && options.a.machine == options.b.machine;
  if (options.runs.asks_for_runs() && is_same) {
    return {.name_a = a.name,
            .name_b = a.name,
            .machine_a = a.machine,
            .machine_b = a.machine,
            .margin = margin,
            .notes = {"A and B are the same measurements: no points beside"}};
  }
  return options.fabrics ? compare_fabrics(a, margin) : compare_systems(a, options.b.side(), margin);
}

void require_sides(const CompareOptions& options) {
  if (options.a.given.empty() || (options.b.given.empty() && !options.fabrics)) {
    throw InputError("compare: name two campaigns, cost models or reference:NAME; or one with --fabrics");
  }
  if (!options.b.given.empty() && options.fabrics) {
    throw InputError("--fabrics compares the fabrics of one system: expected no second one");
  }
}

void compare_sides(const CompareOptions& options) {
  const compare::Comparison comparison = read_and_compare(options);
  if (!options.runs.asks_for_runs()) {
    require_points(comparison);
  }
  const SideInput& other = options.fabrics ? options.a : options.b;
  const views::ComparedPlatforms platforms{options.a.platform_of(comparison.machine_a),
                                           other.platform_of(comparison.machine_b)};
  if (options.gate) {
    pass_gate(options, comparison, platforms);
    return;
  }
  render::View view = views::comparison_view(comparison, platforms);
  if (options.runs.asks_for_runs()) {
    options.runs.add_runs(view, options.a, platforms.a, options.b, platforms.b);
  }
  print(view, options.output);
}

void run(const CompareOptions& options) {
  options.runs.require_use_of_prices();
  if (options.platforms) {
    print(views::platforms_view(platform::read_platforms(platform_folder())), options.output);
  } else if (options.runs.asks_for_prices()) {
    print(options.runs.prices_view(options.a, options.b), options.output);
  } else {
    require_sides(options);
    compare_sides(options);
  }
}

}  // namespace

void add_compare(CLI::App& app) {
  const auto options = std::make_shared<CompareOptions>();
  CLI::App* command = app.add_subcommand(
      "compare",
      "Two systems, or the fabrics of one: ratios with intervals from launches, verdicts, share of line rate");
  CLI::Option* a = command->add_option(
      "A", options->a.given, fmt::format("Campaign (folder or .h5), cost model (*.cost.json), {}", or_reference));
  CLI::Option* b = command->add_option("B", options->b.given, "The other; ratios are B over A");
  command->add_option("--margin", options->margin, "What counts as no difference")->capture_default_str();
  CLI::Option* gate =
      command->add_flag("--gate", options->gate, "Print only what is slower in B than in A, and end with exit code 3");
  CLI::Option* fabrics =
      command->add_flag("--fabrics", options->fabrics, "Of A alone: inside a node against between nodes")
          ->excludes(gate);
  CLI::Option* platforms =
      command->add_flag("--platforms", options->platforms, "Print the catalogue of platforms instead");
  options->a.add_to(*command);
  options->b.add_to(*command);
  options->runs.add_to(*command);
  command->get_option("--model")->excludes(gate)->excludes(fabrics);
  for (CLI::Option* compares_nothing : {platforms, command->get_option("--nodes")}) {
    compares_nothing->excludes(a)->excludes(b)->excludes(gate)->excludes(fabrics);
  }
  add_view_flags(*command, options->output);
  command->callback([options] { run(*options); });
}

}  // namespace hockney::commands
