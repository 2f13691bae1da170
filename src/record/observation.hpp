#pragma once

#include <cstdint>
#include <string>

namespace hockney::inline record {

/// What the communication library really did at a point, as far as it tells. Empty texts and zeros: not told.
struct Observation {
  std::string algorithm;  ///< the library's own name: "Ring", "NVLSTree"; of a symmetric kernel its name
  std::string protocol;   ///< "LL", "LL128", "Simple"
  std::uint32_t channels = 0;
  std::string connections;  ///< in use, sorted, comma-separated, with the adapters: "NET/IB/0-7/GDRDMA,P2P/CUMEM"
  std::string adapters;     ///< network adapters in use by any rank, each once: "mlx5_0:1,mlx5_1:1"; its number in the
                            ///< library's list where it has not told a name
  double estimate_s = 0;    ///< the library's own estimate of one operation (ncclGroupSimulateEnd), s
  std::string settings;     ///< what was set for this communicator: "NCCL_ALGO=allreduce:ring NCCL_PROTO=ll128"
};

/// State of the GPUs of a group before or after a point; the slowest clocks, the highest temperature and power and all
/// throttle reasons over its ranks. Zeros: not readable.
struct DeviceState {
  double sm_clock_mhz = 0;
  double memory_clock_mhz = 0;
  double temperature_celsius = 0;
  double power_watt = 0;
  std::uint64_t throttle_reasons = 0;  ///< bits of NVML's nvmlClocksEventReasons

  /// HW slowdown (0x8), SW thermal (0x20), HW thermal (0x40) or HW power brake (0x80): the clocks were held down by
  /// heat or hardware. The power cap (0x4) alone is normal under load.
  bool is_throttled() const { return (throttle_reasons & 0xE8U) != 0; }
};

}  // namespace hockney::inline record
