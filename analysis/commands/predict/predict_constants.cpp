#include <CLI/CLI.hpp>
#include <memory>

#include "base/shipped.hpp"
#include "commands/predict/step_flags.hpp"
#include "commands/predict/ways.hpp"
#include "commands/view_output.hpp"
#include "views/constants_view.hpp"

namespace hockney::commands {

void add_predict_constants(CLI::App& predict) {
  struct Options {
    StepFlags step;
    bool is_named = false;
    ViewOutput output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      predict.add_subcommand("constants", "what the step model and the --gpu's file assume, and from where");
  options->step.add_gpu_to(*command);
  command->add_flag("--constants", options->is_named, "the same as the word");
  add_view_flags(*command, options->output);
  command->callback([options] {
    print(
        views::constants_view(predict::find_gpu(options->step.gpu), predict::read_stacks(shipped_folder() / "stacks")),
        options->output);
  });
}

}  // namespace hockney::commands
