#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "commands/plot_fit.hpp"
#include "commands/print_fit.hpp"
#include "errors/error.hpp"
#include "fit/fit_campaign.hpp"
#include "store/launch_reader.hpp"

namespace hockney {
namespace {

struct Arguments {
  std::vector<std::filesystem::path> campaigns;
  std::filesystem::path out;
  std::vector<std::string> include;
  bool json = false;
  FitOptions options;
  FitPlot plot;
};

void print_notes(const CampaignFit& fit) {
  for (const std::string& note : fit.notes) {
    fmt::print(stderr, "hockney: {}\n", note);
  }
}

Flags read_flags(const std::vector<std::string>& names) {
  Flags flags;
  for (const std::string& name : names) {
    const auto flag = std::find_if(Names<Flag>::table.begin(), Names<Flag>::table.end(),
                                   [&](const NamedValue<Flag>& each) { return each.second == name; });
    if (flag == Names<Flag>::table.end() || !no_network_constant.has(flag->first)) {
      throw InputError(fmt::format("--include '{}': expected {}", name, to_string(no_network_constant)));
    }
    flags.set(flag->first);
  }
  return flags;
}

void run(const Arguments& arguments) {
  FitOptions options = arguments.options;
  require_plottable(arguments.plot);
  options.admitted = read_flags(arguments.include);
  const CampaignFit fit = fit_campaign(read_campaign(arguments.campaigns), options);
  if (fit.model.curves.empty()) {
    print_notes(fit);
    throw InputError(
        fmt::format("{}: nothing to fit: no curve has two usable payloads", arguments.campaigns.front().string()));
  }
  if (!arguments.out.empty()) {
    fit.model.write(arguments.out);
  }
  draw_fit(fit.model, arguments.plot);
  if (arguments.json) {
    print_notes(fit);
    fmt::print("{}", fit.model.json());
  } else {
    fmt::print("{}", print_fit(fit));
    if (!arguments.out.empty()) {
      fmt::print("\nwritten: {}\n", arguments.out.string());
    }
    if (!arguments.plot.file.empty()) {
      fmt::print("\ndrawn: {}\n", arguments.plot.file.string());
    }
  }
}

}  // namespace

void add_fit(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* fit = app.add_subcommand(
      "fit", "Fit t(m) = alpha + beta m, piecewise, to each curve of a campaign; print it with 95 % intervals.");
  fit->add_option("campaign", arguments->campaigns, "Launch files (.h5) or folders of them")->required();
  fit->add_option("--out,-o", arguments->out, "Write the cost model here (model.cost.json); without it, only print");
  fit->add_option("--name", arguments->options.name, "Name of the model (default: the campaigns' names)");
  constexpr int most_segments = 50;
  fit->add_option("--max-segments", arguments->options.segments.most_segments, "Most segments per curve")
      ->check(CLI::Range(1, most_segments))
      ->capture_default_str();
  fit->add_option("--include", arguments->include,
                  "Fit points with these flags although they say nothing about a network: emulated (the test double of "
                  "CUDA and NCCL), shared_gpu (several ranks on one GPU); the curves keep the flags")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("FLAG,...");
  fit->add_flag("--json", arguments->json, "Print the cost model as JSON instead of tables; notes go to stderr");
  add_plot_options(*fit, arguments->plot);
  fit->callback([arguments] { run(*arguments); });
}

}  // namespace hockney
