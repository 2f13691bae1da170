#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "nccl/connections.hpp"
#include "vocabulary/fabric.hpp"
#include "vocabulary/group.hpp"
#include "vocabulary/operation.hpp"

namespace hockney::transport::gpu {

/// What carried an operation's bytes, from what all ranks that took part tell of their connections.
struct Paths {
  /// In use, with the numbers of the adapters in NCCL's list and "PXN" where another GPU's adapter was used by way of
  /// that GPU: "P2P/CUMEM", "NET/IB/0-7/GDRDMA", "NET/IB/0-3+5(PXN)/GDRDMA". "CROSS-RAIL" where a connection ends at
  /// adapters of other names than it begins at: where a node lacks one, its list has other numbers.
  std::set<std::string> kinds;
  std::set<std::string> adapters;     ///< in use, by name; by number where NCCL told no name
  std::set<std::string> link_layers;  ///< of the RDMA adapters in use, where NCCL told them: "IB", "RoCE"
  /// Whether RDMA between nodes had the plain way: from the GPU itself (GPUDirect RDMA), without PXN, on one rail.
  bool is_plain = true;
};

/// The connections that serve an operation: NCCL has others for sends and receives than for collectives, and a step
/// uses both.
std::set<nccl::Connection> used_by(Operation operation, const std::set<nccl::Connection>& connections);

/// The adapters that NCCL says a node has, by their numbers.
using Adapters = std::map<std::uint32_t, nccl::Adapter>;

/// One rank's connections as text for the other ranks, with the names and link layers of their adapters. An adapter
/// that is not in `adapters` (NCCL has merged some) has no name and may be of any link layer among them.
std::string to_text(const std::set<nccl::Connection>& connections, const Adapters& adapters);

/// Paths of what all ranks told, copy after copy of the group with `ranks` in each.
Paths paths_of(std::span<const std::string> told, std::uint32_t ranks);

/// What NET/IB stands for: by the link layers of the adapters in use, where NCCL told them, else `by_kernel`; unknown
/// when both are in use.
Fabric network_of(const std::set<std::string>& link_layers, Fabric by_kernel);

/// The slowest kind of fabric among Paths::kinds: the network before shared memory before P2P and, within a node, NVLS
/// and symmetric kernels. `intra` and `inter` tell what P2P and NET/IB mean on this machine.
Fabric slowest_fabric(const std::set<std::string>& kinds, const Group& group, Fabric intra, Fabric inter);

}  // namespace hockney::transport::gpu
