#include "cuda/handles.hpp"

#include <atomic>
#include <fmt/format.h>

#include "base/error.hpp"
#include "cuda/device.hpp"
#include "cuda/error.hpp"

namespace hockney::cuda {
namespace {

struct CapturedTraits {
  using type = cudaGraph_t;
  static type none() noexcept { return nullptr; }
  static void destroy(type graph) noexcept { cudaGraphDestroy(graph); }
};
using Captured = UniqueHandle<CapturedTraits>;

Captured end_capture(const Stream& stream) {
  cudaGraph_t graph = nullptr;
  check(cudaStreamEndCapture(stream.get(), &graph));
  return Captured(graph);
}

void abandon_capture(const Stream& stream) noexcept {
  cudaGraph_t graph = nullptr;
  cudaStreamEndCapture(stream.get(), &graph);
  if (graph != nullptr) {
    cudaGraphDestroy(graph);
  }
  cudaGetLastError();
}

}  // namespace

void StreamTraits::destroy(type stream) noexcept { cudaStreamDestroy(stream); }
void EventTraits::destroy(type event) noexcept { cudaEventDestroy(event); }
void GraphTraits::destroy(type graph) noexcept { cudaGraphExecDestroy(graph); }
void DeviceMemoryTraits::destroy(type data) noexcept { cudaFree(data); }

Stream::Stream() {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  handle_ = UniqueHandle<StreamTraits>(stream);
}

void Stream::synchronise() const { check(cudaStreamSynchronize(get())); }

Event::Event() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreate(&event));
  handle_ = UniqueHandle<EventTraits>(event);
}

void Event::record(const Stream& stream) { check(cudaEventRecord(handle_.get(), stream.get())); }

bool Event::is_done() const {
  const cudaError_t code = cudaEventQuery(handle_.get());
  if (code == cudaErrorNotReady) {
    cudaGetLastError();
    return false;
  }
  check(code);
  return true;
}

Seconds Event::since(const Event& begin) const {
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, begin.handle_.get(), handle_.get()));
  return std::chrono::duration<double, std::milli>(milliseconds);
}

Graph Graph::capture(const Stream& stream, const std::function<void()>& work) {
  check(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal));
  try {
    work();
  } catch (...) {
    abandon_capture(stream);
    throw;
  }
  const Captured captured = end_capture(stream);
  cudaGraphExec_t graph = nullptr;
  check(cudaGraphInstantiate(&graph, captured.get(), 0));
  return Graph(graph);
}

void Graph::launch(const Stream& stream) const { check(cudaGraphLaunch(handle_.get(), stream.get())); }

DeviceBuffer::DeviceBuffer(Bytes size) : size_(size.count) {
  void* data = nullptr;
  const cudaError_t code = cudaMalloc(&data, size.count);
  if (code == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    throw CannotRun(
        fmt::format("the GPU has no {} of memory left ({} are free)", to_string(size), to_string(free_memory())));
  }
  check(code);
  data_ = UniqueHandle<DeviceMemoryTraits>(static_cast<std::byte*>(data));
}

MappedWord::MappedWord() {
  void* host = nullptr;
  check(cudaHostAlloc(&host, sizeof(std::uint64_t), cudaHostAllocMapped | cudaHostAllocPortable));
  void* device = nullptr;
  const cudaError_t code = cudaHostGetDevicePointer(&device, host, 0);
  if (code != cudaSuccess) {
    cudaFreeHost(host);
  }
  check(code);
  host_ = static_cast<std::uint64_t*>(host);
  device_ = static_cast<std::uint64_t*>(device);
  store(0);
}

MappedWord::~MappedWord() { cudaFreeHost(host_); }

void MappedWord::store(std::uint64_t value) { std::atomic_ref(*host_).store(value, std::memory_order_release); }

std::uint64_t MappedWord::load() const { return std::atomic_ref(*host_).load(std::memory_order_acquire); }

void fill_bytes(const Stream& stream, std::span<std::byte> buffer, int value) {
  check(cudaMemsetAsync(buffer.data(), value, buffer.size(), stream.get()));
}

std::uint64_t read_word(const Stream& stream, const std::uint64_t* device) {
  std::uint64_t word = 0;
  check(cudaMemcpyAsync(&word, device, sizeof(word), cudaMemcpyDeviceToHost, stream.get()));
  stream.synchronise();
  return word;
}

void copy(const Stream& stream, std::span<const std::byte> from, std::span<std::byte> to) {
  if (from.size() != to.size()) {
    throw Failure(fmt::format("copy of {} B to a buffer of {} B", from.size(), to.size()));
  }
  check(cudaMemcpyAsync(to.data(), from.data(), from.size(), cudaMemcpyDefault, stream.get()));
}

}  // namespace hockney::cuda
