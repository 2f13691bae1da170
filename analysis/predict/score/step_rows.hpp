#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "predict/score/figure.hpp"
#include "predict/score/table_lines.hpp"
#include "predict/step/known_error.hpp"
#include "predict/step/run_way.hpp"
#include "workload/mapping.hpp"
#include "workload/transformer.hpp"

namespace hockney::predict {

/// Sizes as the table states them, before they are taken as the fullest GPU has them.
struct StatedSizes {
  std::uint64_t tensor = 1;  ///< 0: not stated, as the next
  std::uint64_t pipeline = 1;
  std::uint64_t layers = 0;
  std::uint64_t expert = 1;
  std::uint64_t global_batch = 0;
};

/// One training step of a table: what ran on what, how it was run, and how long it took.
struct StepRow {
  Transformer model;  ///< its source, which may be empty, is the row's
  Mapping mapping;
  StatedSizes stated;
  RunWay way;
  const Stack* stack = nullptr;  ///< the software that ran it; nullptr: no stack file has a mark of the row
  std::string gpu{"a100-80g"};   ///< name of a GPU file
  std::optional<double> node_nic_bytes_per_s;
  std::optional<double> measured_s;
  Figure figure = Figure::seconds;  ///< that measured_s follows from
  std::optional<Bytes> gpu_memory;  ///< where it is another than that of the GPU file
  bool states_sharding = false;
  bool states_recompute = false;  ///< without, nobody knows what the step keeps in memory
  std::size_t line = 0;           ///< in the file, from 1
  std::size_t begin = 0;          ///< of the line in StepRows::text
  std::size_t length = 0;         ///< of the line, B

  StepKind kind() const { return kind_of(model, way.sharding); }
  std::string_view stack_name() const { return stack == nullptr ? "unknown" : std::string_view(stack->name); }
  bool has_stand_in() const { return StackRun::by(stack).stands_in(); }
  std::string_view program() const { return stack == nullptr ? "unknown" : std::string_view(stack->program); }

  /// The stack whose rows one row calibrates: the own one, or that which it is a variant of.
  std::string_view calibrated_with() const {
    return stack == nullptr || stack->variant_of.empty() ? stack_name() : std::string_view(stack->variant_of);
  }

  /// The source up to its version, with what kind of step it is: "..., experts".
  std::string family() const;

  /// What cannot be as it is stated, and what it is taken for: "ep 8 as 4; gbs 64 as 66", or what check() says
  /// of a mapping that does not divide. Empty for most rows.
  std::string taken_otherwise() const;
};

/// A table of training steps.
struct StepRows {
  std::string file;
  std::string text;      ///< as it was read
  std::string header{};  ///< its line of column names
  char separator = ',';  ///< of its fields
  std::vector<StepRow> rows{};
  std::vector<SkippedLine> skipped{};
  std::string ignored_columns{};  ///< as TableLines

  std::string place(const StepRow& row) const;         ///< "runs.csv:7"
  std::string_view line_of(const StepRow& row) const;  ///< as it was read
};

/// What a run is taken for where its table has no column and no stack file has a mark of it.
inline constexpr std::string_view usual_step_run =
    "what the software stack does that the row's source, caveat, sharding or GPU names (data/stacks); where none is: "
    "2-byte gradients, scatter/gather between stages, unfused attention, gradients reduced after the last micro-batch "
    "(Megatron-LM of the published tables)";

/// `others` and the columns of model and mapping, which may be named by either of their names: what a table of steps
/// may hold.
std::vector<std::string_view> columns_of_steps(std::span<const std::string_view> others);

/// Of heads of a model with experts that is none of those that come with Hockney.
inline constexpr std::uint64_t least_width_beside_experts = 128;

/// Reads comma-separated rows; the first line names the columns, in any order: fields of transformer_fields and
/// mapping_fields by either of their names or by step_column_aliases(), and
///   required  layers, hidden, heads, sequence and vocabulary, or a name that model_meant() knows; mbs, gbs, and dp or
///             gpus (= tp x cp x pp x dp); tp and pp in rows without gpus, where the table has these columns
///   optional  the rest, memory_program_fields, top_k, gpu (as gpu_meant(); a100-80g), precision (as
///             parse_precision(); bf16), sharding (as parse_sharding()), node_nic_bytes_per_s (or a rate with its
///             unit), measured_s or another Figure, gpu_memory_gib (else what the caveat says behind the GPU's name:
///             "H100 96 GB"), caveat; launches, launch_min_s, launch_max_s, published_as and url are not used, other
///             columns are ignored and named
/// An empty field, and one of not_stated, is as if the column were not there. What a row does not say of kernels and
/// overlap follows from the stack that its source or caveat names, else from the one whose marks hold "sharding: WORDS"
/// or "gpu: NAME"; what it says of sharding goes before its stack, and a caveat that names FlashAttention or xFormers
/// is as a column `flash`; where no stack is usual, the marks of one may hold "attention: fused; gpu: NAME". Without
/// `tied_embeddings` the embeddings share one matrix unless the MLP is gated.
///
/// A row with the shape of a model that comes with Hockney (model_of_shape()) is that model in all that it does not
/// state; heads of others are hidden/heads wide, beside experts at least least_width_beside_experts (as in Mixtral,
/// arXiv 2401.04088, and Qwen3, arXiv 2505.09388).
///
/// Nothing that ran is refused for how it divides: the fullest GPU sets the pace, of layers that with L/p rounded up.
/// There is at least a layer for each stage; the batch is taken as rounded up to a multiple of b d; where t is above
/// the key-value heads each GPU holds one; experts lie inside the t c d GPUs of a stage at most.
/// StepRow::taken_otherwise() tells.
///
/// A line that cannot be read is skipped with its reason. Throws InputError for a file that cannot be read or is empty.
/// `stacks` must outlive the rows.
StepRows read_step_rows(const std::filesystem::path& file, const std::vector<Stack>& stacks = shipped_stacks());

/// The same from text; `origin` stands for the file name.
StepRows parse_step_rows(std::string text, const std::string& origin,
                         const std::vector<Stack>& stacks = shipped_stacks());

/// Sets a mapping's replicas by the number of all GPUs (column `gpus`) where its own column says nothing (0). Throws
/// InputError where both are missing or contradict each other.
void settle_replicas(const TableLines& lines, std::optional<std::size_t> gpus, Mapping& mapping);

/// Throws InputError where a table has no rows: with the reason of the first that was skipped, where one was.
void require_rows(bool has_rows, const std::vector<SkippedLine>& skipped, const std::string& ignored_columns,
                  const std::string& file);

}  // namespace hockney::predict
