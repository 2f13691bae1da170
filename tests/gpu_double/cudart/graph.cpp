#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "error.hpp"
#include "stream.hpp"

// The handles of CUDA point to these.
struct CUgraph_st {
  std::shared_ptr<hockney::gpu_double::Graph> graph;
};
struct CUgraphExec_st {
  std::shared_ptr<const hockney::gpu_double::Graph> graph;
};

namespace hockney::gpu_double {
namespace {

// Captures that this thread began: they forbid it calls that would wait or allocate.
thread_local std::vector<std::shared_ptr<Graph>> captures_of_thread;

void run(const Graph& graph) {
  for (const Work& node : graph.nodes) {
    node();
  }
}

}  // namespace

cudaError_t refuse_while_capturing() {
  if (captures_of_thread.empty()) {
    return cudaSuccess;
  }
  for (const auto& graph : captures_of_thread) {
    graph->broken = true;
  }
  return cudaErrorStreamCaptureUnsupported;
}

}  // namespace hockney::gpu_double

using namespace hockney::gpu_double;

extern "C" {

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
  const auto stream = find_stream(handle);
  if (!stream || handle == nullptr) {
    return report(cudaErrorStreamCaptureUnsupported);
  }
  if (stream->capture()) {
    return report(cudaErrorIllegalState);
  }
  auto graph = std::make_shared<Graph>();
  if (mode != cudaStreamCaptureModeRelaxed) {
    captures_of_thread.push_back(graph);
  }
  stream->set_capture(std::move(graph));
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* result) {
  const auto stream = find_stream(handle);
  const auto graph = stream ? stream->capture() : nullptr;
  if (!graph) {
    return report(cudaErrorIllegalState);
  }
  leave_capture(graph);
  std::erase(captures_of_thread, graph);
  *result = nullptr;
  if (graph->broken) {
    return report(cudaErrorStreamCaptureInvalidated);
  }
  *result = new CUgraph_st{graph};
  return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
  const auto stream = find_stream(handle);
  if (!stream) {
    return report(cudaErrorInvalidResourceHandle);
  }
  const auto graph = stream->capture();
  *status = !graph ? cudaStreamCaptureStatusNone
                   : (graph->broken ? cudaStreamCaptureStatusInvalidated : cudaStreamCaptureStatusActive);
  return cudaSuccess;
}

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  *mode = cudaStreamCaptureModeGlobal;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* result, cudaGraph_t graph, unsigned long long) {
  *result = new CUgraphExec_st{graph->graph};
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return report(submit(stream, [graph = executable->graph] { run(*graph); }));
}

cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t) { return cudaSuccess; }

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t*, size_t* count) {
  *count = graph->graph->nodes.size();
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}
}
