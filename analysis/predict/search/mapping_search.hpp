#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "predict/step/step_prediction.hpp"

namespace hockney::predict {

/// What a search may choose from. Sizes that are fixed are said; the rest is tried in full.
struct SearchSpace {
  Mapping base;                         ///< global batch, GPUs per node, element widths, overlaps: taken as they are
  std::uint64_t gpus = 0;               ///< t c p d
  double memory_bytes = 0;              ///< of one GPU
  std::vector<std::uint64_t> tensor;    ///< sizes to try; empty: every divisor of the GPUs up to most_tensor
  std::vector<std::uint64_t> pipeline;  ///< likewise, every divisor that divides the layers
  std::uint64_t most_tensor = 64;
  std::uint64_t most_micro_batch = 64;
};

/// A mapping that was tried.
struct Candidate {
  Mapping mapping;
  StepTime time;
  StepMemory memory;
  double ranked_s = 0;  ///< by which it is chosen: predict::ranked_s()
};

/// What came out of a search.
struct SearchResult {
  std::vector<Candidate> best;             ///< that fit in memory, by ranked_s, at most as many as asked
  std::optional<Candidate> beyond_memory;  ///< the fastest of those that do not fit, if faster than the best one
  std::uint64_t tried = 0;                 ///< mappings that divide evenly
  std::uint64_t fitting = 0;               ///< of those, that fit in memory
  std::uint64_t unanswered = 0;            ///< of those that divide evenly, that the network cannot time
  std::string refusal;                     ///< why it could not time the first of them
};

/// Tries every mapping of the space: tensor, pipeline, data and expert parallel sizes, micro-batch, virtual stages,
/// recompute (none, selective, full), sequence parallelism (where t > 1), distributed optimizer (where d > 1); all that
/// divide heads, batch and GPUs evenly, and under interleaving the layers into chunks and the micro-batches into rounds
/// of p. Every candidate costs one StepModel::predict().
/// Mappings for whose messages the network has no answer are counted and left out.
SearchResult search_mappings(const StepModel& step, const Transformer& model, const SearchSpace& space,
                             StepNetwork& network, std::size_t most);

/// A mapping that a search found, beside the first.
struct Ranked {
  Candidate candidate;
  Interval interval_s;         ///< 95 %, of the step
  double slower_fraction = 0;  ///< than the first; below 0 where that has more room in memory
  bool told_apart = false;     ///< slower than the first in 97.5 % of the draws
};

/// The best mappings of a search with their intervals.
std::vector<Ranked> ranked(const StepModel& step, const Transformer& model, const std::vector<Candidate>& best,
                           StepNetwork& network);

/// The best mapping that fits of one pair of sizes; nothing where none divides evenly, fits and has curves.
struct Swept {
  std::uint64_t tensor = 1;
  std::uint64_t pipeline = 1;
  std::optional<Candidate> best;

  /// The share of the best step beyond one forward and one backward pass of the slowest stage, a fraction; nothing
  /// without one.
  std::optional<double> overhead() const;
};

/// One search per pair of tensor and pipeline parallel sizes of the space, where it names none of 1, 2, 4, ..., 64.
std::vector<Swept> sweep_mappings(const StepModel& step, const Transformer& model, const SearchSpace& space,
                                  StepNetwork& network);

/// What limits a step most, computation left aside.
enum class Limit { computation, bubble, inside_nodes, between_nodes, optimizer };

struct LimitNames {
  static constexpr std::string_view what = "limit";
  static constexpr std::array<NamedValue<Limit>, 5> table{{{Limit::computation, "computation"},
                                                           {Limit::bubble, "pipeline bubble"},
                                                           {Limit::inside_nodes, "fabric inside nodes"},
                                                           {Limit::between_nodes, "network between nodes"},
                                                           {Limit::optimizer, "optimizer"}}};
};
LimitNames names_of(Limit);

/// The seconds of a step that each Limit stands for, in order of declaration: exposed messages by where their group
/// lies, those in the bubble left to the bubble.
std::array<double, Names<Limit>::table.size()> seconds_by_limit(const StepModel& step, const Transformer& model,
                                                                const Mapping& mapping, StepNetwork& network);

}  // namespace hockney::predict
