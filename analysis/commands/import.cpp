#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "import/nccl_tests_launch.hpp"
#include "import/reference_csv.hpp"
#include "store/launch_writer.hpp"

namespace hockney {
namespace {

namespace fs = std::filesystem;

/// What the command line says, before names are looked up.
struct Arguments {
  std::vector<std::string> files;
  std::string out;
  std::string operation;
  std::string fabric;
  ImportOptions options;
};

/// One format: a file's text to what became of it.
using ReadFile = std::function<ImportedFile(std::string_view text, const fs::path& file, const ImportOptions& options)>;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (!fs::is_regular_file(file) || !stream || (fs::file_size(file) > 0 && !(text << stream.rdbuf()))) {
    throw InputError(fmt::format("{}: cannot be read; expected a file to import", file.string()));
  }
  return text.str();
}

fs::path store(const fs::path& folder, const Launch& launch) {
  LaunchWriter writer(folder, launch.info, launch.provenance, launch.placements, launch.skipped);
  for (const Measurement& measurement : launch.measurements) {
    writer.append(measurement);
  }
  return writer.finish();
}

std::string campaign_name(const fs::path& out) {
  const fs::path folder = out.has_filename() ? out.filename() : out.parent_path().filename();
  return folder.string();
}

void check_counts(const ImportOptions& options) {
  for (const auto& [flag, value] : {std::pair{"--ranks", options.ranks}, std::pair{"--nodes", options.nodes},
                                    std::pair{"--ranks-per-node", options.ranks_per_node}}) {
    if (value && (*value == 0 || *value > 10'000'000)) {
      throw InputError(fmt::format("{} {}: expected a number from 1 to 10000000", flag, *value));
    }
  }
}

void run(const Arguments& arguments, const std::string& version, const ReadFile& read) {
  ImportOptions options = arguments.options;
  options.campaign = campaign_name(arguments.out);
  options.importer = fmt::format("hockney {}", version);
  if (!arguments.operation.empty()) {
    options.operation = parse_name<Operation>(arguments.operation);
  }
  if (!arguments.fabric.empty()) {
    options.fabric = parse_name<Fabric>(arguments.fabric);
  }
  check_counts(options);
  std::vector<ImportedFile> imported;
  for (const std::string& file : arguments.files) {
    imported.push_back(read(text_of(file), file, options));
  }
  ImportTotals sum;
  for (const ImportedFile& file : imported) {
    std::fputs(report(file).c_str(), stdout);
    for (const ImportedTable& table : file.tables) {
      if (table.launch) {
        fmt::print("  lines {}-{} -> {}\n", table.first_line, table.last_line,
                   store(arguments.out, *table.launch).string());
      }
    }
    sum += totals(file);
  }
  fmt::print("total: files: {}; {}; launches written to {}: {}\n", imported.size(), to_string(sum), arguments.out,
             sum.tables_used);
  if (sum.tables_used == 0) {
    throw InputError(fmt::format("no usable table in the files given ({}); nothing was written", imported.size()));
  }
}

ImportedFile import_reference_csv(std::string_view text, const fs::path& file, const ImportOptions& options) {
  ImportedTable table;
  table.first_line = 1;
  table.last_line = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  table.launch = read_reference_csv(text, file, options);
  table.rows = table.rows_used = table.launch->measurements.size();
  table.title = fmt::format("published figures, {}", table.launch->info.machine);
  return {.name = file.filename().string(), .tables = {std::move(table)}, .refused = {}, .lines_outside_tables = 0};
}

void add_nccl_tests(CLI::App& import, const CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      import.add_subcommand("nccl-tests", "text output of nccl-tests or rccl-tests (2019 on): one launch per table");
  command->add_option("files", arguments->files, "logs")->required();
  command->add_option("--out", arguments->out, "campaign folder to write to")->required();
  command->add_option("--operation", arguments->operation, "for logs that do not name the test: all_reduce ...");
  command->add_option("--ranks", arguments->options.ranks, "overrides the rank list, e.g. where it is wrong");
  command->add_option("--nodes", arguments->options.nodes, "for logs without a rank list");
  command->add_option("--ranks-per-node", arguments->options.ranks_per_node, "for logs without a rank list");
  command->add_option("--fabric", arguments->fabric, "what carried the bytes: nvswitch, infiniband ... (else unknown)");
  command->add_option("--machine", arguments->options.machine, "name of the machine (else the log's host names)");
  command->add_option("--source", arguments->options.source, "citation that is stored beside the file name");
  command->callback([arguments, &app] { run(*arguments, app.version(), import_nccl_tests); });
}

void add_csv(CLI::App& import, const CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      import.add_subcommand("csv", "published figures in Hockney's reference layout (results/reference/README.md)");
  command->add_option("files", arguments->files, "reference CSV files")->required();
  command->add_option("--out", arguments->out, "campaign folder to write to")->required();
  command->callback([arguments, &app] { run(*arguments, app.version(), import_reference_csv); });
}

}  // namespace

void add_import(CLI::App& app) {
  CLI::App* import = app.add_subcommand("import", "other programs' logs and published figures into a campaign");
  import->require_subcommand(1);
  add_nccl_tests(*import, app);
  add_csv(*import, app);
}

}  // namespace hockney
