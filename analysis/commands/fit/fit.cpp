#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "commands/commands.hpp"
#include "commands/finite_range.hpp"
#include "commands/fit/plot_fit.hpp"
#include "commands/platform_choice.hpp"
#include "commands/reference/reference_library.hpp"
#include "commands/view_output.hpp"
#include "fit/fit_campaign.hpp"
#include "fit/validate/scoreboard.hpp"
#include "store/launch_reader.hpp"
#include "views/brief_costs.hpp"
#include "views/fitted_curves.hpp"
#include "views/scoreboard.hpp"

namespace hockney::commands {
namespace {

struct Arguments {
  std::vector<std::filesystem::path> campaigns;
  std::filesystem::path out;
  std::vector<std::string> include;
  ViewOutput output;
  bool scoreboard = false;
  bool brief = false;
  std::string platform;
  std::optional<std::size_t> most_segments;  // nothing: the default of what is asked for
  fit::FitOptions options;
  fit::ScoreboardOptions scoring;
  FitPlot plot;
};

Flags read_flags(const std::vector<std::string>& names) {
  Flags flags;
  for (const std::string& name : names) {
    const auto flag = std::find_if(Names<Flag>::table.begin(), Names<Flag>::table.end(),
                                   [&](const NamedValue<Flag>& each) { return each.second == name; });
    if (flag == Names<Flag>::table.end() || !cost::no_network_constant.has(flag->first)) {
      throw InputError(fmt::format("--include '{}': expected {}", name, to_string(cost::no_network_constant)));
    }
    flags.set(flag->first);
  }
  return flags;
}

void run_scoreboard(const Arguments& arguments) {
  if (!arguments.out.empty() || arguments.options.hold_out_off_grid) {
    throw InputError("--scoreboard prints errors and makes no cost model: expected it without --out and --hold-out");
  }
  fit::ScoreboardOptions options = arguments.scoring;
  options.segments.robust = arguments.options.segments.robust;
  options.segments.most_segments = arguments.most_segments.value_or(options.segments.most_segments);
  const fit::Scoreboard board =
      fit::score(store::read_campaign(ReferenceLibrary().campaigns_given(arguments.campaigns)), options);
  if (board.curves.empty()) {
    throw InputError(fmt::format("{}: nothing to score: no {} curve of {} ranks or more has {} to {} sizes",
                                 arguments.campaigns.front().string(), options.in_place ? "in-place" : "out-of-place",
                                 options.least_ranks, options.least_sizes, options.most_sizes));
  }
  print(views::scoreboard(board), arguments.output);
}

void run(const Arguments& arguments) {
  fit::FitOptions options = arguments.options;
  options.segments.most_segments = arguments.most_segments.value_or(options.segments.most_segments);
  require_plottable(arguments.plot);
  options.admitted = read_flags(arguments.include);
  const std::vector<Launch> launches = store::read_campaign(ReferenceLibrary().campaigns_given(arguments.campaigns));
  const fit::CampaignFit fit = fit::fit_campaign(launches, options);
  if (fit.model.curves.empty() && fit.model.line_rates.empty()) {
    print_beside(fit.notes);
    throw InputError(
        fmt::format("{}: nothing to fit: no curve has two usable payloads", arguments.campaigns.front().string()));
  }
  if (!arguments.out.empty()) {
    fit.model.write(arguments.out);
  }
  draw_fit(fit.model, arguments.plot);
  if (arguments.brief) {
    const auto platform = [&](const std::string& machine) { return chosen_platform(arguments.platform, machine); };
    print(views::brief_costs(fit.model, views::LineRates(launches, platform)), arguments.output);
    return;
  }
  if (arguments.output.json) {
    print_beside(fit.notes);
    fmt::print("{}", fit.model.json());
    return;
  }
  print(views::fitted_curves(fit), arguments.output);
  if (arguments.output.is_text()) {
    if (!arguments.out.empty()) {
      fmt::print("\nwritten: {}\n", arguments.out.string());
    }
    if (!arguments.plot.file.empty()) {
      fmt::print("\ndrawn: {}\n", arguments.plot.file.string());
    }
  }
}

void add_scoreboard_options(CLI::App& fit, Arguments& arguments) {
  CLI::Option* scoreboard = fit.add_flag(
      "--scoreboard", arguments.scoreboard,
      "Score the methods instead: errors in sample and of sizes left out, each curve of each launch apart");
  fit::ScoreboardOptions& scoring = arguments.scoring;
  fit.add_option("--min-sizes", scoring.least_sizes, "With --scoreboard: curves of at least as many sizes")
      ->check(whole_range(2))
      ->needs(scoreboard)
      ->capture_default_str();
  fit.add_option("--max-sizes", scoring.most_sizes, "With --scoreboard: curves of at most as many sizes")
      ->check(whole_range(2))
      ->needs(scoreboard)
      ->capture_default_str();
  fit.add_option("--min-ranks", scoring.least_ranks, "With --scoreboard: curves of at least as many ranks")
      ->check(whole_range(1))
      ->needs(scoreboard)
      ->capture_default_str();
  fit.add_flag("--in-place", scoring.in_place, "With --scoreboard: in-place curves instead of out-of-place ones")
      ->needs(scoreboard);
}

}  // namespace

void add_fit(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* fit = app.add_subcommand(
      "fit", "Fit t(m) = alpha + beta m, piecewise, to each curve of a campaign; print it with 95 % intervals.");
  fit->add_option("campaign", arguments->campaigns,
                  fmt::format("Launch files (.h5) or folders of them, {}", or_reference))
      ->required();
  fit->add_option("--out,-o", arguments->out, "Write the cost model here (model.cost.json); without it, only print");
  fit->add_option("--name", arguments->options.name, "Name of the model (default: the campaigns' names)");
  constexpr int most_segments = 50;
  fit->add_option("--max-segments", arguments->most_segments,
                  fmt::format("Most segments per curve (default: {}; with --scoreboard {})",
                              fit::SegmentOptions{}.most_segments, fit::ScoreboardOptions{}.segments.most_segments))
      ->check(whole_range(1, most_segments));
  fit->add_flag("--robust", arguments->options.segments.robust,
                "Huber's loss instead of least squares: for single-number logs with disturbed sizes among them");
  fit->add_option_function<std::string>(
         "--hold-out", [arguments](const std::string&) { arguments->options.hold_out_off_grid = true; },
         "off-grid: fit the sizes that are powers of two, and say how well the others are predicted")
      ->check(CLI::IsMember({"off-grid"}));
  fit->add_option("--include", arguments->include,
                  "Fit points with these flags although they say nothing about a network: emulated (the test double of "
                  "CUDA and NCCL), shared_gpu (several ranks on one GPU); the curves keep the flags")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("FLAG,...");
  CLI::Option* brief = fit->add_flag("--brief", arguments->brief,
                                     "A line per curve: alpha of small messages, 1/beta of large ones, with intervals, "
                                     "and the share of the line rate");
  fit->add_option("--platform", arguments->platform,
                  "With --brief: the platform that the machine is, by name or .toml; its own network ports, where a "
                  "launch saw them, are taken all the same (default: the platform that the machine is named after)")
      ->needs(brief)
      ->type_name("NAME|FILE.toml");
  add_view_flags(*fit, arguments->output)
      .json->description("The cost model as JSON instead of tables; notes go to stderr");
  add_plot_options(*fit, arguments->plot);
  add_scoreboard_options(*fit, *arguments);
  fit->callback([arguments] { arguments->scoreboard ? run_scoreboard(*arguments) : run(*arguments); });
}

}  // namespace hockney::commands
