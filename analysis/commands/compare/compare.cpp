#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/shipped.hpp"
#include "commands/commands.hpp"
#include "commands/flag_value.hpp"
#include "commands/reference/reference_library.hpp"
#include "commands/view_output.hpp"
#include "compare/comparison.hpp"
#include "store/launch_reader.hpp"
#include "views/comparison_view.hpp"

namespace hockney::commands {
namespace {

namespace fs = std::filesystem;

/// What a command line says of one side.
struct SideFlags {
  std::string given;
  std::string machine;
  std::string platform;
};

struct CompareOptions {
  SideFlags a;
  SideFlags b;
  std::string margin{"2%"};
  bool gate = false;
  bool fabrics = false;
  bool platforms = false;
  ViewOutput output;
};

fs::path platform_folder() { return shipped_folder() / "platforms"; }

std::vector<Launch> launches_of(const fs::path& campaign, const std::string& machine) {
  std::vector<Launch> launches = store::read_campaign(std::span(&campaign, 1));
  if (!machine.empty()) {
    std::erase_if(launches, [&](const Launch& launch) { return launch.info.machine != machine; });
  }
  return launches;
}

cost::CostModel model_of(const fs::path& file, const std::string& machine) {
  cost::CostModel model = cost::CostModel::read(file);
  if (!machine.empty()) {
    std::erase_if(model.curves, [&](const cost::CostCurve& curve) { return curve.machine != machine; });
  }
  return model;
}

compare::Side read_side(const SideFlags& flags) {
  const fs::path path = ReferenceLibrary().campaign_given(flags.given);
  compare::Side side = path.extension() == ".json" ? compare::side_of(flags.given, model_of(path, flags.machine))
                                                   : compare::side_of(flags.given, launches_of(path, flags.machine));
  if (side.curves.empty()) {
    throw InputError(fmt::format("{}{}: nothing to compare: no curve has a usable point", flags.given,
                                 flags.machine.empty() ? "" : fmt::format(" on '{}'", flags.machine)));
  }
  return side;
}

std::optional<platform::Platform> platform_of(const SideFlags& flags, const std::string& machine) {
  return flags.platform.empty() ? platform::platform_of_machine(machine, platform_folder())
                                : platform::find_platform(flags.platform, platform_folder());
}

double margin_of(const CompareOptions& options) {
  const double margin = flag_value("--margin", options.margin, parse_fraction);
  if (!(margin > 0) || margin >= 1) {
    throw InputError(fmt::format("--margin {}: expected more than 0 % and less than 100 %", options.margin));
  }
  return margin;
}

void print_beside(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    fmt::print(stderr, "hockney: {}\n", line);
  }
}

void require_points(const compare::Comparison& comparison) {
  if (comparison.curves.empty()) {
    print_beside(comparison.notes);
    throw InputError(fmt::format("{} and {}: no operation, group, mode and payload in common", comparison.name_a,
                                 comparison.name_b));
  }
}

void pass_gate(const CompareOptions& options, const compare::Comparison& comparison,
               const views::ComparedPlatforms& platforms) {
  if (!has_verdicts(comparison)) {
    throw InputError(fmt::format("--gate: {} and {} need two launches or more each, which measured the same points",
                                 comparison.name_a, comparison.name_b));
  }
  const render::View view = views::regressions_view(comparison, platforms);
  if (count(comparison, compare::Verdict::a_faster) > 0) {
    print(view, options.output);
    throw RegressionFound();
  }
  print_beside(view.warnings);
  if (options.output.json) {
    print(view, options.output);
  }
}

compare::Comparison read_and_compare(const CompareOptions& options) {
  const double margin = margin_of(options);
  const compare::Side a = read_side(options.a);
  return options.fabrics ? compare_fabrics(a, margin) : compare_systems(a, read_side(options.b), margin);
}

void require_sides(const CompareOptions& options) {
  if (options.a.given.empty() || (options.b.given.empty() && !options.fabrics)) {
    throw InputError("compare: name two campaigns, cost models or reference:NAME; or one with --fabrics");
  }
  if (!options.b.given.empty() && options.fabrics) {
    throw InputError("--fabrics compares the fabrics of one system: expected no second one");
  }
}

void run(const CompareOptions& options) {
  if (options.platforms) {
    print(views::platforms_view(platform::read_platforms(platform_folder())), options.output);
    return;
  }
  require_sides(options);
  const compare::Comparison comparison = read_and_compare(options);
  require_points(comparison);
  const views::ComparedPlatforms platforms{platform_of(options.a, comparison.machine_a),
                                           platform_of(options.fabrics ? options.a : options.b, comparison.machine_b)};
  if (options.gate) {
    pass_gate(options, comparison, platforms);
  } else {
    print(views::comparison_view(comparison, platforms), options.output);
  }
}

void add_side(CLI::App& command, const std::string& letter, SideFlags& flags) {
  const std::string small = letter == "A" ? "a" : "b";
  command.add_option("--machine-" + small, flags.machine,
                     letter + ": the curves of this machine, where it has several");
  command.add_option("--platform-" + small, flags.platform,
                     letter +
                         ": what its links can carry, a name of --platforms or a file (*.toml); without it the "
                         "platform that the machine is named after");
}

}  // namespace

void add_compare(CLI::App& app) {
  const auto options = std::make_shared<CompareOptions>();
  CLI::App* command = app.add_subcommand(
      "compare",
      "Two systems, or the fabrics of one: ratios with intervals from launches, verdicts, share of line rate");
  command->add_option("A", options->a.given,
                      fmt::format("Campaign (folder or .h5), cost model (*.cost.json), {}", or_reference));
  command->add_option("B", options->b.given, "The other; ratios are B over A");
  command->add_option("--margin", options->margin, "What counts as no difference")->capture_default_str();
  CLI::Option* gate =
      command->add_flag("--gate", options->gate, "Print only what is slower in B than in A, and end with exit code 3");
  command->add_flag("--fabrics", options->fabrics, "Of A alone: inside a node against between nodes")->excludes(gate);
  command->add_flag("--platforms", options->platforms, "Print the catalogue of platforms instead");
  add_side(*command, "A", options->a);
  add_side(*command, "B", options->b);
  add_view_flags(*command, options->output);
  command->callback([options] { run(*options); });
}

}  // namespace hockney::commands
