#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <vector>

#include "commands/commands.hpp"
#include "commands/reference/reference_library.hpp"
#include "commands/view_output.hpp"
#include "store/rewrite.hpp"

namespace hockney::commands {
namespace {

struct MergeOptions {
  std::vector<std::filesystem::path> inputs;
  std::filesystem::path out;
  ViewOutput output;
};

void merge(const MergeOptions& options) {
  const store::MergeResult result =
      store::merge_launches(ReferenceLibrary().campaigns_given(options.inputs), options.out);
  render::View view{.what = "merge", .version = "1.0.0", .main_table = "merged"};
  view.title = fmt::format("{}: {} launches with {} points", options.out.string(), result.launches, result.points);
  view.tables = {
      {.name = "merged",
       .columns = {render::data_column("file"), render::data_column("launches"), render::data_column("points")},
       .rows = {{options.out.string(), result.launches, result.points}}}};
  print(view, options.output);
}

}  // namespace

void add_merge(CLI::App& app) {
  auto options = std::make_shared<MergeOptions>();
  CLI::App* command = app.add_subcommand("merge", "Put the launches of a campaign into one HDF5 file");
  command->add_option("FILE|DIR", options->inputs, fmt::format("Launch files, or folders of them, {}", or_reference))
      ->required();
  command->add_option("--out", options->out, "File to write; it must not exist")->type_name("FILE")->required();
  add_view_flags(*command, options->output);
  command->callback([options] { merge(*options); });
}

}  // namespace hockney::commands
