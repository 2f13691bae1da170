#include "views/report/report.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "commands/commands.hpp"
#include "commands/platform_choice.hpp"
#include "commands/reference/reference_library.hpp"
#include "commands/report/overhead_flags.hpp"
#include "compare/comparison.hpp"
#include "render/html/html.hpp"
#include "store/launch_reader.hpp"
#include "views/points.hpp"

namespace hockney::commands {
namespace {

namespace fs = std::filesystem;

constexpr double margin = compare::Comparison{}.margin;

struct ReportOptions {
  std::vector<std::string> campaigns;
  fs::path out;
  std::string title;
  std::string platform;
  OverheadFlags overhead;
};

/// What the user named, short: "c1" of "campaigns/c1", "reference:NAME" as it is.
std::string name_of_campaign(const std::string& given) {
  const fs::path path = fs::path(given).lexically_normal();
  const std::string last = path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
  return given.starts_with("reference:") || last.empty() ? given : last;
}

std::vector<std::string> names_of(const std::vector<std::string>& given) {
  std::vector<std::string> names;
  std::transform(given.begin(), given.end(), std::back_inserter(names), name_of_campaign);
  const std::set<std::string> distinct(names.begin(), names.end());
  return distinct.size() == names.size() ? names : given;
}

void require_writable(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!fs::is_directory(folder)) {
    throw InputError(fmt::format("--out {}: there is no folder {}", file.string(), folder.string()));
  }
  if (file.extension() != ".html" && file.extension() != ".htm") {
    throw InputError(fmt::format("--out {}: expected a name that ends in .html", file.string()));
  }
}

fit::FitOptions fit_options(const std::string& name, const std::vector<Launch>& launches) {
  fit::FitOptions options{.name = name};
  for (const Launch& launch : launches) {
    options.admitted.bits |= views::flags_of(launch).bits & cost::no_network_constant.bits;
  }
  return options;
}

views::ReportedCampaign read_reported(const std::string& given, const std::string& name) {
  const fs::path path = ReferenceLibrary().campaign_given(given);
  std::vector<Launch> launches = store::read_campaign(std::span(&path, 1));
  fit::CampaignFit fit = fit::fit_campaign(launches, fit_options(name, launches));
  return {.name = name, .launches = std::move(launches), .fit = std::move(fit)};
}

std::set<std::string> machines_of(const views::ReportedCampaign& campaign) {
  std::set<std::string> machines;
  for (const Launch& launch : campaign.launches) {
    machines.insert(launch.info.machine);
  }
  return machines;
}

views::PlatformsByMachine platforms_of(const views::Report& report, const std::string& platform) {
  views::PlatformsByMachine platforms;
  for (const views::ReportedCampaign& campaign : report.campaigns) {
    for (const std::string& machine : machines_of(campaign)) {
      if (const auto found = chosen_platform(platform, machine)) {
        platforms.emplace(machine, *found);
      }
    }
  }
  return platforms;
}

bool has_both_kinds(const compare::Side& side) {
  const auto has = [&](auto is_kind) {
    return std::any_of(side.curves.begin(), side.curves.end(),
                       [&](const auto& each) { return is_kind(each.curve.shape.fabric); });
  };
  return has(is_intra_node) && has(is_inter_node);
}

/// Compares the fabrics of each campaign, and the first campaign with the others.
void add_comparisons(views::Report& report) {
  std::vector<compare::Side> sides;
  for (views::ReportedCampaign& campaign : report.campaigns) {
    if (machines_of(campaign).size() != 1 || campaign.fit.model.curves.empty()) {
      report.not_compared.push_back(fmt::format("{} is not compared: it has {}", campaign.name,
                                                campaign.fit.model.curves.empty() ? "no curves" : "several machines"));
      continue;
    }
    sides.push_back(compare::side_of(campaign.name, campaign.launches));
    if (has_both_kinds(sides.back())) {
      campaign.fabrics = compare_fabrics(sides.back(), margin);
    }
  }
  for (std::size_t i = 1; i < sides.size(); ++i) {
    compare::Comparison comparison = compare_systems(sides.front(), sides[i], margin);
    if (comparison.curves.empty()) {
      report.not_compared.push_back(fmt::format("{} and {}: no operation, group, mode and payload in common",
                                                comparison.name_a, comparison.name_b));
    } else {
      report.comparisons.push_back(std::move(comparison));
    }
  }
  if (report.campaigns.size() < 2) {
    report.not_compared.clear();
  }
}

views::Report collect(const ReportOptions& options, const std::string& version) {
  views::Report report{.title = options.title, .producer = "hockney " + version, .campaigns = {}};
  const std::vector<std::string> names = names_of(options.campaigns);
  for (std::size_t i = 0; i < names.size(); ++i) {
    report.campaigns.push_back(read_reported(options.campaigns[i], names[i]));
  }
  report.title =
      options.title.empty() ? fmt::format("Cost of communication: {}", fmt::join(names, ", ")) : options.title;
  report.platforms = platforms_of(report, options.platform);
  add_comparisons(report);
  for (views::ReportedCampaign& campaign : report.campaigns) {
    options.overhead.predict(campaign, report.platforms);
  }
  return report;
}

void write_text(const std::string& text, const fs::path& file) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  if (!stream.flush()) {
    throw InputError(fmt::format("--out {}: cannot be written", file.string()));
  }
}

void run(const ReportOptions& options, const std::string& version) {
  if (!render::has_chart_library()) {
    throw InputError(
        "report: this build has no chart library; expected dygraphs (Debian: libjs-dygraphs) when it was configured");
  }
  require_writable(options.out);
  const std::string html = render::to_html(views::report_page(collect(options, version)));
  write_text(html, options.out);
  fmt::print("written: {} ({:.0f} KiB), for any browser, offline\n", options.out.string(),
             static_cast<double>(html.size()) / 1024);
}

}  // namespace

void add_report(CLI::App& app) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App* command =
      app.add_subcommand("report", "Campaigns as one HTML file: a first screen for a manager, then every figure");
  command->add_option("DIR", options->campaigns, fmt::format("Campaigns (folders or .h5), {}", or_reference))
      ->required();
  command->add_option("--out,-o", options->out, "The file to write (report.html)")->required();
  command->add_option("--title", options->title, "Title of the page (default: the campaigns' names)");
  command->add_option("--platform", options->platform,
                      "What the links of the machines can carry: a name of `hockney compare --platforms`, or a file "
                      "(*.toml); without it the platform that a machine is named after");
  options->overhead.add_to(*command);
  command->callback([options, &app] { run(*options, app.version()); });
}

}  // namespace hockney::commands
