#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "predict/memory/step_memory.hpp"
#include "predict/score/step_rows.hpp"
#include "predict/step/step_model.hpp"

namespace hockney::predict {

/// The rows of one GPU, precision and stack, and the row that sets its efficiency: a dense model before one
/// with experts, whole parameters before sharded ones, then fewer GPUs, then a larger hidden size, then a shorter
/// sequence, then the largest share of computation in its predicted time, the first among equals. What is measured does
/// not choose it. It is predicted, too, but not scored.
struct ExamGroup {
  std::string name;                  ///< "h100 fp8 nemo"
  std::string place;                 ///< of the row that calibrates
  std::optional<double> efficiency;  ///< nothing where the row's time cannot be met
};

struct ExamAnswer {
  const StepRow* row = nullptr;
  std::string place;          ///< "runs.csv:7"
  std::string family;         ///< of the row
  double predicted_s = 0;     ///< with the efficiency of its group
  double uncalibrated_s = 0;  ///< with what the stack's file has for the GPU, else the GPU's file
  Interval interval_s{};      ///< 95 %, of predicted_s
  MemoryVerdict memory{};     ///< what ran did fit
  bool calibrates = false;

  double error() const { return predicted_s / *row->measured_s - 1; }
  bool is_covered() const { return *row->measured_s >= interval_s.low && *row->measured_s <= interval_s.high; }

  /// The table does not say how fast the NICs are that the step sends over: usual_nic_bytes_per_s_per_gpu.
  bool assumes_nic() const { return !row->node_nic_bytes_per_s && row->mapping.nodes() > 1; }
};

/// Of the NICs of a row that does not say: 400 Gbit/s for every GPU, those of DGX H100 and later.
inline constexpr double usual_nic_bytes_per_s_per_gpu = 50e9;

struct ExamResult {
  std::vector<ExamAnswer> answers;
  std::vector<ExamGroup> groups;
  std::vector<SkippedLine> skipped;
  std::vector<std::string> ignored_columns;  ///< of each table that has some
};

/// Where rows are answered: the GPU of a row and its network. Throws InputError for a row that cannot be.
struct ExamPlaces {
  std::function<const Gpu&(const StepRow&)> gpu;
  std::function<StepNetwork&(const StepRow&)> network;
};

/// Predicts every row that has a measured time. What ran had room: where the training state of a replica does not fit
/// its GPU, parameters are taken as sharded (Sharding::full). An interval is as wide as errors elsewhere ask for: on
/// rows of the same program and kind (StepKind) of another family, GPU, precision or stack. A place is a family with a
/// GPU, precision and stack; the width is the root mean square of log(predicted / measured), every place counting once,
/// times the 97.5 % quantile of Student's t with as many degrees of freedom as places. With fewer than 3 places those
/// of the kind in other families count, and with fewer than 3 of these the width is known_error(). None is narrower
/// than `launch_noise`.
ExamResult take_exam(std::span<const StepRows> tables, const StepConstants& constants, const ExamPlaces& places);

/// |log| noise from launch to launch that no interval goes below: 1 % at the 90th percentile of MLPerf Training v3.0
/// and v3.1's repeated launches, as a half width of 95 %.
inline constexpr double launch_noise = 0.012;

/// |log(predicted / measured)| that 95 % of the exam's development rows of a kind stay below.
struct KnownError {
  StepKind kind;
  std::string_view name;
  double log_error;
};
inline constexpr std::array<KnownError, 3> known_errors{{{StepKind::dense, "dense", 0.21},
                                                         {StepKind::experts, "experts", 0.86},
                                                         {StepKind::sharded, "sharded parameters", 0.20}}};
double known_error(StepKind kind);

/// The regret of choosing by prediction among the mappings of one model as the table states it, number of GPUs, batch,
/// network, precision, stack and release (the source up to its first comma): time of the chosen over that of the
/// fastest, less 1, mean over all with two mappings or more; nothing without one. A mapping that is there several times
/// takes its mean times.
std::optional<double> regret_of(const std::vector<const ExamAnswer*>& answers);

/// Scores of one family. Fractions; over rows that did not calibrate.
struct FamilyScore {
  std::string family;
  std::size_t rows = 0;
  double mean = 0;
  double median = 0;
  double p95 = 0;
  double bias = 0;
  double uncalibrated_mean = 0;
  std::optional<double> rank_correlation;  ///< as rank_correlation()
  double covered = 0;
  std::optional<double> regret;
  std::optional<double> said_to_fit;  ///< in memory, tight ones included, of rows that state their recomputation
  std::size_t nics_assumed = 0;       ///< rows with assumes_nic()
};

/// By family, in order of first appearance, then all together.
std::vector<FamilyScore> scores_of(const ExamResult& result);

}  // namespace hockney::predict
