#include "cuda/multicast.hpp"

#include <cuda.h>
#include <dlfcn.h>
#include <memory>

namespace hockney::cuda {

#if CUDA_VERSION >= 12010

namespace {

struct CloseLibrary {
  void operator()(void* library) const { ::dlclose(library); }
};
using Library = std::unique_ptr<void, CloseLibrary>;

// The program must load where there is no driver
template <class Function>
Function* find(const Library& driver, const char* name) {
  return driver ? reinterpret_cast<Function*>(::dlsym(driver.get(), name)) : nullptr;
}

bool is_supported(const Library& driver, int device_ordinal) {
  auto* const get = find<decltype(cuDeviceGet)>(driver, "cuDeviceGet");
  auto* const get_attribute = find<decltype(cuDeviceGetAttribute)>(driver, "cuDeviceGetAttribute");
  CUdevice device = 0;
  int supported = 0;
  return get != nullptr && get_attribute != nullptr && get(&device, device_ordinal) == CUDA_SUCCESS &&
         get_attribute(&supported, CU_DEVICE_ATTRIBUTE_MULTICAST_SUPPORTED, device) == CUDA_SUCCESS && supported != 0;
}

}  // namespace

Bytes recommended_multicast_step(int device_ordinal, int gpus) {
  const Library driver(::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL));
  auto* const ask = find<decltype(cuMulticastGetGranularity)>(driver, "cuMulticastGetGranularity");
  if (ask == nullptr || !is_supported(driver, device_ordinal)) {
    return Bytes{0};
  }
  CUmulticastObjectProp wanted{};
  wanted.numDevices = static_cast<unsigned>(gpus);
  wanted.handleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
  std::size_t step = 0;
  return Bytes{ask(&step, &wanted, CU_MULTICAST_GRANULARITY_RECOMMENDED) == CUDA_SUCCESS ? step : 0};
}

#else

Bytes recommended_multicast_step(int, int) { return Bytes{0}; }

#endif

}  // namespace hockney::cuda
