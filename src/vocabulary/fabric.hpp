#pragma once

#include <algorithm>
#include <array>

#include "base/names.hpp"

namespace hockney::inline vocabulary {

/// What carries the bytes between two ranks. Requested in a Case, observed in the record; where the two differ the
/// point is void. `device_memory` is a group of one rank: a copy inside one GPU, no link at all. `unknown` is an honest
/// observation (several hosts over an MPI that does not tell), never a request.
enum class Fabric {
  nvswitch,
  nvlink,
  pcie,
  host_memory,
  infiniband,
  roce,
  efa,
  tcp,
  unknown,
  device_memory,
  slingshot,  ///< HPE's network of Cray systems, through libfabric's cxi provider
  xgmi,       ///< AMD's links between the GPUs of a node (Infinity Fabric)
};

struct FabricNames {
  static constexpr std::string_view what = "fabric";
  static constexpr std::array<NamedValue<Fabric>, 12> table{{
      {Fabric::nvswitch, "nvswitch"},
      {Fabric::nvlink, "nvlink"},
      {Fabric::pcie, "pcie"},
      {Fabric::host_memory, "host_memory"},
      {Fabric::infiniband, "infiniband"},
      {Fabric::roce, "roce"},
      {Fabric::efa, "efa"},
      {Fabric::tcp, "tcp"},
      {Fabric::unknown, "unknown"},
      {Fabric::device_memory, "device_memory"},
      {Fabric::slingshot, "slingshot"},
      {Fabric::xgmi, "xgmi"},
  }};
};
FabricNames names_of(Fabric);

/// The fabrics inside a node, then those between nodes, each from the fastest kind to the slowest; unknown last.
inline constexpr std::array fastest_fabrics_first{
    Fabric::nvswitch,   Fabric::nvlink,    Fabric::xgmi, Fabric::pcie, Fabric::host_memory, Fabric::device_memory,
    Fabric::infiniband, Fabric::slingshot, Fabric::roce, Fabric::efa,  Fabric::tcp,         Fabric::unknown};

/// Where a fabric stands in that order.
constexpr std::ptrdiff_t speed_place(Fabric fabric) {
  const auto& order = fastest_fabrics_first;
  return std::find(order.begin(), order.end(), fabric) - order.begin();
}

/// Whether a fabric lies within one node.
constexpr bool is_intra_node(Fabric fabric) { return speed_place(fabric) <= speed_place(Fabric::device_memory); }

/// Whether a fabric connects nodes.
constexpr bool is_inter_node(Fabric fabric) { return !is_intra_node(fabric) && fabric != Fabric::unknown; }

}  // namespace hockney::inline vocabulary
