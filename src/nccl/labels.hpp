#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nccl/pins.hpp"
#include "vocabulary/buffers.hpp"

namespace hockney::nccl {

/// How NCCL ran one operation.
struct Label {
  std::string algorithm;  ///< "Ring", "Tree", "NVLS"; the kernel's name for symmetric kernels
  std::string protocol;   ///< "LL", "LL128", "Simple"; "Symmetric" for symmetric kernels
  std::uint32_t channels = 0;
  friend bool operator==(const Label&, const Label&) = default;
};

/// The label of an operation that NCCL tells in parts, as an all-to-all: one for every message, the one that a rank
/// keeps for itself first. The names of the first, the most channels of any; empty where there is none.
Label combined(const std::vector<Label>& labels);

/// The label of a line of NCCL_DEBUG=INFO, NCCL_DEBUG_SUBSYS=TUNING, which rank 0 of a communicator writes for each
/// collective; nothing for other lines. Knows
///   "AllReduce: 4194304 Bytes -> Algo RING proto SIMPLE channel{Lo..Hi}={0..15}"                       (2.23 on)
///   "4194304 Bytes -> Algo 1 proto 2 time 53.1"                                                (2.22; no channels)
///   "AllReduce [Symmetric]: 1024 Bytes -> Kernel AllReduce_AGxLLMC_R nchannels 1 nthreads 512"
///                                                                            (2.27; with " nWorks 1" 2.28 on)
std::optional<Label> parse_tuning_line(std::string_view line);

/// The debug output of this process's NCCL. Constructed before the first NCCL call: makes NCCL write to a file of its
/// own (NCCL_DEBUG, NCCL_DEBUG_SUBSYS, NCCL_DEBUG_FILE). An NCCL_DEBUG that asks for less than connections (WARN,
/// VERSION; sites set them for everybody) is overruled(). One that asks for lines (INFO, TRACE, ABORT) is the user's
/// wish: then is_ours() is false and nothing can be read. The file's name goes as soon as NCCL has opened it, the
/// variables at the end. NCCL's warnings go to the file as well.
class DebugLog {
 public:
  DebugLog();
  ~DebugLog();
  DebugLog(const DebugLog&) = delete;
  DebugLog& operator=(const DebugLog&) = delete;

  bool is_ours() const { return !path_.empty(); }
  /// The user's NCCL_DEBUG that does not hold; empty where there was none, or where it holds.
  const std::string& overruled() const { return overruled_; }
  /// Asks for TUNING lines too, before NCCL's first communicator; nothing where the log is not ours. NCCL then writes
  /// a line at every launch of a collective: the time of a write that Mode::host has on its clock.
  void ask_for_tuning();
  /// Whole lines written since the last call.
  std::vector<std::string> new_lines();

 private:
  std::string path_;
  std::string overruled_;
  int file_ = -1;
  std::optional<ScopedSettings> settings_;
  std::int64_t read_ = 0;
  std::string partial_;  ///< of a line that is not whole yet
};

/// Labels through NCCL's profiler plugin interface: the program exports ncclProfiler_v4 and ncclProfiler_v5 and sets
/// NCCL_PROFILER_PLUGIN=STATIC_PLUGIN, so NCCL (2.27 on; 2.26 knows v3 only) finds the plugin in the program itself.
/// Recording is switched on for the label pass only, through the activation mask that NCCL hands to the plugin: timed
/// samples pay nothing. NCCL 2.27 sends collectives and messages only to a plugin that gave the event of their group a
/// handle. NCCL looks at the mask when an operation is called, and tells the plugin when it launches it,
/// or, for a captured graph, when the GPU comes to it: wait for the stream before end_labels().
namespace profiler {

/// Whether this NCCL tells a plugin of such an operation. None before 2.27, none of symmetric kernels (2.27 to 2.30;
/// 2.32 does, and is not relied on), none of broadcasts from 2.30 on: the TUNING line is the only source there
/// (docs/nccl_versions.md).
bool tells(int nccl_version, Operation operation, Buffers buffers);

/// Sets NCCL_PROFILER_PLUGIN, unless the user has set one; before the first NCCL call. Returns whether it is ours.
bool enable(int nccl_version);
/// Labels of the operations that this process called since begin_labels(), in the order of their launches. Sends and
/// receives have a number of channels and no names; NCCL tells one for each.
void begin_labels();
std::vector<Label> end_labels();

}  // namespace profiler

}  // namespace hockney::nccl
