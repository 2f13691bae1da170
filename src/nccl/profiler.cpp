#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <string>
#include <utility>

#include "nccl/algorithm_names.hpp"
#include "nccl/labels.hpp"
#include "nccl/profiler_abi.hpp"

namespace hockney::nccl {
namespace {

constexpr const char* variable = "NCCL_PROFILER_PLUGIN";
constexpr int first_with_v4 = 22700;
constexpr int first_silent_on_broadcast = 23000;
constexpr int label_events = static_cast<int>(abi::profile_coll | abi::profile_p2p);

// NCCL calls the plugin from threads of its own and has one mask for the whole process
struct Recorder {
  std::mutex mutex;
  int* mask = nullptr;  // NCCL's; null before the first communicator
  bool recording = false;
  std::vector<Label> labels;

  void set_mask() {
    if (mask != nullptr) {
      std::atomic_ref(*mask).store(recording ? label_events : 0, std::memory_order_relaxed);
    }
  }
};

// never destroyed: NCCL may call while the process exits
Recorder& recorder() {
  static auto* const the_recorder = new Recorder;
  return *the_recorder;
}

std::string text_of(const char* text) { return text != nullptr ? text : ""; }

Label label_of(const abi::EventDescriptorV4::Coll& coll) {
  return {algorithm_name(text_of(coll.algo)), protocol_name(text_of(coll.proto)), coll.nChannels};
}

ncclResult_t initialise(void** context, int* mask) {
  Recorder& the = recorder();
  const std::lock_guard lock(the.mutex);
  *context = &the;
  the.mask = mask;
  the.set_mask();
  return ncclSuccess;
}

ncclResult_t init_v4(void** context, int* mask, const char*, std::uint64_t, int, int, int, abi::Logger) {
  return initialise(context, mask);
}

ncclResult_t init_v5(void** context, std::uint64_t, int* mask, const char*, int, int, int, abi::Logger) {
  return initialise(context, mask);
}

template <class Descriptor>
ncclResult_t start_event(void* context, void** event, Descriptor* descriptor) {
  *event = descriptor->type == abi::profile_group ? context : nullptr;
  if (descriptor->type != abi::profile_coll && descriptor->type != abi::profile_p2p) {
    return ncclSuccess;
  }
  Recorder& the = recorder();
  const std::lock_guard lock(the.mutex);
  if (the.recording) {
    the.labels.push_back(descriptor->type == abi::profile_coll ? label_of(descriptor->coll)
                                                               : Label{"", "", descriptor->p2p.nChannels});
  }
  return ncclSuccess;
}

ncclResult_t stop_event(void*) { return ncclSuccess; }
ncclResult_t record_event_state(void*, int, void*) { return ncclSuccess; }
ncclResult_t finalize(void*) { return ncclSuccess; }

}  // namespace

Label combined(const std::vector<Label>& labels) {
  Label all = labels.empty() ? Label{} : labels.front();
  for (const Label& label : labels) {
    all.channels = std::max(all.channels, label.channels);
  }
  return all;
}

namespace profiler {

bool tells(int nccl_version, Operation operation, Buffers buffers) {
  const bool is_silent = operation == Operation::broadcast && nccl_version >= first_silent_on_broadcast;
  return nccl_version >= first_with_v4 && buffers != Buffers::symmetric_window && !is_silent;
}

bool enable(int nccl_version) {
  if (nccl_version < first_with_v4 || std::getenv(variable) != nullptr) {
    return false;
  }
  ::setenv(variable, "STATIC_PLUGIN", 1);
  return true;
}

void begin_labels() {
  Recorder& the = recorder();
  const std::lock_guard lock(the.mutex);
  the.labels.clear();
  the.recording = true;
  the.set_mask();
}

std::vector<Label> end_labels() {
  Recorder& the = recorder();
  const std::lock_guard lock(the.mutex);
  the.recording = false;
  the.set_mask();
  return std::exchange(the.labels, {});
}

}  // namespace profiler
}  // namespace hockney::nccl

extern "C" {

__attribute__((visibility("default"))) extern const hockney::nccl::abi::ProfilerV4 ncclProfiler_v4;
__attribute__((visibility("default"))) extern const hockney::nccl::abi::ProfilerV5 ncclProfiler_v5;

const hockney::nccl::abi::ProfilerV4 ncclProfiler_v4{"hockney",
                                                     hockney::nccl::init_v4,
                                                     hockney::nccl::start_event<hockney::nccl::abi::EventDescriptorV4>,
                                                     hockney::nccl::stop_event,
                                                     hockney::nccl::record_event_state,
                                                     hockney::nccl::finalize};

const hockney::nccl::abi::ProfilerV5 ncclProfiler_v5{"hockney",
                                                     hockney::nccl::init_v5,
                                                     hockney::nccl::start_event<hockney::nccl::abi::EventDescriptorV5>,
                                                     hockney::nccl::stop_event,
                                                     hockney::nccl::record_event_state,
                                                     hockney::nccl::finalize};
}
