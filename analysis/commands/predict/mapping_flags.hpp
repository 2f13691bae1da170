#pragma once

#include <cstdint>
#include <string>

#include "workload/mapping.hpp"

namespace CLI {
class App;
}

namespace hockney::commands {

/// The flags that describe a mapping.
struct MappingFlags {
  std::int64_t tensor = 1;
  std::int64_t pipeline = 1;
  std::int64_t data = 1;
  std::int64_t context = 1;
  std::int64_t expert = 1;
  std::int64_t virtual_stages = 1;
  std::int64_t micro_batch = 0;
  std::int64_t global_batch = 0;
  std::int64_t gpus_per_node = 8;
  std::int64_t bytes_per_element = 2;
  std::int64_t gradient_bytes = 4;
  double routing_skew = 0;
  std::string recompute{name_of(Recompute::none)};
  bool sequence_parallel = false;
  bool scatter_gather = false;
  bool flash_attention = false;
  bool distributed_optimizer = false;
  bool overlap_gradients = false;
  bool overlap_transfers = false;
  bool no_overlap_tensor = false;

  /// Adds --tp, --pp, --dp, --cp, --ep, --virtual-stages, --mbs, --gbs, --gpus-per-node and the switches.
  void add_to(CLI::App& command);

  /// Throws InputError for sizes below 1, naming the flag.
  Mapping mapping() const;
};

/// The flags that make a mapping, without those that are at their default: "--tp 8 --pp 8 ...".
std::string to_flags(const Mapping& mapping);

/// Replaces one part of a mapping by its short name: tp, pp, dp, cp, ep, vp or virtual_stages, gpus_per_node,
/// bytes_per_element, gradient_bytes, mbs, gbs (numbers); sp, scatter_gather, flash, distributed_optimizer,
/// overlap_gradients, overlap_transfers, overlap_tensor (0 or 1); recompute. Throws InputError that names the nearest
/// known one.
void set_part(Mapping& mapping, const std::string& name, const std::string& value);

}  // namespace hockney::commands
