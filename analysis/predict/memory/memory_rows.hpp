#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "predict/memory/step_memory.hpp"

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

/// A line that says nothing about memory, and why.
struct SkippedLine {
  std::size_t line = 0;
  std::string reason;
};

/// A table of mappings that were tried.
struct MemoryRows {
  std::vector<MemoryRow> rows;
  std::vector<SkippedLine> skipped;
};

/// What a table of memory_columns does not say and is taken for: the runs of Hagemann et al. (arXiv 2311.05610).
inline constexpr std::string_view usual_memory_run =
    "LLaMA with a vocabulary of 128000, 2^22 tokens per step, 8 GPUs per node, bf16 weights and gradients, optimizer "
    "state divided over the replicas, logits gathered before the loss (the runs of arXiv 2311.05610)";

/// Reads comma-separated rows with the columns model (a shipped model's name, or the size of a LLaMA: "13B"), sequence,
/// gpus, tp, pp, mbs, checkpointing (disabled, every_layer), kernel, sequence_parallel (True, False, empty: no),
/// outcome ("fits", or one that begins with "OOM"); source may be missing. `models` is the folder of shipped models.
/// Kernels:
///   torch                           softmax, norms, rotation and gate are not fused
///   fused                           softmax is
///   flash_attentionv1.0.8           attention is, of a packed input
///   flash_attention2                attention is
///   flash_attention2 + RMS kernel   norms, too
/// A line with a value that cannot be is skipped with its reason. Throws InputError for unknown or missing columns and
/// for a table without a line to use.
MemoryRows read_memory_rows(const std::filesystem::path& file, const std::filesystem::path& models);

/// The same from text; `origin` stands for the file name in messages.
MemoryRows parse_memory_rows(const std::string& text, const std::string& origin, const std::filesystem::path& models);

}  // namespace hockney::predict
