#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workload/mapping.hpp"
#include "workload/transformer.hpp"

namespace hockney::predict {

/// One training run of a table: what ran on what, and how long a step took.
struct TrainingRow {
  Transformer model;  ///< its source, which may be empty, is the row's
  Mapping mapping;
  std::string gpu{"a100-80g"};  ///< name of a GPU file
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

/// `others` and the columns of model and mapping, which may be named by either of their names: what a table of steps
/// may hold.
std::vector<std::string_view> columns_of_steps(std::span<const std::string_view> others);

/// Reads comma-separated rows; the first line names the columns, in any order: fields of transformer_fields and
/// mapping_fields by either of their names, and
///   required  layers, hidden, heads, sequence, vocabulary, tp, pp, dp, mbs, gbs
///   optional  the rest, gpus (checked against tp x cp x pp x dp), gpu (a100-80g), node_nic_bytes_per_s, measured_s
/// An empty field is as if the column were not there; where one is missing, usual_run holds. Throws InputError that
/// names file, line and column for unknown columns (with the nearest known one), fields that are no numbers, GPU counts
/// that do not fit and mappings that check() refuses.
TrainingRows read_training_rows(const std::filesystem::path& file);

/// The same from text; `origin` stands for the file name in messages.
TrainingRows parse_training_rows(const std::string& text, const std::string& origin);

}  // namespace hockney::predict
