#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "predict/compute/precision.hpp"
#include "predict/sharding.hpp"

namespace hockney::predict {

/// What a table's words say: "fsdp", "fsdp FULL_SHARD", "zero-1", "distributed optimizer" ... Throws InputError for
/// others, with the nearest known one.
Sharding parse_sharding(std::string_view words);

/// A software stack as far as the time of a step depends on it. Read from a file (stacks/*.toml) that names its source.
struct Stack {
  std::string name;
  std::string source;
  std::vector<std::string> marks;   ///< texts that the source of a table's row holds when this stack ran it
  bool flash_attention = false;     ///< fused attention
  bool fused_layers = false;        ///< no kernels of their own for bias, dropout and residual sums
  bool cuda_graphs = false;         ///< kernels start without the host
  bool host_waits = true;           ///< the host waits after each transfer between stages
  bool overlap_transfers = false;   ///< as Mapping
  bool overlap_gradients = false;   ///< as Mapping
  bool overlap_parameters = false;  ///< gathered beside the next forward pass
  bool overlap_forward = false;     ///< tensor-parallel collectives in pieces beside the products of both passes
  std::uint64_t gradient_bytes = 2;
  double attention_share = 0;  ///< of a GEMM's rate that its fused attention reaches; 0: StepConstants::flash_share
};

/// Reads a stack file. Throws InputError for unknown or missing keys.
Stack read_stack(const std::filesystem::path& file);

/// The stacks of a folder, by name of file. Throws as read_stack().
std::vector<Stack> read_stacks(const std::filesystem::path& folder);

/// The stack one of whose marks `source` holds, the longest mark if several; nullptr: none.
const Stack* stack_of(const std::vector<Stack>& stacks, std::string_view source);

/// How a step is run, beside its mapping.
struct RunWay {
  Precision precision = Precision::bf16;
  Sharding sharding = Sharding::none;
  bool fused_layers = false;
  bool cuda_graphs = false;
  bool overlap_parameters = false;
  bool overlap_forward = false;
  double attention_share = 0;  ///< as Stack
};

}  // namespace hockney::predict
