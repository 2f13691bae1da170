#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>

#include "commands/commands.hpp"
#include "commands/view_output.hpp"
#include "store/rewrite.hpp"

namespace hockney::commands {
namespace {

struct RepairOptions {
  std::filesystem::path part;
  std::optional<std::filesystem::path> out;
  ViewOutput output;
};

render::View repaired(const std::filesystem::path& part, const store::Recovery& recovery) {
  using render::data_column;
  render::View view{.what = "repair", .version = "1.0.0", .main_table = "repaired"};
  view.title = fmt::format("{}: recovered {} points with {} samples into {}", part.string(), recovery.points,
                           recovery.samples, recovery.file.string());
  if (recovery.uncommitted_samples > 0) {
    view.title +=
        fmt::format("\nleft behind: {} samples of the point that was interrupted", recovery.uncommitted_samples);
  }
  render::Table files{.name = "repaired"};
  files.columns = {data_column("part"),
                   data_column("file"),
                   data_column("points"),
                   data_column("samples"),
                   data_column("uncommitted_samples"),
                   data_column("torn_journal_lines")};
  files.rows = {{part.string(), recovery.file.string(), recovery.points, recovery.samples, recovery.uncommitted_samples,
                 recovery.torn_journal_lines}};
  render::Table visits{.name = "only_in_journal", .columns = {data_column("visit")}};
  for (const std::string& visit : recovery.only_in_journal) {
    visits.rows.push_back({visit});
    visits.lines.push_back(fmt::format("in the journal only (its median, not its samples): {}", visit));
  }
  if (recovery.torn_journal_lines > 0) {
    visits.lines.push_back(fmt::format("unreadable lines in the journal: {}", recovery.torn_journal_lines));
  }
  view.tables = {files, visits};
  return view;
}

void repair(const RepairOptions& options) {
  print(repaired(options.part, store::repair_launch(options.part, options.out)), options.output);
}

}  // namespace

void add_repair(CLI::App& app) {
  auto options = std::make_shared<RepairOptions>();
  CLI::App* command = app.add_subcommand("repair", "Recover the committed points of a killed launch into a .h5 file");
  command->add_option("FILE", options->part, "The .h5.part file that the launch has left; it is kept")->required();
  command->add_option("--out", options->out, "File to write instead of the .h5 beside it")->type_name("FILE");
  add_view_flags(*command, options->output);
  command->callback([options] { repair(*options); });
}

}  // namespace hockney::commands
