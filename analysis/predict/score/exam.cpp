#include "predict/score/exam.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <tuple>

#include "base/error.hpp"
#include "predict/score/row_score.hpp"
#include "record/statistics.hpp"

namespace hockney::predict {
namespace {

constexpr double coverage = 0.95;
constexpr int bisections = 40;
constexpr std::size_t enough_rows = 20;  // the least of which a quantile of 95 % lies inside

std::string group_of(const ExamRow& row) {
  return fmt::format("{} {} {}", row.run.gpu, name_of(row.way.precision), row.stack);
}

class Exam {
 public:
  Exam(const StepConstants& constants, const ExamPlaces& places) : constants_(constants), places_(places) {}

  ExamResult take(const ExamRows& rows) {
    result_.skipped = rows.skipped;
    for (const ExamRow& row : rows.rows) {
      add(row);
    }
    for (auto& [name, answers] : by_group_) {
      calibrate(name, answers);
    }
    add_intervals();
    return std::move(result_);
  }

 private:
  StepTime predicted(const ExamRow& row, double efficiency) const {
    const StepModel model(places_.gpu(row), constants_, efficiency, row.way);
    return model.predict(row.run.model, row.run.mapping, places_.network(row));
  }

  double seconds(const ExamRow& row, double efficiency) const { return predicted(row, efficiency).total_s; }

  void add(const ExamRow& row) {
    const std::string place = fmt::format("{}:{}", row.file, row.run.line);
    if (!row.run.measured_s) {
      result_.skipped.push_back({place, "has no measured_s"});
      return;
    }
    try {
      const StepTime time = predicted(row, places_.gpu(row).efficiency);
      const double uncalibrated = time.total_s;
      fitness_.emplace_back(row.run.model.experts == 0, -static_cast<double>(row.run.mapping.gpus()),
                            row.run.model.hidden, -static_cast<double>(row.run.model.sequence),
                            time.compute_s / time.total_s);
      by_group_[group_of(row)].push_back(result_.answers.size());
      result_.answers.push_back({&row, uncalibrated, uncalibrated, {}, false});
    } catch (const InputError& error) {
      result_.skipped.push_back({place, error.what()});
    }
  }

  void calibrate(const std::string& name, const std::vector<std::size_t>& answers) {
    const std::size_t chosen = *std::max_element(
        answers.begin(), answers.end(), [&](std::size_t a, std::size_t b) { return fitness_[a] < fitness_[b]; });
    const ExamRow& row = *result_.answers[chosen].row;
    const std::optional<double> efficiency = efficiency_for(row);
    result_.answers[chosen].calibrates = efficiency.has_value();  // a row that none meets is an error as others are
    result_.groups.push_back({name, fmt::format("{}:{}", row.file, row.run.line), efficiency});
    for (const std::size_t answer : answers) {
      if (efficiency) {
        result_.answers[answer].predicted_s = seconds(*result_.answers[answer].row, *efficiency);
      }
    }
  }

  std::optional<double> efficiency_for(const ExamRow& row) const {
    double low = 0.01;
    double high = 1.5;
    if (seconds(row, low) < *row.run.measured_s || seconds(row, high) > *row.run.measured_s) {
      return std::nullopt;
    }
    for (int i = 0; i < bisections; ++i) {
      const double middle = (low + high) / 2;
      (seconds(row, middle) > *row.run.measured_s ? low : high) = middle;
    }
    return (low + high) / 2;
  }

  static double half_width(std::vector<double> errors) {
    if (errors.empty()) {
      return launch_noise;
    }
    std::sort(errors.begin(), errors.end());
    const auto rank = static_cast<std::size_t>(std::ceil(coverage * static_cast<double>(errors.size() + 1)));
    return std::max(launch_noise, errors[std::min(rank, errors.size()) - 1]);
  }

  double width_for(const ExamAnswer& answer) const {
    std::vector<double> alike;
    std::vector<double> others;
    std::vector<double> own;
    for (const ExamAnswer& each : result_.answers) {
      if (each.calibrates || &each == &answer) {
        continue;
      }
      const double error = std::abs(std::log(each.predicted_s / *each.row->run.measured_s));
      if (each.row->family == answer.row->family) {
        own.push_back(error);
        continue;
      }
      others.push_back(error);
      if (each.row->kind == answer.row->kind) {
        alike.push_back(error);
      }
    }
    return half_width(alike.size() >= enough_rows ? alike : !others.empty() ? others : own);
  }

  void add_intervals() {
    for (ExamAnswer& answer : result_.answers) {
      const double width = width_for(answer);
      answer.interval_s = {answer.predicted_s * std::exp(-width), answer.predicted_s * std::exp(width)};
    }
  }

  const StepConstants& constants_;
  const ExamPlaces& places_;
  ExamResult result_;
  std::map<std::string, std::vector<std::size_t>> by_group_;
  /// Of each answer to calibrate: dense, fewer GPUs, hidden size, shorter sequence, share of computation.
  std::vector<std::tuple<bool, double, std::uint64_t, double, double>> fitness_;
};

double share_covered(const std::vector<const ExamAnswer*>& answers) {
  const auto covered =
      std::count_if(answers.begin(), answers.end(), [](const auto* each) { return each->is_covered(); });
  return static_cast<double>(covered) / static_cast<double>(answers.size());
}

FamilyScore score_of(std::string family, const std::vector<const ExamAnswer*>& answers) {
  std::vector<PredictedRow> rows(answers.size());
  double uncalibrated = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    rows[i].row = &answers[i]->row->run;
    rows[i].time.total_s = answers[i]->predicted_s;
    uncalibrated += std::abs(answers[i]->uncalibrated_s / *answers[i]->row->run.measured_s - 1);
  }
  const RowErrors errors = errors_of(rows, family);
  return {std::move(family),
          errors.rows,
          errors.mean,
          errors.median,
          errors.p95,
          errors.signed_mean,
          uncalibrated / static_cast<double>(answers.size()),
          rank_correlation(rows),
          share_covered(answers),
          regret_of(answers)};
}

}  // namespace

ExamResult take_exam(const ExamRows& rows, const StepConstants& constants, const ExamPlaces& places) {
  return Exam(constants, places).take(rows);
}

std::optional<double> regret_of(const std::vector<const ExamAnswer*>& answers) {
  using Task = std::tuple<std::string, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;
  std::map<Task, std::vector<const ExamAnswer*>> tasks;
  for (const ExamAnswer* answer : answers) {
    const TrainingRow& run = answer->row->run;
    tasks[{group_of(*answer->row), run.model.layers, run.model.hidden, run.model.sequence, run.mapping.gpus(),
           run.mapping.global_batch}]
        .push_back(answer);
  }
  std::vector<double> regrets;
  for (const auto& [task, choices] : tasks) {
    if (choices.size() > 1) {
      const auto* const chosen = *std::min_element(choices.begin(), choices.end(),
                                                   [](auto* a, auto* b) { return a->predicted_s < b->predicted_s; });
      const auto* const fastest = *std::min_element(choices.begin(), choices.end(), [](auto* a, auto* b) {
        return *a->row->run.measured_s < *b->row->run.measured_s;
      });
      regrets.push_back(*chosen->row->run.measured_s / *fastest->row->run.measured_s - 1);
    }
  }
  return regrets.empty() ? std::nullopt : std::optional(mean(regrets));
}

std::vector<FamilyScore> scores_of(const ExamResult& result) {
  std::vector<std::string> families;
  std::map<std::string, std::vector<const ExamAnswer*>> by_family;
  std::vector<const ExamAnswer*> all;
  for (const ExamAnswer& answer : result.answers) {
    if (answer.calibrates) {
      continue;
    }
    if (by_family[answer.row->family].empty()) {
      families.push_back(answer.row->family);
    }
    by_family[answer.row->family].push_back(&answer);
    all.push_back(&answer);
  }
  std::vector<FamilyScore> scores;
  for (const std::string& family : families) {
    scores.push_back(score_of(family, by_family[family]));
  }
  if (!all.empty()) {
    scores.push_back(score_of("all", all));
  }
  return scores;
}

}  // namespace hockney::predict
