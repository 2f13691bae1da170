#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "commands/commands.hpp"
#include "commands/reference/reference_library.hpp"
#include "commands/view_output.hpp"
#include "record/launch.hpp"
#include "render/plot/gnuplot.hpp"
#include "render/plot/heat_map.hpp"
#include "store/launch_reader.hpp"
#include "store/schema.hpp"
#include "views/launches.hpp"
#include "views/scan_view.hpp"

namespace hockney::commands {
namespace {

struct ShowOptions {
  std::vector<std::filesystem::path> paths;
  std::string samples_of;
  bool provenance = false;
  ViewOutput output;
  bool schema = false;
  bool raw = false;
  std::filesystem::path picture;
};

/// Every sample of one point as CSV, one line per sample and rank.
void print_samples(const std::vector<Launch>& launches, const std::string& name) {
  std::set<std::string> known;
  std::string lines;
  for (const Launch& launch : launches) {
    for (const Measurement& visit : launch.measurements) {
      known.insert(visit.point.name());
      for (std::size_t i = 0; visit.point.name() == name && i < visit.samples(); ++i) {
        for (std::size_t rank = 0; rank < visit.rank_columns; ++rank) {
          lines += fmt::format("{},{},{},{},{}\n", launch.info.run_uuid, visit.pass, i, rank, visit.sample(i)[rank]);
        }
      }
    }
  }
  if (lines.empty()) {
    const std::vector<std::string_view> names(known.begin(), known.end());
    throw InputError(fmt::format("there is no point '{}'; the nearest is '{}'", name, nearest_name(name, names)));
  }
  fmt::print("run_uuid,pass,sample,rank,elapsed_s\n{}", lines);
}

/// The log that a launch was imported from, byte for byte.
void print_raw_text(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::filesystem::path> files;
  for (const auto& path : paths) {
    const auto found = store::launch_files(path);
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.size() != 1) {
    throw InputError(fmt::format("show --raw: name one launch file; there are {}", files.size()));
  }
  const std::string text = store::read_raw_text(files.front());
  if (text.empty()) {
    throw InputError(
        fmt::format("{}: holds no text: it was not imported, or by Hockney before schema 1.2", files.front().string()));
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void show(const ShowOptions& options) {
  if (options.schema) {
    fmt::print("{}", options.output.json ? store::schema::schema_as_json() : store::schema::schema_as_markdown());
    return;
  }
  if (options.paths.empty()) {
    throw InputError("show: name a launch file or a campaign folder");
  }
  if (options.raw) {
    print_raw_text(options.paths);
    return;
  }
  if (!options.picture.empty()) {
    render::require_picture_file(options.picture);
  }
  const std::vector<Launch> launches = store::read_campaign(ReferenceLibrary().campaigns_given(options.paths));
  if (!options.samples_of.empty()) {
    print_samples(launches, options.samples_of);
  } else {
    print(views::launches(launches, options.provenance), options.output);
  }
  if (!options.picture.empty()) {
    render::write_figure(render::heat_map(views::scan_map(launches)), options.picture);
  }
}

}  // namespace

void add_show(CLI::App& app) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = app.add_subcommand("show", "Print what launch files and campaign folders hold");
  command->add_option("FILE|DIR", options->paths, fmt::format("Launch files, or folders of them, {}", or_reference));
  CLI::Option* samples =
      command->add_option("--samples", options->samples_of, "All samples of the point of this name, as CSV")
          ->type_name("POINT");
  command->add_flag("--provenance", options->provenance, "Versions, environment and placements too");
  const ViewFlags form = add_view_flags(*command, options->output);
  command->add_flag("--schema", options->schema, "The layout of launch files instead (Markdown; JSON with --json)");
  command
      ->add_option("--plot", options->picture, "Draw the rates between every two nodes of a health scan with gnuplot")
      ->type_name("FILE.svg|FILE.png");
  CLI::Option* raw = command->add_flag("--raw", options->raw, "The text that an imported launch was read from");
  form.csv->excludes(samples)->excludes(raw);
  form.json->excludes(samples)->excludes(raw);
  samples->excludes(raw);
  command->callback([options] { show(*options); });
}

}  // namespace hockney::commands
