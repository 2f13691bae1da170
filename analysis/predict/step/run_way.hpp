#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "predict/compute/gpu.hpp"
#include "predict/compute/precision.hpp"
#include "predict/memory/memory_program.hpp"
#include "predict/sharding.hpp"
#include "predict/step/known_error.hpp"
#include "workload/mapping.hpp"

namespace hockney::predict {

/// What a table's words say: "fsdp", "FSDP2 HYBRID_SHARD", "ZeRO-1", "distributed_optimizer" ... Throws InputError for
/// words without any that is known, with the nearest.
Sharding parse_sharding(std::string_view words);

/// How a step is run, beside its mapping. All but the precision comes from a stack, the sharding unless a row says so.
struct RunWay {
  Precision precision = Precision::bf16;
  Sharding sharding = Sharding::none;
  bool fused_layers = false;           ///< no kernels of their own for bias, dropout and residual sums
  bool unfused_norms = false;          ///< each line of a norm is a kernel of its own
  bool cuda_graphs = false;            ///< kernels start without the host
  bool overlap_parameters = false;     ///< gathered beside the next forward pass
  bool overlap_forward = false;        ///< tensor-parallel collectives in pieces beside the products of both passes
  bool recompute_stops_early = false;  ///< full recompute leaves out a layer's last product, whose result nobody needs
  bool tokens_once = false;         ///< a token is sent once to each node (inside a node: to each GPU) of its experts
  bool mma_sync_attention = false;  ///< fused attention is written for Ampere: Gpu::mma_sync_share
  double attention_share = 0;     ///< of a GEMM's rate that its fused attention reaches; 0: StepConstants::flash_share
  double selective_products = 0;  ///< share of a layer's products that Recompute::selective does again, with its
                                  ///< kernels between them; 0: the attention core alone
  double expert_host_s = 0;       ///< the host's time to start the kernels of a layer with experts, both passes
  std::uint64_t pipeline_runs = 1;  ///< per step, each filled and drained; their gradients are summed
  MemoryProgram memory{};           ///< what it keeps; its sharding and selective_products are those above
};

/// How efficient products of narrower operands are, over those of 2-byte ones in the same program on the same GPU.
inline constexpr double narrow_efficiency = 0.91;

/// The efficiency that a published row calibrates a stack to, on one GPU at one precision.
struct StackEfficiency {
  std::string gpu;  ///< name of the GPU file
  Precision precision = Precision::bf16;
  double efficiency = 0;  ///< of the peak, as Gpu::efficiency
  std::string origin;     ///< the row
  std::string stack{};    ///< the one whose file says so
};

/// A software stack as far as the time of a step depends on it. Read from a file (stacks/*.toml) that names its source.
struct Stack {
  std::string name;
  std::string source;
  std::string program{};           ///< stacks of one program err alike; its name where the file does not say
  std::string variant_of{};        ///< the stack that it is calibrated with; empty: it is its own
  bool stands_in = false;          ///< for programs that no file knows
  std::string tuned_on{};          ///< the GPU on which its rows tuned the step model: Footing::tuned; empty: none
  std::vector<std::string> marks;  ///< what the source or caveat of a table's row holds when this stack ran it; of a
                                   ///< mark in parts, "program; eager", every part
  RunWay way{};
  std::string expert_host_origin{};  ///< what expert_host_s was tuned on
  bool flash_attention = false;      ///< fused attention
  bool host_waits = true;            ///< the host waits after each transfer between stages
  bool overlap_tensor = true;        ///< as Mapping
  bool overlap_transfers = false;    ///< as Mapping
  bool overlap_gradients = false;    ///< as Mapping
  bool overlap_experts = false;      ///< as Mapping
  std::uint64_t gradient_bytes = 2;
  std::vector<std::string> calibrated_as{};   ///< stacks whose layers run alike
  std::vector<StackEfficiency> calibrated{};  ///< [[calibrated]] of the file, of the stack that it is a variant of, and
                                              ///< of those of calibrated_as

  /// What it reaches on a GPU at a precision: the geometric mean of what is known nearest to that, on this GPU before
  /// those that are alike (Gpu::calibrated_as) before others; of these at this precision before one of as many bits
  /// before others, from 2-byte to narrower operands narrow_efficiency times as much; of these its own, and that of the
  /// stack that it is a variant of, before those of calibrated_as. Nothing where it is not calibrated at all.
  std::optional<StackEfficiency> efficiency_on(const Gpu& gpu, Precision precision) const;

  /// How it lays out a step where nobody says otherwise.
  Mapping usual_mapping() const;
};

/// What runs a step, and how.
struct StackRun {
  const Stack* stack = nullptr;  ///< nullptr: no stack file has a mark of it
  RunWay way{};                  ///< the stack's, but for what is said of precision and sharding

  /// Of a stack in its own way.
  static StackRun by(const Stack* stack) { return {stack, stack == nullptr ? RunWay{} : stack->way}; }

  /// No file knows the program.
  bool stands_in() const { return stack == nullptr || stack->stands_in; }

  /// Of what efficiency_on() says, else the GPU's file.
  Footing footing_on(const Gpu& gpu) const;

  /// usual_mapping() of the stack, or of the Megatron-LM of the published tables where there is none.
  Mapping usual_mapping() const;

  /// Products of this precision, and what follows from it in `mapping`: elements of 4 bytes under tf32.
  void compute_in(Precision precision, Mapping& mapping);

  /// Sharding of these words (parse_sharding()), and what follows from it in `mapping`.
  void shard(std::string_view words, Mapping& mapping);
};

/// Reads a stack file. Throws InputError for unknown or missing keys.
Stack read_stack(const std::filesystem::path& file);

/// The stacks of a folder, by name of file, with what they take over from each other. Throws as read_stack().
std::vector<Stack> read_stacks(const std::filesystem::path& folder);

/// The stacks that come with Hockney.
const std::vector<Stack>& shipped_stacks();

/// The stack of this name. Throws InputError that names the nearest, and all.
const Stack& find_stack(const std::vector<Stack>& stacks, std::string_view name);

/// The stack one of whose marks `source` holds, the longest mark if several; nullptr: none.
const Stack* stack_of(const std::vector<Stack>& stacks, std::string_view source);

/// The stack that is usual where none is named: for this sharding (words as of parse_sharding(), or none; all of full
/// sharding are "fsdp"), else on this GPU; nullptr: none. Throws InputError as parse_sharding().
const Stack* usual_stack(const std::vector<Stack>& stacks, std::string_view sharding, std::string_view gpu);

}  // namespace hockney::predict
