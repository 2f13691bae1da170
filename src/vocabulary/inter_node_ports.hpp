#pragma once

#include <cstdint>

#include "base/rates.hpp"
#include "vocabulary/fabric.hpp"

namespace hockney::inline vocabulary {

/// The network ports of a node that bytes to other nodes go through, as its kernel tells.
struct InterNodePorts {
  Fabric fabric = Fabric::unknown;
  std::uint32_t count = 0;  ///< of tcp 1: a connection goes through one interface
  BytesPerSecond rate;      ///< of one of them, in one direction
  friend bool operator==(const InterNodePorts&, const InterNodePorts&) = default;
};

}  // namespace hockney::inline vocabulary
