#include "predict/score/exam.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <tuple>

#include "base/error.hpp"
#include "predict/memory/step_memory.hpp"
#include "predict/score/row_score.hpp"
#include "record/deviates.hpp"
#include "record/statistics.hpp"

namespace hockney::predict {
namespace {

constexpr int bisections = 40;
constexpr std::size_t enough_places = 3;

std::string group_of(const StepRow& row) {
  return fmt::format("{} {} {}", row.gpu, name_of(row.way.precision), row.calibrated_with());
}

class Exam {
 public:
  Exam(const StepConstants& constants, const ExamPlaces& places) : constants_(constants), places_(places) {}

  ExamResult take(std::span<const StepRows> tables) {
    for (const StepRows& table : tables) {
      result_.skipped.insert(result_.skipped.end(), table.skipped.begin(), table.skipped.end());
      if (!table.ignored_columns.empty()) {
        result_.ignored_columns.push_back(table.ignored_columns);
      }
      for (const StepRow& row : table.rows) {
        add(row, table.place(row));
      }
    }
    for (auto& [name, answers] : by_group_) {
      calibrate(name, answers);
    }
    add_intervals();
    return std::move(result_);
  }

 private:
  StepTime predicted(const StepRow& row, double efficiency) const {
    const StepModel model(places_.gpu(row), constants_, efficiency, way_of(row));
    return model.predict(row.model, row.mapping, places_.network(row));
  }

  // What ran had room: a replica's state that a GPU cannot hold was sharded.
  RunWay way_of(const StepRow& row) const {
    RunWay way = row.way;
    const StepMemory memory = memory_of(way, row.model, row.mapping);
    if (memory.weights + memory.gradients + memory.optimizer > static_cast<double>(places_.gpu(row).memory.count)) {
      way.sharding = std::max(way.sharding, Sharding::full);
    }
    return way;
  }

  double seconds(const StepRow& row, double efficiency) const { return predicted(row, efficiency).total_s; }

  void add(const StepRow& row, const std::string& place) {
    if (!row.measured_s) {
      result_.skipped.push_back({place, "has no measured_s"});
      return;
    }
    try {
      const Gpu& gpu = places_.gpu(row);
      const StepTime time =
          predicted(row, row.stack == nullptr ? gpu.efficiency : row.stack->efficiency_on(gpu, row.way.precision));
      const double uncalibrated = time.total_s;
      fitness_.emplace_back(row.model.experts == 0, way_of(row).sharding < Sharding::gradients,
                            -static_cast<double>(row.mapping.gpus()), row.model.hidden,
                            -static_cast<double>(row.model.sequence), time.compute_s / time.total_s);
      by_group_[group_of(row)].push_back(result_.answers.size());
      result_.answers.push_back({&row, place, row.family(), uncalibrated, uncalibrated});
      result_.answers.back().memory = verdict_of(row, places_.gpu(row).memory);
    } catch (const InputError& error) {
      result_.skipped.push_back({place, error.what()});
    }
  }

  void calibrate(const std::string& name, const std::vector<std::size_t>& answers) {
    const std::size_t chosen = *std::max_element(
        answers.begin(), answers.end(), [&](std::size_t a, std::size_t b) { return fitness_[a] < fitness_[b]; });
    const StepRow& row = *result_.answers[chosen].row;
    const std::optional<double> efficiency = efficiency_for(row);
    result_.answers[chosen].calibrates = efficiency.has_value();  // a row that none meets is an error as others are
    result_.groups.push_back({name, result_.answers[chosen].place, efficiency});
    for (const std::size_t answer : answers) {
      if (efficiency) {
        result_.answers[answer].predicted_s = seconds(*result_.answers[answer].row, *efficiency);
      }
    }
  }

  std::optional<double> efficiency_for(const StepRow& row) const {
    double low = 0.01;
    double high = 1.5;
    if (seconds(row, low) < *row.measured_s || seconds(row, high) > *row.measured_s) {
      return std::nullopt;
    }
    for (int i = 0; i < bisections; ++i) {
      const double middle = (low + high) / 2;
      (seconds(row, middle) > *row.measured_s ? low : high) = middle;
    }
    return (low + high) / 2;
  }

  /// Squares of log errors, by family and group.
  using Places = std::map<std::pair<std::string, std::string>, std::vector<double>>;

  // Rows of one place err alike, so that what is known of another place is as many numbers as there are places.
  static double width_of(const Places& places) {
    double sum = 0;
    for (const auto& [place, squares] : places) {
      sum += mean(squares);
    }
    const auto count = static_cast<double>(places.size());
    return std::max(launch_noise, student_t(count) * std::sqrt(sum / count));
  }

  double width_for(const ExamAnswer& answer) const {
    const StepRow& own = *answer.row;
    const std::string own_group = group_of(own);
    Places of_program;
    Places of_kind;
    for (const ExamAnswer& each : result_.answers) {
      const StepRow& row = *each.row;
      const std::string group = group_of(row);
      if (each.calibrates || row.kind() != own.kind() || (each.family == answer.family && group == own_group)) {
        continue;
      }
      const double square = std::pow(std::log(each.predicted_s / *row.measured_s), 2);
      if (row.program() == own.program()) {
        of_program[{each.family, group}].push_back(square);
      }
      if (each.family != answer.family) {
        of_kind[{each.family, group}].push_back(square);
      }
    }
    return of_program.size() >= enough_places ? width_of(of_program)
           : of_kind.size() >= enough_places  ? width_of(of_kind)
                                              : known_error(own.kind());
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
  /// Of each answer to calibrate: dense, parameters whole, fewer GPUs, hidden size, shorter sequence, share of
  /// computation.
  std::vector<std::tuple<bool, bool, double, std::uint64_t, double, double>> fitness_;
};

template <class Has>
std::size_t count_of(const std::vector<const ExamAnswer*>& answers, Has has) {
  return static_cast<std::size_t>(
      std::count_if(answers.begin(), answers.end(), [&](const ExamAnswer* each) { return has(*each); }));
}

std::optional<double> said_to_fit(const std::vector<const ExamAnswer*>& answers) {
  const std::size_t judged = count_of(answers, [](const ExamAnswer& each) { return each.row->states_recompute; });
  const std::size_t fitting = count_of(answers, [](const ExamAnswer& each) {
    return each.row->states_recompute && each.memory.fit != Fit::does_not_fit;
  });
  return judged == 0 ? std::nullopt : std::optional(static_cast<double>(fitting) / static_cast<double>(judged));
}

FamilyScore score_of(std::string family, const std::vector<const ExamAnswer*>& answers) {
  std::vector<PredictedRow> rows(answers.size());
  double uncalibrated = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    rows[i].row = answers[i]->row;
    rows[i].time.total_s = answers[i]->predicted_s;
    uncalibrated += std::abs(answers[i]->uncalibrated_s / *answers[i]->row->measured_s - 1);
  }
  const RowErrors errors = errors_of(rows, family);
  const auto count = static_cast<double>(answers.size());
  const auto share = [&](auto has) { return static_cast<double>(count_of(answers, has)) / count; };
  return {std::move(family),
          errors.rows,
          errors.mean,
          errors.median,
          errors.p95,
          errors.signed_mean,
          uncalibrated / count,
          rank_correlation(rows),
          share([](const ExamAnswer& each) { return each.is_covered(); }),
          regret_of(answers),
          said_to_fit(answers),
          count_of(answers, [](const ExamAnswer& each) { return each.assumes_nic(); })};
}

/// What a planner is given: it chooses among the mappings.
struct Task {
  std::string group;
  std::string release;
  Transformer model;
  std::uint64_t gpus;
  std::uint64_t global_batch;
  std::uint64_t gpus_per_node;
  std::optional<double> node_nic_bytes_per_s;

  friend auto operator<=>(const Task&, const Task&) = default;
};

// As the table states them: shapes that are rounded may be the same of different models.
Task task_of(const StepRow& row) {
  Transformer model = row.model;
  model.name.clear();
  model.source.clear();
  model.layers = row.stated.layers;
  return {group_of(row),
          row.model.source.substr(0, row.model.source.find(',')),
          model,
          row.mapping.gpus(),
          row.stated.global_batch,
          row.mapping.gpus_per_node,
          row.node_nic_bytes_per_s};
}

/// One mapping, with all rows that publish it.
struct Choice {
  std::vector<double> predicted_s;
  std::vector<double> measured_s;
};

using Choices = std::map<std::pair<Mapping, Sharding>, Choice>;

double regret_among(const Choices& choices) {
  const auto least = [&](std::vector<double> Choice::*seconds) {
    return std::min_element(choices.begin(), choices.end(), [&](const auto& a, const auto& b) {
      return mean(a.second.*seconds) < mean(b.second.*seconds);
    });
  };
  return mean(least(&Choice::predicted_s)->second.measured_s) / mean(least(&Choice::measured_s)->second.measured_s) - 1;
}

}  // namespace

ExamResult take_exam(std::span<const StepRows> tables, const StepConstants& constants, const ExamPlaces& places) {
  return Exam(constants, places).take(tables);
}

double known_error(StepKind kind) {
  const auto is_it = [kind](const KnownError& known) { return known.kind == kind; };
  return std::find_if(known_errors.begin(), known_errors.end(), is_it)->log_error;
}

std::optional<double> regret_of(const std::vector<const ExamAnswer*>& answers) {
  std::map<Task, Choices> tasks;
  for (const ExamAnswer* answer : answers) {
    const StepRow& row = *answer->row;
    Choice& choice = tasks[task_of(row)][{row.mapping, row.way.sharding}];
    choice.predicted_s.push_back(answer->predicted_s);
    choice.measured_s.push_back(*row.measured_s);
  }
  std::vector<double> regrets;
  for (const auto& [task, choices] : tasks) {
    if (choices.size() > 1) {
      regrets.push_back(regret_among(choices));
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
    std::vector<const ExamAnswer*>& of_family = by_family[answer.family];
    if (of_family.empty()) {
      families.push_back(answer.family);
    }
    of_family.push_back(&answer);
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
