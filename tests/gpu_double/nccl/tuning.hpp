#pragma once

#include <string>
#include <vector>

#include "call.hpp"

namespace hockney::gpu_double {

/// Channels that every collective is said to use, and one that is captured: NCCL registers buffers while it captures,
/// and may then choose otherwise.
inline constexpr int channels = 2;
inline constexpr int channels_when_captured = 3;

/// How a collective is said to run. Names as NCCL's debug lines and profiler events spell them: "RING", "SIMPLE".
struct Choice {
  std::string algorithm;
  std::string protocol;
  int channels = gpu_double::channels;
};

/// NCCL_ALGO and NCCL_PROTO as they were when a communicator was made; syntax of NCCL 2.24: "ring", "ring,tree",
/// "allreduce:ring;allgather:ring,pat", with "^" for all but these.
class Pins {
 public:
  /// Reads the environment. Throws std::invalid_argument for names that NCCL does not know.
  Pins();

  /// The double's own rule where nothing is pinned: ring, LL below 16 KiB, else Simple. Throws std::invalid_argument
  /// when no pinned algorithm and protocol exist for the function, as NCCL does.
  Choice choose(Kind kind, std::size_t bytes) const;

 private:
  struct Rule {
    std::string function;  ///< empty: every function
    bool inverse = false;
    std::vector<std::string> names;
  };
  static std::vector<Rule> parse(const char* variable, bool is_algorithm);
  static bool allows(const std::vector<Rule>& rules, Kind kind, const std::string& name);

  std::vector<Rule> algorithms_;
  std::vector<Rule> protocols_;
};

/// The symmetric kernel that NCCL runs on buffers in windows, as its TUNING line names it: "AllReduce_AGxLL_R".
std::string symmetric_kernel(Kind kind);

/// Whether NCCL picks an algorithm for it: the others are built from sends and receives.
bool has_algorithm(Kind kind);

/// The double's answer to ncclGroupSimulateEnd, us: 5 us and 20 GB/s of payload.
float estimated_microseconds(std::size_t payload_bytes);

}  // namespace hockney::gpu_double
