#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "workload/transformer.hpp"

namespace hockney::inline workload {

/// Which of a linear layer's three products: Y = X W^T of the forward pass, the gradient of its input dX = dY W, the
/// gradient of its weights dW = dY^T X. They differ in which operand is read transposed.
enum class MatmulPass { forward, data_gradient, weight_gradient };

struct MatmulPassNames {
  static constexpr std::string_view what = "pass";
  static constexpr std::array<NamedValue<MatmulPass>, 3> table{{{MatmulPass::forward, "forward"},
                                                                {MatmulPass::data_gradient, "data_gradient"},
                                                                {MatmulPass::weight_gradient, "weight_gradient"}}};
};
MatmulPassNames names_of(MatmulPass);

/// One matrix product C = A B, C of m x n and A of m x k elements. All three lie row by row in memory, as PyTorch has
/// them; a transposed operand lies as its transpose.
struct Matmul {
  std::uint64_t m = 0;
  std::uint64_t n = 0;
  std::uint64_t k = 0;
  MatmulPass pass = MatmulPass::forward;
  std::string layer;  ///< where the shape occurs: "gpt3-175b/mlp_up/tp:8/b:1"

  friend auto operator<=>(const Matmul&, const Matmul&) = default;

  /// B lies as n x k: the weights of the forward pass.
  constexpr bool transposes_b() const { return pass == MatmulPass::forward; }
  /// A lies as k x m: the output gradients of the weight gradient.
  constexpr bool transposes_a() const { return pass == MatmulPass::weight_gradient; }
  /// Elements of A, B and C together.
  constexpr std::uint64_t elements() const { return m * k + k * n + m * n; }
  /// Multiplications and additions, 2 m n k.
  constexpr double operations() const {
    return 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  }
};

/// Characters of Matmul::layer at most.
inline constexpr std::size_t longest_layer_name = 96;

/// The products of one layer of a model cut `tensor` ways for a micro-batch of `micro_batch` sequences, as Megatron-LM
/// cuts it (arXiv 1909.08053 section 3): query-key-value and the MLP's first matrix by columns, the attention's output
/// and the MLP's second by rows, the logits by vocabulary. T = b s tokens:
///   qkv            T x (queries + keys + values)/t x h             attention_out  T x h x outputs/t
///   mlp_up         T x f/t x h, twice as wide when gated          mlp_down  T x h x f/t
///   logits         T x V/t x h
/// as m x n x k of the forward pass; under latent attention query_down, query_up, key_value_down and key_value_up in
/// place of qkv; data_gradient T x in x out, weight_gradient out x in x T. Without those of equal shape and pass.
/// Throws InputError when t does not divide heads, key-value heads, f or V.
std::vector<Matmul> layer_matmuls(const Transformer& model, std::uint64_t tensor, std::uint64_t micro_batch,
                                  const std::vector<MatmulPass>& passes);

}  // namespace hockney::inline workload
