#include "predict/score/exam.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <tuple>

#include "base/error.hpp"
#include "predict/memory/step_memory.hpp"
#include "predict/score/row_score.hpp"
#include "record/deviates.hpp"
#include "record/statistics.hpp"

namespace hockney::predict {
namespace {

constexpr std::size_t enough_places = 3;

std::string group_of(const StepRow& row) {
  return fmt::format("{} {} {}", row.gpu, name_of(row.way.precision), row.calibrated_with());
}

/// Logarithms of what a step is large in.
using Sizes = std::array<double, 7>;

Sizes sizes_of(const StepRow& row) {
  const Mapping& mapping = row.mapping;
  const auto tokens = mapping.global_batch * row.model.sequence;
  const double tokens_per_gpu = static_cast<double>(tokens) / static_cast<double>(mapping.gpus());
  const auto log = [](std::uint64_t size) { return std::log(static_cast<double>(size)); };
  return {log(mapping.gpus()),   log(mapping.tensor),     log(mapping.pipeline),   log(mapping.micro_batch),
          log(row.model.hidden), log(row.model.sequence), std::log(tokens_per_gpu)};
}

// Sum over `sorted` of |value - each|; `sums` of as many first ones.
double distance_to_all(double value, const std::vector<double>& sorted, const std::vector<double>& sums) {
  const auto below = static_cast<std::size_t>(std::upper_bound(sorted.begin(), sorted.end(), value) - sorted.begin());
  const auto less = static_cast<double>(below);
  return value * (2 * less - static_cast<double>(sorted.size())) + sums.back() - 2 * sums[below];
}

std::size_t nearest_to_all(const std::vector<Sizes>& all) {
  std::vector<double> distances(all.size());
  for (std::size_t size = 0; size < std::tuple_size_v<Sizes>; ++size) {
    std::vector<double> sorted(all.size());
    std::transform(all.begin(), all.end(), sorted.begin(), [size](const Sizes& each) { return each[size]; });
    std::sort(sorted.begin(), sorted.end());
    std::vector<double> sums(all.size() + 1);
    std::partial_sum(sorted.begin(), sorted.end(), sums.begin() + 1);
    for (std::size_t i = 0; i < all.size(); ++i) {
      distances[i] += distance_to_all(all[i][size], sorted, sums);
    }
  }
  constexpr double same = 1e-9;  // sums round
  const double least = *std::min_element(distances.begin(), distances.end());
  const auto first =
      std::find_if(distances.begin(), distances.end(), [&](double each) { return each <= least + same * (1 + least); });
  return static_cast<std::size_t>(first - distances.begin());
}

class Exam {
 public:
  explicit Exam(RowPredictors& predictors) : predictors_(predictors) {}

  ExamResult take(std::span<StepRows> tables) {
    for (StepRows& table : tables) {
      result_.skipped.insert(result_.skipped.end(), table.skipped.begin(), table.skipped.end());
      if (!table.ignored_columns.empty()) {
        result_.ignored_columns.push_back(table.ignored_columns);
      }
      for (StepRow& row : table.rows) {
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
  void add(StepRow& row, const std::string& place) {
    if (!row.measured_s) {
      result_.skipped.push_back({place, "has no measured_s"});
      return;
    }
    try {
      const PredictedRow alone = predict_row(predictors_, row);
      by_group_[group_of(row)].push_back(result_.answers.size());
      result_.answers.push_back({alone, place, row.family(), alone.predicted_s()});
    } catch (const InputError& error) {
      result_.skipped.push_back({place, error.what()});
    }
  }

  double seconds(std::size_t answer, double efficiency) const {
    const PredictedRow& alone = result_.answers[answer].alone;
    return alone.step->with_efficiency(efficiency)
        .predict(alone.row->model, alone.row->mapping, *alone.network)
        .total_s;
  }

  std::size_t calibrating(const std::vector<std::size_t>& answers) const {
    const auto plainness = [&](std::size_t answer) {
      const PredictedRow& alone = result_.answers[answer].alone;
      const Stack* stack = alone.row->stack;
      return std::tuple(alone.row->model.experts == 0, alone.step->way().sharding < Sharding::gradients,
                        stack == nullptr || stack->variant_of.empty());
    };
    const auto plainest = plainness(*std::max_element(
        answers.begin(), answers.end(), [&](std::size_t a, std::size_t b) { return plainness(a) < plainness(b); }));
    std::vector<std::size_t> plain;
    std::vector<Sizes> sizes;
    for (const std::size_t answer : answers) {
      if (plainness(answer) == plainest) {
        plain.push_back(answer);
        sizes.push_back(sizes_of(result_.answers[answer].row()));
      }
    }
    return plain[nearest_to_all(sizes)];
  }

  void calibrate(const std::string& name, const std::vector<std::size_t>& answers) {
    const std::size_t chosen = calibrating(answers);
    const std::optional<double> efficiency = efficiency_where_zero(
        [&](double each) { return std::log(seconds(chosen, each) / result_.answers[chosen].measured_s()); });
    result_.answers[chosen].calibrates = efficiency.has_value();  // a row that none meets is an error as others are
    result_.groups.push_back({name, result_.answers[chosen].place, efficiency});
    for (const std::size_t answer : answers) {
      if (efficiency) {
        result_.answers[answer].predicted_s = seconds(answer, *efficiency);
      }
    }
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
    const StepRow& own = answer.row();
    const std::string own_group = group_of(own);
    Places of_program;
    Places of_kind;
    for (const ExamAnswer& each : result_.answers) {
      const StepRow& row = each.row();
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
    const double width = of_program.size() >= enough_places ? width_of(of_program)
                         : of_kind.size() >= enough_places  ? width_of(of_kind)
                                                            : known_error(own.kind(), Footing::own);
    return own.has_stand_in() ? std::max(width, known_error(own.kind(), Footing::stand_in)) : width;
  }

  void add_intervals() {
    for (ExamAnswer& answer : result_.answers) {
      const double width = width_for(answer);
      answer.interval_s = {answer.predicted_s * std::exp(-width), answer.predicted_s * std::exp(width)};
    }
  }

  RowPredictors& predictors_;
  ExamResult result_;
  std::map<std::string, std::vector<std::size_t>> by_group_;
};

template <class Has>
std::size_t count_of(const std::vector<const ExamAnswer*>& answers, Has has) {
  return static_cast<std::size_t>(
      std::count_if(answers.begin(), answers.end(), [&](const ExamAnswer* each) { return has(*each); }));
}

std::optional<double> said_to_fit(const std::vector<const ExamAnswer*>& answers) {
  const std::size_t judged = count_of(answers, [](const ExamAnswer& each) { return each.row().states_recompute; });
  const std::size_t fitting = count_of(answers, [](const ExamAnswer& each) {
    return each.row().states_recompute && each.alone.memory.fit != Fit::does_not_fit;
  });
  return judged == 0 ? std::nullopt : std::optional(static_cast<double>(fitting) / static_cast<double>(judged));
}

FamilyScore score_of(std::string family, const std::vector<const ExamAnswer*>& answers) {
  std::vector<PredictedRow> rows(answers.size());
  double uncalibrated = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    rows[i].row = answers[i]->alone.row;
    rows[i].time.total_s = answers[i]->predicted_s;
    uncalibrated += std::abs(answers[i]->alone.error());
  }
  const RowErrors errors = errors_of(rows, family);
  const auto count = static_cast<double>(answers.size());
  return {std::move(family),
          errors.rows,
          errors.mean,
          errors.median,
          errors.p95,
          errors.signed_mean,
          uncalibrated / count,
          rank_correlation(rows),
          count_of(answers, [](const ExamAnswer& each) { return each.is_covered(); }),
          count_of(answers, [](const ExamAnswer& each) { return each.alone.is_covered(); }),
          regret_of(answers),
          said_to_fit(answers),
          count_of(answers, [](const ExamAnswer& each) { return each.alone.assumes_nic; })};
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
  std::vector<double> ranked_s;  ///< by which a planner chooses
  std::vector<double> measured_s;
};

using Choices = std::map<std::pair<Mapping, Sharding>, Choice>;

double regret_among(const Choices& choices) {
  const auto least = [&](std::vector<double> Choice::*seconds) {
    return std::min_element(choices.begin(), choices.end(), [&](const auto& a, const auto& b) {
      return mean(a.second.*seconds) < mean(b.second.*seconds);
    });
  };
  return mean(least(&Choice::ranked_s)->second.measured_s) / mean(least(&Choice::measured_s)->second.measured_s) - 1;
}

}  // namespace

Interval FamilyScore::covered_range() const {
  const auto count = static_cast<double>(rows);
  const double square = z95 * z95;
  const double share = covered_fraction();
  const double middle = share + square / (2 * count);
  const double half = z95 * std::sqrt(share * (1 - share) / count + square / (4 * count * count));
  return {(middle - half) / (1 + square / count), (middle + half) / (1 + square / count)};
}

ExamResult take_exam(std::span<StepRows> tables, RowPredictors& predictors) { return Exam(predictors).take(tables); }

std::optional<double> regret_of(const std::vector<const ExamAnswer*>& answers) {
  const double doubt = doubt_between_mappings(StepConstants{});
  std::map<Task, Choices> tasks;
  for (const ExamAnswer* answer : answers) {
    const StepRow& row = answer->row();
    Choice& choice = tasks[task_of(row)][{row.mapping, row.way.sharding}];
    choice.ranked_s.push_back(ranked_s(answer->predicted_s, answer->alone.memory, doubt));
    choice.measured_s.push_back(answer->measured_s());
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
