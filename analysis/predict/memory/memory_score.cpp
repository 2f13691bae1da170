#include "predict/memory/memory_score.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace hockney::predict {
namespace {

std::string family_of(const JudgedRow& row) {
  return fmt::format("{}, sequence {}", row.row->model.name, row.row->model.sequence);
}

void add(MemoryScore& score, const JudgedRow& row) {
  ++score.rows;
  score.right += row.is_right() ? 1 : 0;
  score.ran_out += row.row->fitted ? 0 : 1;
  score.caught += !row.row->fitted && row.is_right() ? 1 : 0;
  score.tight += row.verdict.fit == Fit::tight ? 1 : 0;
}

}  // namespace

std::vector<JudgedRow> judged(const MemoryRows& table, Bytes capacity) {
  std::vector<JudgedRow> rows;
  for (const MemoryRow& row : table.rows) {
    const StepMemory memory = step_memory(row.model, row.mapping, row.program);
    rows.push_back({&row, memory, verdict(memory, capacity)});
  }
  return rows;
}

std::optional<double> MemoryScore::caught_share() const {
  return ran_out == 0 ? std::nullopt : std::optional(static_cast<double>(caught) / static_cast<double>(ran_out));
}

MemoryScore score_of(std::span<const JudgedRow> rows, std::string name) {
  MemoryScore score{.name = std::move(name)};
  for (const JudgedRow& row : rows) {
    add(score, row);
  }
  return score;
}

std::vector<MemoryScore> scores_by_model(std::span<const JudgedRow> rows) {
  std::vector<MemoryScore> scores;
  for (const JudgedRow& row : rows) {
    const std::string name = family_of(row);
    auto score = std::find_if(scores.begin(), scores.end(), [&](const MemoryScore& each) { return each.name == name; });
    if (score == scores.end()) {
      score = scores.insert(scores.end(), MemoryScore{.name = name});
    }
    add(*score, row);
  }
  return scores;
}

}  // namespace hockney::predict
