#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "device.hpp"
#include "error.hpp"
#include "stream.hpp"

namespace hockney::gpu_double {
namespace {

using Clock = std::chrono::steady_clock;

class Event {
 public:
  explicit Event(bool timing) : timing_(timing) {}

  std::uint64_t begin_record() {
    const std::lock_guard lock(mutex_);
    return ++recorded_;
  }
  void pass(std::uint64_t record) {
    const std::lock_guard lock(mutex_);
    time_ = Clock::now();
    passed_ = std::max(passed_, record);
    changed_.notify_all();
  }
  bool is_done() {
    const std::lock_guard lock(mutex_);
    return passed_ == recorded_;
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, until = recorded_] { return passed_ >= until; });
  }
  std::uint64_t latest_record() {
    const std::lock_guard lock(mutex_);
    return recorded_;
  }
  void wait_for(std::uint64_t record) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return passed_ >= record; });
  }
  bool has_time() {
    const std::lock_guard lock(mutex_);
    return timing_ && recorded_ > 0;
  }
  Clock::time_point time() {
    const std::lock_guard lock(mutex_);
    return time_;
  }

  /// The capture that the event was recorded in, if any: waiting for it joins that capture.
  std::weak_ptr<Graph> captured_in;

 private:
  const bool timing_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t recorded_ = 0;
  std::uint64_t passed_ = 0;
  Clock::time_point time_;
};

struct Events {
  std::mutex mutex;
  std::unordered_map<cudaEvent_t, std::shared_ptr<Event>> by_handle;
};

Events& events() {
  static Events& all = *new Events;
  return all;
}

std::shared_ptr<Event> find_event(cudaEvent_t handle) {
  Events& all = events();
  const std::lock_guard lock(all.mutex);
  const auto found = all.by_handle.find(handle);
  return found == all.by_handle.end() ? nullptr : found->second;
}

// Inside a capture an event only marks a place in the graph, unless it is recorded as external: then every launch of
// the graph records it.
cudaError_t record(const std::shared_ptr<Event>& event, cudaStream_t handle, bool external) {
  const auto stream = find_stream(handle);
  if (!event || !stream) {
    return cudaErrorInvalidResourceHandle;
  }
  if (const auto graph = stream->capture()) {
    if (external) {
      graph->nodes.emplace_back([event] { event->pass(event->begin_record()); });
    } else {
      event->captured_in = graph;
    }
    return cudaSuccess;
  }
  event->captured_in.reset();
  stream->enqueue([event, number = event->begin_record()] { event->pass(number); });
  return cudaSuccess;
}

}  // namespace
}  // namespace hockney::gpu_double

using namespace hockney::gpu_double;

extern "C" {

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* handle, unsigned int flags) {
  if (const cudaError_t state = driver_state(); state != cudaSuccess) {
    return report(state);
  }
  auto event = std::make_shared<Event>((flags & cudaEventDisableTiming) == 0);
  *handle = reinterpret_cast<cudaEvent_t>(event.get());
  Events& all = events();
  const std::lock_guard lock(all.mutex);
  all.by_handle.emplace(*handle, std::move(event));
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* handle) { return cudaEventCreateWithFlags(handle, cudaEventDefault); }

cudaError_t cudaEventDestroy(cudaEvent_t handle) {
  Events& all = events();
  const std::lock_guard lock(all.mutex);
  return report(all.by_handle.erase(handle) == 1 ? cudaSuccess : cudaErrorInvalidResourceHandle);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return report(record(find_event(event), stream, false));
}

cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned int flags) {
  return report(record(find_event(event), stream, (flags & cudaEventRecordExternal) != 0));
}

cudaError_t cudaEventQuery(cudaEvent_t handle) {
  const auto event = find_event(handle);
  if (!event) {
    return report(cudaErrorInvalidResourceHandle);
  }
  if (const cudaError_t refused = refuse_while_capturing(); refused != cudaSuccess) {
    return report(refused);
  }
  if (event->is_done()) {
    return cudaSuccess;
  }
  std::this_thread::yield();  // a polling host thread must not starve the worker: there are few cores
  return cudaErrorNotReady;
}

cudaError_t cudaEventSynchronize(cudaEvent_t handle) {
  const auto event = find_event(handle);
  if (!event) {
    return report(cudaErrorInvalidResourceHandle);
  }
  if (const cudaError_t refused = refuse_while_capturing(); refused != cudaSuccess) {
    return report(refused);
  }
  event->wait();
  return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin_handle, cudaEvent_t end_handle) {
  const auto begin = find_event(begin_handle);
  const auto end = find_event(end_handle);
  if (!begin || !end || !begin->has_time() || !end->has_time()) {
    return report(cudaErrorInvalidResourceHandle);
  }
  if (!begin->is_done() || !end->is_done()) {
    return cudaErrorNotReady;
  }
  *milliseconds = std::chrono::duration<float, std::milli>(end->time() - begin->time()).count();
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event_handle, unsigned int) {
  const auto event = find_event(event_handle);
  const auto stream = find_stream(handle);
  if (!event || !stream) {
    return report(cudaErrorInvalidResourceHandle);
  }
  if (const auto graph = event->captured_in.lock()) {
    stream->set_capture(graph);
    return cudaSuccess;
  }
  return report(submit(handle, [event, number = event->latest_record()] { event->wait_for(number); }));
}
}
