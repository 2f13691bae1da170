#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nccl/pins.hpp"

namespace hockney::nccl {

/// How NCCL ran one collective.
struct Label {
  std::string algorithm;  ///< "Ring", "Tree", "NVLS"; the kernel's name for symmetric kernels
  std::string protocol;   ///< "LL", "LL128", "Simple"; "Symmetric" for symmetric kernels
  std::uint32_t channels = 0;
  friend bool operator==(const Label&, const Label&) = default;
};

/// The label of a line of NCCL_DEBUG=INFO, NCCL_DEBUG_SUBSYS=TUNING; nothing for other lines. Knows
///   "AllReduce: 4194304 Bytes -> Algo RING proto SIMPLE channel{Lo..Hi}={0..15}"            (2.23 on, enqueue.cc)
///   "4194304 Bytes -> Algo 1 proto 2 time 53.1"                       (2.22; rank 0 of a communicator only; no
///   channels) "AllReduce [Symmetric]: 4194304 Bytes -> Kernel AllReduce_AGxLL_R nchannels 8 nthreads 512 nWorks 1"
///   (2.27 on)
std::optional<Label> parse_tuning_line(std::string_view line);

/// A connection that NCCL made between two ranks.
struct Connection {
  std::uint32_t from = 0;  ///< rank in the communicator
  std::uint32_t to = 0;
  std::string kind;  ///< "P2P/CUMEM", "P2P/IPC", "P2P/direct pointer", "SHM/direct/direct", "NET/IB", "NET/Socket"
  bool gpu_direct = false;  ///< NET: GPUDirect RDMA
  friend bool operator==(const Connection&, const Connection&) = default;
};

/// The connection of a line of NCCL_DEBUG=INFO, NCCL_DEBUG_SUBSYS=INIT (p2p.cc, shm.cc, net.cc); nothing for others:
///   "Channel 00/0 : 0[0] -> 1[1] via P2P/CUMEM/read"         "Channel 00 : 0[0] -> 1[1] via SHM/direct/direct"
///   "Channel 02/0 : 7[7] -> 8[0] [send] via NET/IB/3(4)/GDRDMA/Shared"
std::optional<Connection> parse_connection_line(std::string_view line);

/// Link layers ("IB", "RoCE") of the adapters that NCCL uses, from its line (net_ib; NCCL_DEBUG_SUBSYS=INIT), once per
/// process; empty for other lines:
///   "NET/IB : Using [0]mlx5_0:1/IB [1]mlx5_1:1/RoCE [RO]; OOB eth0:10.0.0.1<0>"
std::vector<std::string> parse_network_line(std::string_view line);

/// The debug output of this process's NCCL. Constructed before the first NCCL call: makes NCCL write to a file of its
/// own (NCCL_DEBUG, NCCL_DEBUG_SUBSYS, NCCL_DEBUG_FILE), unless the user has set NCCL_DEBUG: then is_ours() is false
/// and nothing can be read. The file's name goes as soon as
/// NCCL has opened it, the variables at the end. NCCL's warnings go to the file as well.
class DebugLog {
 public:
  /// `with_tuning`: also the TUNING lines, for versions of NCCL without a usable profiler interface.
  explicit DebugLog(bool with_tuning);
  ~DebugLog();
  DebugLog(const DebugLog&) = delete;
  DebugLog& operator=(const DebugLog&) = delete;

  bool is_ours() const { return !path_.empty(); }
  /// Whole lines written since the last call.
  std::vector<std::string> new_lines();

 private:
  std::string path_;
  int file_ = -1;
  std::optional<ScopedSettings> settings_;
  std::int64_t read_ = 0;
  std::string partial_;  ///< of a line that is not whole yet
};

/// Labels through NCCL's profiler plugin interface: the program exports ncclProfiler_v4 and ncclProfiler_v5 and sets
/// NCCL_PROFILER_PLUGIN=STATIC_PLUGIN, so NCCL (2.27 on; 2.26 knows v3 only) finds the plugin in the program itself.
/// Recording is switched on for the label pass only, through the activation mask that NCCL hands to the plugin: timed
/// samples pay nothing. NCCL looks at the mask when an operation is called, and tells the plugin when it launches it,
/// or, for a captured graph, when the GPU comes to it: wait for the stream before end_labels().
namespace profiler {

/// Sets NCCL_PROFILER_PLUGIN, unless the user has set one; before the first NCCL call. Returns whether it is ours.
bool enable(int nccl_version);
/// Labels of the operations that this process called since begin_labels(), in the order of their launches. Sends and
/// receives have a number of channels and no names; NCCL tells one for each.
void begin_labels();
std::vector<Label> end_labels();

}  // namespace profiler

}  // namespace hockney::nccl
