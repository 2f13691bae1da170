#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/names.hpp"
#include "commands/commands.hpp"
#include "commands/finite_range.hpp"
#include "commands/import/import_session.hpp"
#include "commands/view_output.hpp"
#include "views/imported_files.hpp"

namespace hockney::commands {

/// What a size counts: one rank's block, or all of them.
enum class SizeOf { rank, all };

struct SizeOfNames {
  static constexpr std::string_view what = "kind of size";
  static constexpr std::array<NamedValue<SizeOf>, 2> table{{{SizeOf::rank, "per-rank"}, {SizeOf::all, "total"}}};
};
SizeOfNames names_of(SizeOf);

namespace {

namespace fs = std::filesystem;
using import::ImportOptions;

/// What the command line says, before names are looked up.
struct Arguments {
  std::vector<std::string> files;
  std::string out;
  std::string operation;
  std::string fabric;
  std::string sizes;
  ViewOutput output;
  ImportOptions options;
};

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

ImportOptions options_of(const Arguments& arguments, const std::string& version) {
  ImportOptions options = arguments.options;
  options.campaign = campaign_name(arguments.out);
  options.importer = fmt::format("hockney {}", version);
  if (!arguments.operation.empty()) {
    options.operation = parse_name<Operation>(arguments.operation);
  }
  if (!arguments.fabric.empty()) {
    options.fabric = parse_name<Fabric>(arguments.fabric);
  }
  if (!arguments.sizes.empty()) {
    options.size_per_rank = parse_name<SizeOf>(arguments.sizes) == SizeOf::rank;
  }
  check_counts(options);
  return options;
}

void run(const Arguments& arguments, const std::string& version, const ChooseFormat& choose) {
  ImportSession session(arguments.out, options_of(arguments, version), choose);
  for (const std::string& file : arguments.files) {
    const import::ReadFile& read = session.add(file);
    if (arguments.output.is_text()) {
      print({.tables = {views::imported_file(read)}}, arguments.output);
    }
  }
  print(views::imported_files(session.files(), arguments.out), arguments.output);
  if (!session.has_launches()) {
    throw InputError(session.why_nothing());
  }
}

/// One format and its help text; `choose` is how its files are taken.
void add_format(CLI::App& import, const CLI::App& app, const std::string& name, const std::string& help,
                ChooseFormat choose) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = import.add_subcommand(name, help);
  command->add_option("files", arguments->files, "logs")->required();
  command->add_option("--out", arguments->out, "campaign folder to write to, one launch file per table")->required();
  command->add_option("--operation", arguments->operation, "for logs that do not name it: all_reduce ...");
  command->add_option("--ranks", arguments->options.ranks, "for logs that do not tell, or contradict themselves")
      ->check(whole_range(1));
  command->add_option("--nodes", arguments->options.nodes, "for logs that do not tell on how many nodes the ranks are")
      ->check(whole_range(1));
  command->add_option("--ranks-per-node", arguments->options.ranks_per_node, "likewise")->check(whole_range(1));
  command->add_option("--sizes", arguments->sizes, "what a size of an operation with blocks counts: per-rank, total");
  command->add_option("--fabric", arguments->fabric, "what carried the bytes: nvswitch, infiniband ... (else unknown)");
  command->add_option("--machine", arguments->options.machine,
                      "name of the machine: logs of one machine are launches of the same curves (else every log is a "
                      "machine of its own)");
  command->add_option("--source", arguments->options.source, "citation that is stored beside the file name");
  add_view_flags(*command, arguments->output);
  command->callback([arguments, &app, choose = std::move(choose)] { run(*arguments, app.version(), choose); });
}

ChooseFormat always(import::LogFormat format) {
  return [format](const import::LogText&) { return import::DetectedFormat{format, "as asked for"}; };
}

/// The format that the text is in, if it is one of these.
ChooseFormat one_of(std::vector<import::LogFormat> formats) {
  return [formats = std::move(formats)](const import::LogText& text) {
    import::DetectedFormat detected = import::detect_format(text);
    if (std::find(formats.begin(), formats.end(), detected.format) == formats.end()) {
      throw InputError(fmt::format("looks like {} ({}): use hockney import {} or auto", name_of(detected.format),
                                   detected.evidence, name_of(detected.format)));
    }
    return detected;
  };
}

}  // namespace

void add_import(CLI::App& app) {
  CLI::App* import = app.add_subcommand("import", "other programs' logs and published figures into a campaign");
  import->require_subcommand(1);
  add_format(*import, app, "auto", "takes every file for what its content says it is", import::detect_format);
  add_format(*import, app, "nccl-tests", "text output of nccl-tests or rccl-tests",
             always(import::LogFormat::nccl_tests));
  add_format(*import, app, "nccl-tests-json", "nccl-tests -J", always(import::LogFormat::nccl_tests_json));
  add_format(*import, app, "rccl", "rccl-tests: text, and -Z json or csv",
             one_of({import::LogFormat::nccl_tests, import::LogFormat::json, import::LogFormat::csv}));
  add_format(*import, app, "osu", "text output of the OSU micro-benchmarks", always(import::LogFormat::osu));
  add_format(
      *import, app, "csv",
      "published figures in Hockney's reference layout (results/reference/README.md), and other programs' tables "
      "with a size and a time",
      one_of({import::LogFormat::reference_csv, import::LogFormat::csv}));
}

}  // namespace hockney::commands
