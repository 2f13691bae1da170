#include <CLI/CLI.hpp>
#include <memory>

#include "commands/commands.hpp"
#include "commands/exam/exam_memory.hpp"

namespace hockney::commands {

void add_exam(CLI::App& app) {
  struct Options {
    std::string memory;
    std::string gpu{"a100-80g"};
    ViewOutput output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("exam", "how far the models are from what was published");
  command->add_option("--memory", options->memory, "a table of mappings that fitted or ran out of memory (*.csv)")
      ->required();
  command->add_option("--gpu", options->gpu, "the GPU that they ran on: a shipped name, or a GPU file (*.toml)")
      ->capture_default_str();
  add_view_flags(*command, options->output);
  command->callback([options] { exam_memory(options->memory, options->gpu, options->output); });
}

}  // namespace hockney::commands
