#pragma once

#include <array>

#include "names/names.hpp"

namespace hockney {

/// What carries the bytes between two ranks. Requested in a Case, observed in the record; where the two differ the
/// point is void. `unknown` is an honest observation (several hosts over an MPI that does not tell), never a request.
enum class Fabric { nvswitch, nvlink, pcie, host_memory, infiniband, roce, efa, tcp, unknown };

template <>
struct Names<Fabric> {
  static constexpr std::string_view what = "fabric";
  static constexpr std::array<NamedValue<Fabric>, 9> table{{
      {Fabric::nvswitch, "nvswitch"},
      {Fabric::nvlink, "nvlink"},
      {Fabric::pcie, "pcie"},
      {Fabric::host_memory, "host_memory"},
      {Fabric::infiniband, "infiniband"},
      {Fabric::roce, "roce"},
      {Fabric::efa, "efa"},
      {Fabric::tcp, "tcp"},
      {Fabric::unknown, "unknown"},
  }};
};

/// Whether a fabric connects devices of one node (nvswitch, nvlink, pcie, host_memory) rather than nodes.
constexpr bool is_intra_node(Fabric fabric) {
  return fabric == Fabric::nvswitch || fabric == Fabric::nvlink || fabric == Fabric::pcie ||
         fabric == Fabric::host_memory;
}

/// Whether a fabric connects nodes (infiniband, roce, efa, tcp).
constexpr bool is_inter_node(Fabric fabric) { return !is_intra_node(fabric) && fabric != Fabric::unknown; }

}  // namespace hockney
