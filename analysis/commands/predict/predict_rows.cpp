#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <memory>

#include "base/error.hpp"
#include "commands/predict/step_flags.hpp"
#include "commands/predict/ways.hpp"
#include "commands/view_output.hpp"
#include "predict/score/predicted_rows.hpp"
#include "views/rows_view.hpp"

namespace hockney::commands {
namespace {

constexpr const char* standard_output = "/dev/stdout";

struct RowsOptions {
  StepFlags step;
  std::string rows;
  std::string out{standard_output};
  bool as_table = false;
  bool no_intervals = false;
  ViewOutput output;
};

void write(const std::string& out, const std::string& text) {
  if (out == "-" || out == standard_output) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
    return;
  }
  std::ofstream stream(out, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) {
    throw InputError(fmt::format("--out {}: cannot be written", out));
  }
}

void run(const RowsOptions& options) {
  predict::StepRows table = predict::read_step_rows(options.rows);
  CostModels costs(options.step);
  predict::RowPredictors predictors = row_predictors(options.step, costs);
  const std::vector<predict::PredictedRow> rows = predict::predict_rows(
      table, predictors, options.no_intervals ? predict::RowDetail::seconds : predict::RowDetail::intervals);
  if ((options.output.is_text() && !options.as_table) || options.out != standard_output) {
    write(options.out, predict::with_predictions(table, rows));
  }
  print(views::rows_view(table, rows, costs.names(), predictors.efficiencies(),
                         options.as_table || !options.output.is_text()),
        options.output);
}

}  // namespace

void add_predict_rows(CLI::App& predict) {
  auto options = std::make_shared<RowsOptions>();
  CLI::App* command = predict.add_subcommand("rows", "every row of a table of training runs, and how far off");
  command->add_option("FILE,--rows", options->rows, "the table (*.csv)")->required();
  command->add_option("--out", options->out, "where the table with predictions is written")->capture_default_str();
  command->add_flag("--table", options->as_table, "the rows as a table for people instead of the CSV");
  command->add_flag("--no-intervals", options->no_intervals, "without predicted_low_s and predicted_high_s: faster");
  options->step.add_network_to(*command);
  options->step.add_calibrate_to(*command);
  add_view_flags(*command, options->output);
  command->callback([options] { run(*options); });
}

}  // namespace hockney::commands
