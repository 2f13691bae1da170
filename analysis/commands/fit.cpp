#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "commands/print_fit.hpp"
#include "errors/error.hpp"
#include "fit/fit_campaign.hpp"
#include "store/launch_reader.hpp"

namespace hockney {
namespace {

struct Arguments {
  std::vector<std::filesystem::path> campaigns;
  std::filesystem::path out;
  bool json = false;
  FitOptions options;
};

void print_notes(const CampaignFit& fit) {
  for (const std::string& note : fit.notes) {
    fmt::print(stderr, "hockney: {}\n", note);
  }
}

void run(const Arguments& arguments) {
  const CampaignFit fit = fit_campaign(read_campaign(arguments.campaigns), arguments.options);
  if (fit.model.curves.empty()) {
    print_notes(fit);
    throw InputError(
        fmt::format("{}: nothing to fit: no curve has two usable payloads", arguments.campaigns.front().string()));
  }
  if (!arguments.out.empty()) {
    fit.model.write(arguments.out);
  }
  if (arguments.json) {
    print_notes(fit);
    fmt::print("{}", fit.model.json());
  } else {
    fmt::print("{}", print_fit(fit));
    if (!arguments.out.empty()) {
      fmt::print("\nwritten: {}\n", arguments.out.string());
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
  fit->add_flag("--allow-emulated", arguments->options.admission.emulated,
                "Fit points of the test double of CUDA and NCCL too; the curve says EMULATED");
  fit->add_flag("--allow-shared-gpu", arguments->options.admission.shared_gpu,
                "Fit points with several ranks on one GPU too; the curve is flagged shared_gpu");
  fit->add_flag("--json", arguments->json, "Print the cost model as JSON instead of tables; notes go to stderr");
  fit->callback([arguments] { run(*arguments); });
}

}  // namespace hockney
