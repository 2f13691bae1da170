#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/rates.hpp"
#include "plan/case.hpp"
#include "vocabulary/fabric.hpp"

namespace hockney::platform {

/// What somebody asks for a platform. Nobody's contract: discounts, reservations and taxes are not in it.
struct ListPrice {
  double usd = 0;         ///< above 0
  bool per_hour = false;  ///< rented; else bought, for one node
  std::string date;       ///< YYYY-MM, a month in which it was asked
  std::string source;     ///< who asks it, for which region and system

  /// "199000/system" or "32.77/h": what --price-a of `hockney compare` takes.
  std::string text() const;
};

/// A kind of GPU node, as its maker describes it: what its links can carry at most. Read from a file (platforms/*.toml)
/// that names the source of its numbers. Rates are decimal, of one direction.
struct Platform {
  std::string name;    ///< "dgx-a100"
  std::string title;   ///< "NVIDIA DGX A100"
  std::string source;  ///< where the numbers are published
  std::string gpu;     ///< name of its file in gpus/; empty: there is none
  std::uint32_t gpus_per_node = 0;
  Bytes gpu_memory;                       ///< HBM of one GPU
  BytesPerSecond gpu_memory_rate;         ///< of that, peak
  Fabric inner_fabric = Fabric::unknown;  ///< between the GPUs of a node
  BytesPerSecond inner_rate;              ///< of all links of one GPU to it together
  Fabric outer_fabric = Fabric::unknown;  ///< between nodes
  std::uint32_t nics_per_node = 0;        ///< those that GPUs communicate through
  BytesPerSecond nic_rate;                ///< of one of them
  std::optional<ListPrice> price;         ///< nothing where none is known

  /// One GPU's share of the node's NICs, all GPUs sending at once.
  BytesPerSecond outer_rate() const { return {nic_rate.value * nics_per_node / gpus_per_node}; }

  /// The busbw of a point at which the links would be full, by their rates alone, without latency and protocol:
  ///   inside a node   inner_rate;
  ///   between nodes   what the NICs carry that the ranks of a node have: of g ranks in all groups at once there
  ///                   min(g ceil(nics / GPUs), nics) of them, shared by these groups. Of all_to_all and all_to_all_v
  ///                   n - 1 in n bytes are counted and n - g in n leave the node. Point to point has one rank's share.
  /// NVLink with and without a switch count as one fabric. busbw counts the bytes of a ring over all ranks: a tree
  /// between two nodes, where half of them need not leave the node, and reductions that switches do can pass this.
  /// Nothing for a fabric that the platform does not describe, a placement that is not known, and what has no busbw.
  std::optional<BytesPerSecond> line_rate(const Case& point) const;
};

/// Reads a platform file. Throws InputError for unknown or missing keys and for values that cannot be.
Platform read_platform(const std::filesystem::path& file);

/// A platform by the name of a file that comes with Hockney or by a path ending in ".toml". Throws InputError that
/// names the nearest known one.
Platform find_platform(const std::string& name_or_file, const std::filesystem::path& shipped);

/// The platform that a machine is named after, if there is one: campaigns and reference systems whose machine is called
/// "dgx-a100" lie on that platform.
std::optional<Platform> platform_of_machine(const std::string& machine, const std::filesystem::path& shipped);

/// All platforms of a folder, by name.
std::vector<Platform> read_platforms(const std::filesystem::path& folder);

}  // namespace hockney::platform
