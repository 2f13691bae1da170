#pragma once

#include <optional>
#include <string>

#include "base/rates.hpp"
#include "base/seconds.hpp"
#include "record/launch.hpp"
#include "vocabulary/fabric.hpp"

namespace hockney::inline record {

/// What somebody states of a fabric of a machine on which nobody has published a measured curve: a rate and a latency.
/// It is no measurement, and everything made from it says ESTIMATED FROM LINE RATE.
struct StatedLineRate {
  Fabric fabric = Fabric::unknown;
  BytesPerSecond bandwidth;  ///< of one GPU's own share of the fabric, in one direction
  Seconds latency{0};        ///< of one message
  std::string machine;       ///< LaunchInfo::machine
  std::string source;        ///< LaunchInfo::source: who states it
};

/// "infiniband of dgx-a100, 24 GB/s per GPU and direction, latency 10 us".
std::string to_string(const StatedLineRate& rate);

/// What must stand at every figure that comes from it: "ESTIMATED FROM LINE RATE: ...; it answers where no
/// curve was measured".
std::string warning_about(const StatedLineRate& rate);

/// Writes fabric, bandwidth and latency into a launch's provenance, which is where a campaign file keeps a statement:
/// its points and samples hold nothing but measurements. Keys "line_rate.fabric", "line_rate.bandwidth_bytes_per_s"
/// and "line_rate.latency_s"; numbers in the shortest form that reads back to the same bits.
void state(Provenance& provenance, const StatedLineRate& rate);

/// What a launch's provenance states, with the launch's machine and source; nothing for a launch of measurements.
/// Throws InputError when one of the three keys is missing or is not what state() writes.
std::optional<StatedLineRate> stated_line_rate(const Launch& launch);

}  // namespace hockney::inline record
