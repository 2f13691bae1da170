#include "commands/predict/predict_rows.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/text_table.hpp"
#include "predict/score/row_score.hpp"
#include "predict/step/prediction.hpp"
#include "predict/step/step_interval.hpp"
#include "predict/step/step_prediction.hpp"

namespace hockney::commands {
namespace {

struct Predicted {
  predict::StepTime time;
  Interval interval;
};

/// The warnings about all rows, the first of every kind.
class Doubts {
 public:
  void add(const predict::StepModel& step, const predict::TrainingRow& row, predict::StepNetwork& network) {
    std::set<std::string> kinds;
    for (const std::string& warning : predict::warnings_about_step(step, row.model, row.mapping, network)) {
      const std::string kind = warning.substr(0, warning.find(':'));
      Doubt& doubt = doubts_.try_emplace(kind, Doubt{warning, row.line, 0}).first->second;
      doubt.rows += kinds.insert(kind).second ? 1 : 0;
    }
  }

  std::string print() const {
    std::string text;
    for (const auto& [kind, doubt] : doubts_) {
      text += fmt::format("WARNING {} ({})\n", doubt.first,
                          doubt.rows == 1 ? fmt::format("line {}", doubt.line)
                                          : fmt::format("line {}; {} rows in all", doubt.line, doubt.rows));
    }
    return text;
  }

 private:
  struct Doubt {
    std::string first;
    std::size_t line = 0;
    std::size_t rows = 0;
  };

  std::map<std::string, Doubt> doubts_;
};

std::string csv_of(const predict::TrainingRows& table, const std::vector<Predicted>& predictions) {
  std::string text = table.header + ",predicted_s,predicted_low_s,predicted_high_s";
  for (const predict::StepPart& part : predict::step_parts().first(predict::step_parts().size() - 1)) {
    std::string name(part.name);
    std::replace(name.begin(), name.end(), ' ', '_');
    text += fmt::format(",{}_s", name);
  }
  text += ",hidden_s\n";
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& [time, interval] = predictions[i];
    text += fmt::format("{},{:.6g},{:.6g},{:.6g}", table.rows[i].text, time.total_s, interval.low, interval.high);
    for (const predict::StepPart& part : predict::step_parts().first(predict::step_parts().size() - 1)) {
      text += fmt::format(",{:.6g}", part.seconds(time));
    }
    text += fmt::format(",{:.6g}\n", predict::step_parts().back().hidden(time));
  }
  return text;
}

void write(const std::string& out, const std::string& text) {
  if (out == "-" || out == "/dev/stdout") {
    fmt::print("{}", text);
    return;
  }
  std::ofstream stream(out, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) {
    throw InputError(fmt::format("--out {}: cannot be written", out));
  }
}

void add_errors(TextTable& table, const predict::RowErrors& errors) {
  const auto percent = [](double fraction) { return fmt::format("{:.2f}", fraction * 100); };
  table.add({errors.name, std::to_string(errors.rows), percent(errors.mean),
             fmt::format("{:+.2f}", errors.signed_mean * 100), percent(errors.median), percent(errors.p95)});
}

TextTable errors_table(const std::string& what) {
  return TextTable({{what, Align::left}, {"rows"}, {"MAPE (%)"}, {"bias (%)"}, {"median (%)"}, {"p95 (%)"}});
}

std::string score_of(const std::vector<predict::ScoredRow>& scored) {
  std::string text;
  TextTable sources = errors_table("seconds per step, predicted against measured");
  for (const predict::RowErrors& errors : predict::errors_by_source(scored)) {
    add_errors(sources, errors);
  }
  add_errors(sources, predict::errors_of(scored, "all"));
  text += sources.print() + fmt::format("rank correlation (Spearman): {:.4f}\n", predict::rank_correlation(scored));
  const std::vector<predict::RowErrors> ratios = predict::ratio_errors(scored);
  if (!ratios.empty()) {
    TextTable pairs = errors_table("ratio of two rows that differ in one step");
    for (const predict::RowErrors& errors : ratios) {
      add_errors(pairs, errors);
    }
    text += "\n" + pairs.print();
  }
  return text;
}

}  // namespace

void predict_rows(const StepFlags& flags, const std::string& rows, const std::string& out) {
  const predict::TrainingRows table = predict::read_training_rows(rows);
  const cost::CostModel cost = read_cost(flags);
  std::map<std::string, GpuSteps> gpus;
  const auto steps_of = [&](const predict::TrainingRow& row) -> GpuSteps& {
    try {
      return gpus.try_emplace(row.gpu, row.gpu, flags, cost).first->second;
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}:{}: column 'gpu': {}", rows, row.line, error.what()));
    }
  };
  std::vector<Predicted> predictions;
  std::vector<predict::ScoredRow> scored;
  Doubts doubts;
  bool any_measured = false;
  for (const predict::TrainingRow& row : table.rows) {
    GpuSteps& steps = steps_of(row);
    const predict::StepModel& step = steps.model();
    predict::StepNetwork& network = steps.networks().of(row);
    const predict::StepTime time = step.predict(row.model, row.mapping, network);
    const predict::StepDraws draws = predict::draw_steps(step, row.model, row.mapping, network);
    predictions.push_back({time, draws.interval(predict::step_parts().back(), time.total_s)});
    scored.push_back({&row, time.total_s});
    doubts.add(step, row, network);
    any_measured = any_measured || row.measured_s;
  }
  write(out, csv_of(table, predictions));
  fmt::print("\ncost model {} ({})\n", cost.name, cost.created_by);
  for (const auto& [gpu, steps] : gpus) {
    fmt::print("efficiency of {}: {}\n", gpu, steps.efficiency_origin());
  }
  fmt::print("where a row has no column of its own: {}\n{}", predict::usual_run, doubts.print());
  fmt::print("{}\n", any_measured ? score_of(scored) : "no row has a measured_s: nothing to compare with\n");
}

}  // namespace hockney::commands
