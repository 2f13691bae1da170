#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vocabulary/operation.hpp"

namespace hockney::nccl {

using Settings = std::vector<std::pair<std::string, std::string>>;  ///< environment variables and their values

/// The NCCL_ALGO and NCCL_PROTO that make NCCL `version` run an operation with the pinned algorithm and protocol (lower
/// case, as in plans: ring, tree, collnetdirect, collnetchain, nvls, nvlstree, pat; ll, ll128, simple). Empty pins set
/// nothing. NCCL reads both at every communicator's initialisation. From 2.24 on the syntax is a list per function
/// ("allreduce:ring"); before, one list for all. Throws InputError for names that this version does not know (nearest
/// known name), for an algorithm that the operation does not have and for ll and ll128 with any algorithm but ring and
/// tree (src/device/generate.py, tuning.cc), and for operations that NCCL builds from sends (all_to_all, gather,
/// scatter, point-to-point): they have neither.
Settings pin_settings(int version, Operation operation, const std::string& algorithm, const std::string& protocol);

/// Whether the operation is one of NCCL's own collectives; the others are built from sends and receives, which have no
/// algorithm, no protocol and no estimate.
bool has_algorithm(Operation operation);

/// Whether some version of NCCL has an algorithm and a protocol of these names (empty: any).
bool are_known_pins(const std::string& algorithm, const std::string& protocol);

/// Variables that keep NCCL from using anything but the network within a node: no peer access, shared memory, NVLink
/// multicast or multi-node NVLink, and the network allowed between ranks of one node. NCCL reads them once per process,
/// so they hold for a whole launch and must be set before its first communicator.
Settings force_network_settings();

/// Sets variables for the time of a scope, then restores what was there. Not thread-safe, as the environment is.
class ScopedSettings {
 public:
  explicit ScopedSettings(const Settings& settings);
  ~ScopedSettings();
  ScopedSettings(const ScopedSettings&) = delete;
  ScopedSettings& operator=(const ScopedSettings&) = delete;

 private:
  std::vector<std::pair<std::string, std::pair<bool, std::string>>> before_;
};

/// "NCCL_ALGO=allreduce:ring NCCL_PROTO=ll128".
std::string to_text(const Settings& settings);

}  // namespace hockney::nccl
