#pragma once

#include "call.hpp"
#include "tuning.hpp"

namespace hockney::gpu_double {

/// The communicator as the plugin knows it.
struct Profiled {
  std::uint64_t id = 0;
  int nodes = 1;
  int ranks = 1;
  int rank = 0;
};

/// One communicator's use of the profiler plugin that NCCL_PROFILER_PLUGIN=STATIC_PLUGIN finds in the program itself:
/// from 2.28 on ncclProfiler_v5, else ncclProfiler_v4, which 2.27 knows. Without a plugin every call does nothing. As
/// in 2.27, the plugin hears of nothing whose group it gave no handle; as in 2.30, it does not hear of broadcasts
/// there.
class Profiler {
 public:
  explicit Profiler(const Profiled& communicator);
  Profiler(const Profiler&) = delete;
  Profiler& operator=(const Profiler&) = delete;
  ~Profiler();

  /// One event within one of its group, while the plugin's mask has ncclProfileColl.
  void collective(const Call& call, const Choice& choice);
  /// Likewise for one send or receive, with ncclProfileP2p.
  void message(const Call& call, bool sends, int peer);

 private:
  template <class Fill>
  void tell(int type, Fill&& fill);

  const Profiled communicator_;
  void* context_ = nullptr;
  bool active_ = false;
  std::uint64_t sequence_ = 0;
};

}  // namespace hockney::gpu_double
