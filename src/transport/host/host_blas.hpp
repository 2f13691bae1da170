#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "vocabulary/element.hpp"
#include "workload/matmul.hpp"

namespace hockney::transport::host {

/// Matrix products in host memory by a BLAS (OpenBLAS), in one thread of the calling rank. Builds without a BLAS have
/// the same interface.
namespace host_blas {

/// "OpenBLAS 0.3.21 Zen, 1 thread": the library, its kernels and how many threads it uses. Nothing without a BLAS.
std::optional<std::string> description();

/// Why a product of this element type cannot be taken; nothing when it can.
std::optional<std::string> refusal(Element element);

/// C = A B in float32 or float64. Buffers hold exactly the operands (Matmul). Throws CannotRun as refusal() says.
void multiply(std::span<const std::byte> a, std::span<const std::byte> b, std::span<std::byte> c, const Matmul& shape,
              Element element);

}  // namespace host_blas
}  // namespace hockney::transport::host
