#pragma once

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>
#include <vector>

namespace hockney::gpu_double {

/// Memory of the emulated device, for tests.
class DeviceData {
 public:
  explicit DeviceData(const std::vector<std::byte>& bytes) : DeviceData(bytes.size()) {
    EXPECT_EQ(cudaMemcpy(data_, bytes.data(), size_, cudaMemcpyHostToDevice), cudaSuccess);
  }
  explicit DeviceData(std::size_t size) : size_(size) { EXPECT_EQ(cudaMalloc(&data_, size), cudaSuccess); }
  DeviceData(const DeviceData&) = delete;
  DeviceData& operator=(const DeviceData&) = delete;
  ~DeviceData() { cudaFree(data_); }

  std::byte* get() const { return static_cast<std::byte*>(data_); }
  std::vector<std::byte> copy() const {
    std::vector<std::byte> bytes(size_);
    EXPECT_EQ(cudaMemcpy(bytes.data(), data_, size_, cudaMemcpyDeviceToHost), cudaSuccess);
    return bytes;
  }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

inline cudaStream_t new_stream() {
  cudaStream_t stream = nullptr;
  EXPECT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
  return stream;
}

}  // namespace hockney::gpu_double
