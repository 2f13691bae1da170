#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "vocabulary/element.hpp"
#include "workload/matmul.hpp"

namespace hockney::pattern {

/// Operands of a matrix product whose every result is a small whole number that is known without multiplying:
///   A[i][l] = u_i s_l,   B[l][j] = s_l p_l v_j,   C[i][j] = u_i v_j sum(p),
/// with signs s_l like coin tosses, u and v of 1 and 2 with signs likewise, and signs p_l whose sum over every aligned
/// block of 32, 64, 128 ... terms is not 0, so that a block that a kernel leaves out shows. No element is 0: GPUs draw
/// less power, and clock higher, for zeros. Every partial sum is a whole number, so that float32 accumulation is exact;
/// |C| < 256, which bfloat16 and wider hold.
class ProductData {
 public:
  explicit ProductData(const Matmul& shape) : shape_(shape), sum_(sum_of_signs(shape.k)) {}

  /// The operand as it lies in memory (transposed where the pass says so). Throws Failure for elements of 8 bits or
  /// whole-number types.
  std::vector<std::byte> a(Element element) const;
  std::vector<std::byte> b(Element element) const;

  /// Elements of C that are wrong.
  std::uint64_t count_wrong(std::span<const std::byte> c, Element element) const;

  /// The exact result.
  double result(std::uint64_t row, std::uint64_t column) const;

 private:
  static int sum_of_signs(std::uint64_t terms);

  Matmul shape_;
  int sum_;
};

}  // namespace hockney::pattern
