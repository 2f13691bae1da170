#include <CLI/CLI.hpp>
#include <memory>

#include "base/error.hpp"
#include "commands/commands.hpp"
#include "commands/exam/exam_memory.hpp"
#include "commands/exam/exam_rows.hpp"

namespace hockney::commands {

void add_exam(CLI::App& app) {
  struct Options {
    std::vector<std::string> rows;
    std::string memory;
    std::string gpu{"a100-80g"};
    ViewOutput output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("exam", "how far the models are from what was published");
  CLI::Option* rows = command->add_option("ROWS", options->rows, "tables of published training steps (*.csv)");
  CLI::Option* memory =
      command->add_option("--memory", options->memory, "a table of mappings that fitted or ran out of memory (*.csv)");
  memory->excludes(rows);
  command->add_option("--gpu", options->gpu, "with --memory, the GPU that they ran on: a shipped name, or a GPU file")
      ->capture_default_str()
      ->needs(memory);
  add_view_flags(*command, options->output);
  command->callback([options] {
    if (!options->memory.empty()) {
      exam_memory(options->memory, options->gpu, options->output);
    } else if (!options->rows.empty()) {
      exam_rows(options->rows, options->output);
    } else {
      throw InputError("exam: expected tables of training steps (ROWS.csv ...) or --memory FILE");
    }
  });
}

}  // namespace hockney::commands
