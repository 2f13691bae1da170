#include "views/reference.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "commands/reference/build_reference.hpp"
#include "commands/reference/reference_library.hpp"
#include "commands/view_output.hpp"
#include "render/fields.hpp"
#include "store/launch_reader.hpp"

namespace hockney::commands {
namespace {
namespace fs = std::filesystem;

struct Options {
  std::string name;
  fs::path source;
  fs::path out;
  ViewOutput output;
};

constexpr std::tuple built_fields{field<&BuiltReference::systems>("systems", "1", "systems"),
                                  field<&BuiltReference::files>("files", "1", "files imported"),
                                  field<&BuiltReference::points>("points", "1", "points in them"),
                                  field<&BuiltReference::curves>("curves", "1", "curves fitted"),
                                  field<&BuiltReference::line_rates>("line_rates", "1", "line rates stated")};

void add_files(std::vector<views::ReferenceFile>& files, const ReferenceLibrary& library, const std::string& system) {
  for (const fs::path& file : store::launch_files(library.campaign(system))) {
    files.push_back({system, file.stem().string(), store::read_launch(file)});
  }
}

void list(const Options& options) {
  const ReferenceLibrary library;
  std::vector<views::ReferenceFile> files;
  for (const std::string& system : library.names()) {
    add_files(files, library, system);
  }
  print(views::reference_list(files), options.output);
}

void show(const Options& options) {
  std::vector<views::ReferenceFile> files;
  add_files(files, ReferenceLibrary(), options.name);
  print(views::reference_system(options.name, files), options.output);
}

void build(const Options& options, const std::string& version) {
  const BuiltReference built = build_reference(options.source, options.out, fmt::format("hockney {}", version));
  render::View view{.what = "reference build", .version = "1.0.0", .main_table = "built"};
  view.title =
      fmt::format("{}: {} systems, {} files, {} points, {} curves fitted, {} line rates stated", options.out.string(),
                  built.systems, built.files, built.points, built.curves, built.line_rates);
  view.tables = {{.name = "built", .columns = render::columns_of(built_fields)}};
  view.tables.front().rows = {render::cells_of(built, built_fields)};
  print(view, options.output);
}

}  // namespace

void add_reference(CLI::App& app) {
  CLI::App* reference =
      app.add_subcommand("reference", "Published figures of real systems, which every command takes as reference:NAME");
  reference->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  CLI::App* all = reference->add_subcommand("list", "The systems, what was measured on them and by whom");
  all->callback([options] { list(*options); });

  CLI::App* one = reference->add_subcommand("show", "Every figure of one system, with sources, settings and caveats");
  one->add_option("NAME", options->name, "A system of hockney reference list")->required();
  one->callback([options] { show(*options); });

  CLI::App* make = reference->add_subcommand("build", "Import and fit folders of reference CSV files, one per system");
  make->add_option("FOLDER", options->source, "results/reference, or another folder laid out like it")->required();
  make->add_option("--out", options->out, "A new folder")->required();
  make->callback([options, &app] { build(*options, app.version()); });
  for (CLI::App* command : {all, one, make}) {
    add_view_flags(*command, options->output);
  }
}

}  // namespace hockney::commands
