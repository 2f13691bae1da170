#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hockney::commands {

// Each adds one way to predict as a subcommand of `hockney predict`, with the flags that it reads and no others.

void add_predict_step(CLI::App& predict);           ///< step: seconds of a whole training step
void add_predict_communication(CLI::App& predict);  ///< communication: its messages alone, nothing overlapped
void add_predict_message(CLI::App& predict);        ///< message: one operation by itself
void add_predict_rows(CLI::App& predict);           ///< rows: every row of a table of training runs
void add_predict_against(CLI::App& predict);        ///< against: replayed steps beside their predictions
void add_predict_constants(CLI::App& predict);      ///< constants: what the step model assumes

/// A command line with the way to predict as a word after `predict`, where it is said by a flag ("predict --rows FILE",
/// "predict --communication ...") or, for a step, not at all. A command line of something else stays as it is.
std::vector<std::string> with_way_to_predict(std::vector<std::string> arguments);

}  // namespace hockney::commands
