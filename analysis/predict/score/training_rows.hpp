#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workload/mapping.hpp"
#include "workload/transformer.hpp"

namespace hockney::predict {

/// One training run of a table: what ran on what, and how long a step took.
struct TrainingRow {
  std::string source;  ///< may be empty
  std::string name;
  Transformer model;
  Mapping mapping;
  std::string gpu;  ///< name of a GPU file
  std::optional<double> node_nic_bytes_per_s;
  std::optional<double> measured_s;
  std::string text;      ///< the line as it was read
  std::size_t line = 0;  ///< in the file, from 1
};

/// A table of training runs.
struct TrainingRows {
  std::string header;  ///< the line of column names as it was read
  std::vector<TrainingRow> rows;
};

/// What a run is taken for where its table has no column: Megatron-LM's of the published tables.
inline constexpr std::string_view usual_run =
    "2-byte gradients, scatter/gather between stages, unfused attention, gradients reduced after the last micro-batch "
    "(Megatron-LM of the published tables)";

/// Reads comma-separated rows; the first line names the columns, in any order:
///   required  layers, hidden, heads, sequence, vocabulary, tp, pp, dp, mbs, gbs
///   optional  source, name, gpus (checked against tp x cp x pp x dp), vp (1), recompute (none, selective, full; none),
///             sequence_parallel (0 or 1), gpu (a100-80g), gpus_per_node (8), node_nic_bytes_per_s, measured_s,
///             cp, ep, key_value_heads, feed_forward, gated_feed_forward, tied_embeddings, experts, experts_per_token,
///             flash_attention, distributed_optimizer, overlap_gradients, overlap_transfers, overlap_tensor,
///             scatter_gather, gradient_bytes, bytes_per_element, routing_skew
/// An empty field is as if the column were not there; where one is missing, usual_run holds. Throws InputError that
/// names file, line and column for unknown columns (with the nearest known one), fields that are no numbers, GPU counts
/// that do not fit and mappings that check() refuses.
TrainingRows read_training_rows(const std::filesystem::path& file);

/// The same from text; `origin` stands for the file name in messages.
TrainingRows parse_training_rows(const std::string& text, const std::string& origin);

}  // namespace hockney::predict
