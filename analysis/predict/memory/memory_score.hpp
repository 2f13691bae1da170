#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "predict/memory/memory_rows.hpp"

namespace hockney::predict {

/// A row and what the memory model says of it. `row` points into its table.
struct JudgedRow {
  const MemoryRow* row = nullptr;
  StepMemory memory;
  MemoryVerdict verdict;

  bool is_right() const { return (verdict.fit != Fit::does_not_fit) == row->fitted; }
};

/// What GPUs with `capacity` say to every row.
std::vector<JudgedRow> judged(const MemoryRows& table, Bytes capacity);

/// How many labels the verdicts meet. A tight row counts as one that fits.
struct MemoryScore {
  std::string name;
  std::size_t rows = 0;
  std::size_t right = 0;
  std::size_t ran_out = 0;
  std::size_t caught = 0;  ///< of those that ran out, told so
  std::size_t tight = 0;

  double right_share() const { return static_cast<double>(right) / static_cast<double>(rows); }

  /// Nothing where no row ran out of memory.
  std::optional<double> caught_share() const;
};

MemoryScore score_of(std::span<const JudgedRow> rows, std::string name);

/// Scores by model and sequence, in order of first appearance.
std::vector<MemoryScore> scores_by_model(std::span<const JudgedRow> rows);

}  // namespace hockney::predict
