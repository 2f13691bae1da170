#include "cuda/error.hpp"

#include <fmt/format.h>
#include <string_view>

namespace hockney::cuda {
namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

Error::Error(cudaError_t code, const std::source_location& where)
    : std::runtime_error(fmt::format("{}:{}: {}: {}", base_name(where.file_name()), where.line(),
                                     cudaGetErrorName(code), cudaGetErrorString(code))),
      code_(code) {}

void check(cudaError_t code, std::source_location where) {
  if (code != cudaSuccess) {
    cudaGetLastError();
    throw Error(code, where);
  }
}

}  // namespace hockney::cuda
