#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/shipped.hpp"
#include "predict/compute/precision.hpp"
#include "workload/mapping.hpp"

namespace hockney::predict {

/// A GPU as far as the time of dense layers depends on it. Read from a file (gpus/*.toml) that names the source of each
/// number. Rates are decimal.
struct Gpu {
  std::string name;
  std::string source;                   ///< where the numbers are published
  double matrix_flops_per_s = 0;        ///< dense peak of the matrix units for 2-byte elements
  double matrix_flops_per_s_8bit = 0;   ///< for 1-byte elements; 0: none
  double matrix_flops_per_s_4bit = 0;   ///< for 4-bit elements; 0: none
  double matrix_flops_per_s_32bit = 0;  ///< for 4-byte elements (TF32, or plain FP32 where there is none)
  double mma_sync_share = 1;            ///< of the 2-byte peak that mma.sync, Ampere's matrix instruction, reaches
  std::uint32_t multiprocessors = 0;
  double memory_bytes_per_s = 0;  ///< HBM, peak
  double l2_bytes_per_s = 0;      ///< L2 to all multiprocessors, peak, reading
  double operand_sharing = 1;     ///< multiprocessors that receive the same operand tile by one L2 read (clusters)
  Bytes memory;                   ///< HBM capacity
  std::uint32_t collective_channels = 0;  ///< multiprocessors that an NCCL collective inside a node occupies
  std::string ring_limit_origin;          ///< where the next is published, and what it was tuned on
  double ring_limit_bytes_per_s =
      0;  ///< per GPU: what a ring between nodes reached at most, of one GPU per node and group; 0: none
  std::uint64_t fabric_gpus = 0;  ///< GPUs of one NVLink fabric over several nodes; 0: a node is its own
  std::string network;            ///< published network (reference:NAME) that answers where none is given; empty: none
  double efficiency = 0;          ///< the one calibrated constant: sustained share of the matrix units' peak
  std::vector<std::string> calibrated_as{};  ///< GPUs whose matrix units are alike: what a program reaches on them
                                             ///< holds where nothing is known of this one
  std::string calibrated_on;                 ///< the row that `efficiency` was calibrated on, or that it was not

  /// Dense peak for elements of 1, 2 or 4 bytes. Throws InputError when the GPU has no such matrix units.
  double peak_flops_per_s(std::uint64_t bytes_per_element) const;

  /// Dense peak for operands of a precision. Throws as the other.
  double peak_flops_per_s(Precision precision) const;
};

/// Reads a GPU file. Throws InputError for unknown or missing keys and for values that cannot be.
Gpu read_gpu(const std::filesystem::path& file);

/// The one of `names` ("a100-80g", "gb200") that people mean by "NVIDIA A100-SXM4-80GB" or "GB200 NVL72": what says how
/// it is built in is left aside, but not PCIe, which is slower; without its memory the largest. `words` where there is
/// none.
std::string gpu_meant(std::string_view words, const std::vector<std::string>& names);

/// A GPU by the name of a file that comes with Hockney ("a100-80g"), as gpu_meant(), or by a path ending in ".toml".
/// Throws InputError that names the nearest known GPU.
Gpu find_gpu(const std::string& name_or_file, const std::filesystem::path& shipped = shipped_folder() / "gpus");

/// GPUs that NVLink joins across nodes are one node to the model; its NICs are those of all of them.
void join_fabric(const Gpu& gpu, Mapping& mapping, std::optional<double>& node_nic_bytes_per_s);

}  // namespace hockney::predict
