#pragma once

#include <array>

#include "base/names.hpp"

namespace hockney::inline vocabulary {

/// What carries the bytes between two ranks. Requested in a Case, observed in the record; where the two differ the
/// point is void. `device_memory` is a group of one rank: a copy inside one GPU, no link at all. `unknown` is an honest
/// observation (several hosts over an MPI that does not tell), never a request.
enum class Fabric { nvswitch, nvlink, pcie, host_memory, infiniband, roce, efa, tcp, unknown, device_memory };

struct FabricNames {
  static constexpr std::string_view what = "fabric";
  static constexpr std::array<NamedValue<Fabric>, 10> table{{
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
  }};
};
FabricNames names_of(Fabric);

/// Whether a fabric lies within one node (nvswitch, nvlink, pcie, host_memory, device_memory).
constexpr bool is_intra_node(Fabric fabric) {
  return fabric == Fabric::nvswitch || fabric == Fabric::nvlink || fabric == Fabric::pcie ||
         fabric == Fabric::host_memory || fabric == Fabric::device_memory;
}

/// Whether a fabric connects nodes (infiniband, roce, efa, tcp).
constexpr bool is_inter_node(Fabric fabric) { return !is_intra_node(fabric) && fabric != Fabric::unknown; }

}  // namespace hockney::inline vocabulary
