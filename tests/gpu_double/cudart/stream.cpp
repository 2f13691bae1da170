#include "stream.hpp"

#include <thread>
#include <unordered_map>

#include "device.hpp"
#include "error.hpp"
#include "interface.hpp"

namespace hockney::gpu_double {
namespace {

// Never destroyed: workers may outlive main().
struct Streams {
  std::mutex mutex;
  std::unordered_map<cudaStream_t, std::shared_ptr<Stream>> by_handle;
  std::shared_ptr<Stream> standard;
};

Streams& streams() {
  static Streams& all = *new Streams;
  return all;
}

bool is_default(cudaStream_t handle) {
  return handle == nullptr || handle == cudaStreamLegacy || handle == cudaStreamPerThread;
}

std::vector<std::shared_ptr<Stream>> all_streams(bool only_waiting) {
  Streams& all = streams();
  const std::lock_guard lock(all.mutex);
  std::vector<std::shared_ptr<Stream>> result;
  if (all.standard) {
    result.push_back(all.standard);
  }
  for (const auto& [handle, stream] : all.by_handle) {
    if (!only_waiting || stream->waits_for_default()) {
      result.push_back(stream);
    }
  }
  return result;
}

cudaStream_t handle_of(Stream* stream) { return reinterpret_cast<cudaStream_t>(stream); }

cudaError_t create(cudaStream_t* handle, bool waits_for_default) {
  if (const cudaError_t state = driver_state(); state != cudaSuccess) {
    return report(state);
  }
  auto stream = Stream::start(waits_for_default);
  *handle = handle_of(stream.get());
  Streams& all = streams();
  const std::lock_guard lock(all.mutex);
  all.by_handle.emplace(*handle, std::move(stream));
  return cudaSuccess;
}

}  // namespace

std::shared_ptr<Stream> Stream::start(bool waits_for_default) {
  std::shared_ptr<Stream> stream(new Stream(waits_for_default));
  std::thread([stream] { stream->run(); }).detach();
  return stream;
}

void Stream::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !queue_.empty() || closing_; });
    if (queue_.empty()) {
      return;
    }
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
    ++done_;
    changed_.notify_all();
  }
}

void Stream::enqueue(Work work) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(work));
  ++queued_;
  changed_.notify_all();
}

void Stream::synchronise() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this, until = queued_] { return done_ >= until; });
}

bool Stream::is_idle() {
  const std::lock_guard lock(mutex_);
  return done_ == queued_;
}

void Stream::close() {
  const std::lock_guard lock(mutex_);
  closing_ = true;
  changed_.notify_all();
}

std::shared_ptr<Graph> Stream::capture() {
  const std::lock_guard lock(mutex_);
  return capture_;
}

void Stream::set_capture(std::shared_ptr<Graph> graph) {
  const std::lock_guard lock(mutex_);
  capture_ = std::move(graph);
}

std::shared_ptr<Stream> find_stream(cudaStream_t handle) {
  Streams& all = streams();
  const std::lock_guard lock(all.mutex);
  if (is_default(handle)) {
    if (!all.standard) {
      all.standard = Stream::start(true);
    }
    return all.standard;
  }
  const auto found = all.by_handle.find(handle);
  return found == all.by_handle.end() ? nullptr : found->second;
}

cudaError_t submit(cudaStream_t handle, Work work) {
  const auto stream = find_stream(handle);
  if (!stream) {
    return cudaErrorInvalidResourceHandle;
  }
  if (const auto graph = stream->capture()) {
    graph->nodes.push_back(std::move(work));
  } else {
    stream->enqueue(std::move(work));
  }
  return cudaSuccess;
}

void run_synchronously(const Work& work) {
  for (const auto& stream : all_streams(true)) {
    stream->synchronise();
  }
  work();
}

void leave_capture(const std::shared_ptr<Graph>& graph) {
  for (const auto& stream : all_streams(false)) {
    if (stream->capture() == graph) {
      stream->set_capture(nullptr);
    }
  }
}

void synchronise_all_streams() {
  for (const auto& stream : all_streams(false)) {
    stream->synchronise();
  }
}

}  // namespace hockney::gpu_double

using namespace hockney::gpu_double;

extern "C" {

cudaError_t hockney_double_enqueue(cudaStream_t stream, void (*run)(void*), void* argument, void (*release)(void*),
                                   bool* captured) {
  const std::shared_ptr<void> held(argument, release);
  const auto found = find_stream(stream);
  *captured = found && found->capture();
  return submit(stream, [run, held] { run(held.get()); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int flags) {
  return create(stream, (flags & cudaStreamNonBlocking) == 0);
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned int flags, int) {
  return cudaStreamCreateWithFlags(stream, flags);
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) { return create(stream, true); }

cudaError_t cudaStreamDestroy(cudaStream_t handle) {
  Streams& all = streams();
  const std::lock_guard lock(all.mutex);
  const auto found = all.by_handle.find(handle);
  if (found == all.by_handle.end()) {
    return report(cudaErrorInvalidResourceHandle);
  }
  found->second->close();
  all.by_handle.erase(found);
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  if (const cudaError_t refused = refuse_while_capturing(); refused != cudaSuccess) {
    return report(refused);
  }
  const auto stream = find_stream(handle);
  if (!stream) {
    return report(cudaErrorInvalidResourceHandle);
  }
  stream->synchronise();
  return cudaSuccess;
}

cudaError_t cudaStreamQuery(cudaStream_t handle) {
  const auto stream = find_stream(handle);
  if (!stream) {
    return report(cudaErrorInvalidResourceHandle);
  }
  return stream->is_idle() ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t cudaDeviceSynchronize() {
  if (const cudaError_t refused = refuse_while_capturing(); refused != cudaSuccess) {
    return report(refused);
  }
  synchronise_all_streams();
  return cudaSuccess;
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  return report(submit(stream, [function, data] { function(data); }));
}
}
