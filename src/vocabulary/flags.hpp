#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/names.hpp"

namespace hockney::inline vocabulary {

/// Remarks on a point, as bits of a u32 (HDF5 attributes flag_masks and flag_meanings name them).
enum class Flag : std::uint32_t {
  simulated = 1U << 0,           ///< answered by the scripted transport: no transfer took place
  oversubscribed = 1U << 1,      ///< more ranks than logical CPUs on some host
  not_steady = 1U << 2,          ///< warm-up ended at its cap, not in a steady state
  skewed = 1U << 3,              ///< median of (max - min)/max over ranks above 10 % and time above 50 us
  quantised = 1U << 4,           ///< the clock's step is over 1 % of the time
  void_fabric = 1U << 5,         ///< observed fabric differs from the requested one: not to be used
  fabric_unproven = 1U << 6,     ///< the transport does not tell which fabric carried the bytes
  wrong_result = 1U << 7,        ///< verification found wrong data: not to be used
  shared_gpu = 1U << 8,          ///< several ranks on one GPU: no network constant
  emulated = 1U << 9,            ///< made by the test double of CUDA and NCCL
  drifting = 1U << 10,           ///< first and last third of the samples differ by over 5 % and by more than noise
  gate_timeout = 1U << 11,       ///< some sample's gate opened by itself before everything was queued
  throttled = 1U << 12,          ///< a GPU's clocks were held down by heat or hardware before or after the point
  void_pin = 1U << 13,           ///< the algorithm or protocol that ran is not the pinned one: not to be used
  placement_unknown = 1U << 14,  ///< on how many nodes the ranks were is not known: fitted, not predicted from
  pin_unproven = 1U << 15,       ///< an algorithm or protocol is pinned and nothing told what ran: not to be used
  network_path = 1U << 16,       ///< bytes between nodes took no plain way: PXN, another rail's NIC, no GPUDirect RDMA
};

struct FlagNames {
  static constexpr std::string_view what = "flag";
  static constexpr std::array<NamedValue<Flag>, 17> table{{{Flag::simulated, "simulated"},
                                                           {Flag::oversubscribed, "oversubscribed"},
                                                           {Flag::not_steady, "not_steady"},
                                                           {Flag::skewed, "skewed"},
                                                           {Flag::quantised, "quantised"},
                                                           {Flag::void_fabric, "void_fabric"},
                                                           {Flag::fabric_unproven, "fabric_unproven"},
                                                           {Flag::wrong_result, "wrong_result"},
                                                           {Flag::shared_gpu, "shared_gpu"},
                                                           {Flag::emulated, "emulated"},
                                                           {Flag::drifting, "drifting"},
                                                           {Flag::gate_timeout, "gate_timeout"},
                                                           {Flag::throttled, "throttled"},
                                                           {Flag::void_pin, "void_pin"},
                                                           {Flag::placement_unknown, "placement_unknown"},
                                                           {Flag::pin_unproven, "pin_unproven"},
                                                           {Flag::network_path, "network_path"}}};
};
FlagNames names_of(Flag);

/// A set of flags.
struct Flags {
  std::uint32_t bits = 0;

  constexpr bool has(Flag flag) const { return (bits & static_cast<std::uint32_t>(flag)) != 0; }
  constexpr void set(Flag flag, bool on = true) {
    if (on) {
      bits |= static_cast<std::uint32_t>(flag);
    }
  }
  friend constexpr bool operator==(Flags, Flags) = default;
};

/// Names of the set flags, comma-separated; empty when none is set.
std::string to_string(Flags flags);

/// What must stand wherever figures with these flags are shown, one line for each flag that makes them no measurement
/// of a network: "SIMULATED: answered by the scripted transport; no transfer took place", EMULATED, SHARED GPU.
std::vector<std::string> describe(Flags flags);

/// The same in front of a name: "SIMULATED: EMULATED: "; empty for measurements of a network.
std::string prefix_of(Flags flags);

}  // namespace hockney::inline vocabulary
