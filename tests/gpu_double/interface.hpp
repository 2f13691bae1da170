#pragma once

#include <cstddef>
#include <cuda_runtime_api.h>

/// What the stand-in for libcudart offers to the stand-in for libnccl beside CUDA's own interface.
extern "C" {

/// Its presence tells the program that no GPU is involved.
extern int hockney_cuda_test_double;

/// Queues run(argument) on a stream, or adds it to the graph that the stream is being captured into; then it runs at
/// every launch of the graph. release(argument) is called once, when it can never run again. Returns cudaSuccess and
/// sets `captured`, or the error.
cudaError_t hockney_double_enqueue(cudaStream_t stream, void (*run)(void*), void* argument, void (*release)(void*),
                                   bool* captured);

/// cudaMalloc with a chosen alignment; freed with cudaFree.
cudaError_t hockney_double_allocate(void** pointer, std::size_t size, std::size_t alignment);

/// Index of the current device among all that the host has, whatever CUDA_VISIBLE_DEVICES leaves.
int hockney_double_physical_device();
}
