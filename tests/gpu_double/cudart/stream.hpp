#pragma once

#include <condition_variable>
#include <cstdint>
#include <cuda_runtime_api.h>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace hockney::gpu_double {

using Work = std::function<void()>;

/// What a stream's capture collects: work in the order of its capture, so forks and joins need no edges.
struct Graph {
  std::vector<Work> nodes;
  std::vector<std::shared_ptr<void>> kept;  ///< what lives until no graph and no executable one is left
  bool broken = false;                      ///< a call that is not permitted was made while capturing
};

/// One worker thread that runs queued work in order.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  static std::shared_ptr<Stream> start(bool waits_for_default);

  void enqueue(Work work);
  void synchronise();
  bool is_idle();
  /// The worker ends when the queue is empty.
  void close();

  /// Whether work on the default stream waits for this one, as CUDA says of streams that are not non-blocking.
  bool waits_for_default() const { return waits_for_default_; }

  std::shared_ptr<Graph> capture();
  void set_capture(std::shared_ptr<Graph> graph);

 private:
  explicit Stream(bool waits_for_default) : waits_for_default_(waits_for_default) {}
  void run();

  const bool waits_for_default_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> queue_;
  std::uint64_t queued_ = 0;
  std::uint64_t done_ = 0;
  bool closing_ = false;
  std::shared_ptr<Graph> capture_;
};

/// Null for a handle that is none; the default stream for CUDA's handles of it.
std::shared_ptr<Stream> find_stream(cudaStream_t handle);

/// Queues work on a stream, or adds it to the graph that is being captured.
cudaError_t submit(cudaStream_t handle, Work work);

/// Runs work now, as calls without a stream do: after the default stream and all that it waits for.
void run_synchronously(const Work& work);

void synchronise_all_streams();

/// Ends the capture of a graph in the stream that began it and in all that joined it by waiting for its events.
void leave_capture(const std::shared_ptr<Graph>& graph);

/// cudaErrorStreamCaptureUnsupported, and the capture is spoilt, while this thread captures; else cudaSuccess.
cudaError_t refuse_while_capturing();

}  // namespace hockney::gpu_double
