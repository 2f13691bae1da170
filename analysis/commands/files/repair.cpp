#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>

#include "commands/commands.hpp"
#include "store/rewrite.hpp"

namespace hockney::commands {
namespace {

struct RepairOptions {
  std::filesystem::path part;
  std::optional<std::filesystem::path> out;
};

void repair(const RepairOptions& options) {
  const store::Recovery recovery = store::repair_launch(options.part, options.out);
  fmt::print("{}: recovered {} points with {} samples into {}\n", options.part.string(), recovery.points,
             recovery.samples, recovery.file.string());
  if (recovery.uncommitted_samples > 0) {
    fmt::print("left behind: {} samples of the point that was interrupted\n", recovery.uncommitted_samples);
  }
  for (const std::string& visit : recovery.only_in_journal) {
    fmt::print("in the journal only (its median, not its samples): {}\n", visit);
  }
  if (recovery.torn_journal_lines > 0) {
    fmt::print("unreadable lines in the journal: {}\n", recovery.torn_journal_lines);
  }
}

}  // namespace

void add_repair(CLI::App& app) {
  auto options = std::make_shared<RepairOptions>();
  CLI::App* command = app.add_subcommand("repair", "Recover the committed points of a killed launch into a .h5 file");
  command->add_option("FILE", options->part, "The .h5.part file that the launch has left; it is kept")->required();
  command->add_option("--out", options->out, "File to write instead of the .h5 beside it")->type_name("FILE");
  command->callback([options] { repair(*options); });
}

}  // namespace hockney::commands
