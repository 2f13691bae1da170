#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "cuda/handles.hpp"
#include "vocabulary/element.hpp"
#include "workload/matmul.hpp"

namespace hockney::cuda {

/// Matrix products on the current GPU by cuBLASLt, which is looked for when the first is asked for: programs start, and
/// measure everything else, without it. Operands of bfloat16, float16 or float32, accumulated in float32, result of the
/// operands' type; float32 is multiplied as such, not as TF32.
class MatrixProducts {
 public:
  /// Throws CannotRun when libcublasLt cannot be loaded or is another major version than this was built with.
  MatrixProducts();
  ~MatrixProducts();
  MatrixProducts(const MatrixProducts&) = delete;
  MatrixProducts& operator=(const MatrixProducts&) = delete;

  /// "cuBLASLt 13.0.0": what multiplies.
  std::string description() const;

  /// Queues C = A B; buffers are device memory that hold exactly the operands (Matmul). The algorithm is the first of
  /// cublasLtMatmulAlgoGetHeuristic within 32 MiB of workspace, chosen once per shape and kept. Throws CannotRun for
  /// other element types and when cuBLASLt has no algorithm.
  void queue(const Stream& stream, std::span<const std::byte> a, std::span<const std::byte> b, std::span<std::byte> c,
             const Matmul& shape, Element element);

 private:
  struct Library;
  struct Plan;
  std::unique_ptr<Library> library_;
  std::unique_ptr<Plan> plan_;  ///< of the last shape
  DeviceBuffer workspace_;
};

}  // namespace hockney::cuda
