#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <memory>

#include "base/error.hpp"
#include "commands/predict/step_flags.hpp"
#include "commands/predict/ways.hpp"
#include "commands/view_output.hpp"
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

/// The predictors of the GPUs that a table names, made when first asked for.
class Predictors {
 public:
  Predictors(const RowsOptions& options, const cost::CostModel& cost) : options_(options), cost_(cost) {}

  predict::Predictor& of(const predict::TrainingRow& row) try {
    std::unique_ptr<predict::Predictor>& predictor = predictors_[row.gpu];
    if (!predictor) {
      predictor = std::make_unique<predict::Predictor>(predictor_of(options_.step, row.gpu, cost_));
    }
    return *predictor;
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}:{}: column 'gpu': {}", options_.rows, row.line, error.what()));
  }

  std::map<std::string, std::string> efficiencies() const {
    std::map<std::string, std::string> origins;
    for (const auto& [gpu, predictor] : predictors_) {
      origins[gpu] = predictor->efficiency_origin();
    }
    return origins;
  }

 private:
  const RowsOptions& options_;
  const cost::CostModel& cost_;
  std::map<std::string, std::unique_ptr<predict::Predictor>> predictors_;
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
  const predict::TrainingRows table = predict::read_training_rows(options.rows);
  const cost::CostModel cost = read_cost(options.step);
  Predictors predictors(options, cost);
  std::vector<predict::PredictedRow> rows;
  rows.reserve(table.rows.size());
  const predict::RowDetail detail = options.no_intervals ? predict::RowDetail::seconds : predict::RowDetail::intervals;
  for (const predict::TrainingRow& row : table.rows) {
    predict::Predictor& predictor = predictors.of(row);
    rows.push_back(predict::predict_row(predictor.step(), row, predictor.network(row), detail));
  }
  if ((options.output.is_text() && !options.as_table) || options.out != standard_output) {
    write(options.out, predict::with_predictions(table, rows));
  }
  print(views::rows_view(rows, fmt::format("{} ({})", cost.name, cost.created_by), predictors.efficiencies(),
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
