#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/shipped.hpp"
#include "predict/memory/step_memory.hpp"
#include "predict/score/table_lines.hpp"

namespace hockney::predict {

/// A mapping that was tried: it fitted or ran out of memory.
struct MemoryRow {
  Transformer model;
  Mapping mapping;
  MemoryProgram program;
  std::string kernel;
  bool fitted = false;
  std::size_t line = 0;  ///< in the file, from 1
};

/// A table of mappings that were tried.
struct MemoryRows {
  std::vector<MemoryRow> rows;
  std::vector<SkippedLine> skipped;
  std::string ignored_columns;  ///< as TableLines
};

/// In words, what a row is taken for where its table has no column: the runs of Hagemann et al. (arXiv 2311.05610).
std::string usual_memory_run();

/// Reads comma-separated rows with the columns
///   required  tp, pp, mbs, gpus or dp, outcome ("fits", or one that begins with "OOM"), and model (a shipped model's
///             name, or the size of a LLaMA: "13B") or the shape of one
///   optional  the other fields of transformer_fields, mapping_fields and memory_program_fields, checkpointing
///             (disabled, every_layer) in place of recompute, sharding (as parse_sharding()), kernel
/// A column replaces what the model, the kernel or usual_memory_run() says. Kernels:
///   torch                           softmax, norms, rotation and gate are not fused
///   fused                           softmax is
///   flash_attentionv1.0.8           attention is, of a packed input
///   flash_attention2                attention is
///   flash_attention2 + RMS kernel   norms, too
/// `models` is the folder of shipped models. A line with a value that cannot be is skipped with its reason, columns
/// that are not known are ignored. Throws InputError for missing columns and for a table without a line to use.
MemoryRows read_memory_rows(const std::filesystem::path& file,
                            const std::filesystem::path& models = shipped_folder() / "models");

/// The same from text; `origin` stands for the file name in messages.
MemoryRows parse_memory_rows(const std::string& text, const std::string& origin, const std::filesystem::path& models);

}  // namespace hockney::predict
