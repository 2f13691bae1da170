#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/rates.hpp"
#include "transport/transport.hpp"

namespace hockney::transport {

/// A machine that exists only on paper. From `from` on (inclusive) an operation takes alpha + beta * payload; a
/// replayed step takes its compute and the sum over step_messages().
struct ScriptedSegment {
  Bytes from;
  Seconds alpha{4e-6};
  SecondsPerByte beta{1 / 180e9};
};

struct ScriptedMachine {
  std::vector<ScriptedSegment> segments = std::vector<ScriptedSegment>(1);  ///< ascending; the first begins at 0 B
  double noise = 0.01;      ///< relative standard deviation of one sample (log-normal, median 1)
  std::uint32_t ranks = 8;  ///< pretended
  std::uint32_t ranks_per_node = 8;
};

/// "alpha 4 us, beta 180 GB/s, noise 1 %", with the switches: a name for the machine, so that launches of different
/// scripts are never pooled.
std::string to_string(const ScriptedMachine& machine);

/// Answers from a ScriptedMachine in a single process: no transfer takes place, and every record made with it must
/// carry Flag::simulated. `seed` is that of the launch; visits draw one after the other from one generator, so that a
/// launch repeats with its seed, and neither passes nor launches are copies of each other.
std::unique_ptr<Transport> make_scripted_transport(const ScriptedMachine& machine, std::uint64_t seed);

}  // namespace hockney::transport
