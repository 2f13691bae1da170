#include "predict/compute/gemm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace hockney::predict {
namespace {

struct Tile {
  double m;
  double n;
};

// The tile shapes of cuBLAS's half-precision kernels (NVIDIA, Matrix Multiplication Background User's Guide, table 1).
constexpr std::array<Tile, 6> tiles{{{256, 128}, {128, 256}, {128, 128}, {128, 64}, {64, 128}, {64, 64}}};

}  // namespace

KernelClock::KernelClock(const Gpu& gpu, const StepConstants& constants, double efficiency,
                         std::uint64_t bytes_per_element)
    : flops_per_s_per_sm_(gpu.peak_flops_per_s(bytes_per_element) * efficiency / gpu.multiprocessors),
      l2_bytes_per_s_per_sm_(gpu.l2_bytes_per_s * constants.l2_share * gpu.operand_sharing / gpu.multiprocessors),
      stream_bytes_per_s_(gpu.memory_bytes_per_s * constants.memory_share),
      fused_flops_per_s_(gpu.peak_flops_per_s(bytes_per_element) * efficiency * constants.flash_share),
      multiprocessors_(gpu.multiprocessors),
      fill_s_(constants.fill_s),
      kernel_s_(constants.kernel_s),
      operand_bytes_(static_cast<double>(bytes_per_element)),
      element_bytes_(static_cast<double>(bytes_per_element)) {}

KernelClock KernelClock::with_operands(const Gpu& gpu, double efficiency, Precision precision) const {
  KernelClock clock = *this;
  clock.flops_per_s_per_sm_ = gpu.peak_flops_per_s(precision) * efficiency / multiprocessors_;
  clock.operand_bytes_ = predict::operand_bytes(precision);
  return clock;
}

KernelClock KernelClock::with_start_of(double seconds) const {
  KernelClock clock = *this;
  clock.kernel_s_ = seconds;
  return clock;
}

double KernelClock::gemm(const GemmShape& shape) const {
  const double per_element_s = 2 * shape.k / flops_per_s_per_sm_;
  const double per_line_s = shape.k * operand_bytes_ / l2_bytes_per_s_per_sm_;
  const double per_result_s = element_bytes_ / (l2_bytes_per_s_per_sm_ * multiprocessors_);
  double best = std::numeric_limits<double>::infinity();
  for (const Tile& tile : tiles) {
    const double count = std::ceil(shape.m / tile.m) * std::ceil(shape.n / tile.n) * shape.batch;
    const double waves = std::ceil(count / multiprocessors_);
    const double compute = tile.m * tile.n * per_element_s;
    const double operands = (tile.m + tile.n) * per_line_s;
    const double results = count * tile.m * tile.n * per_result_s;
    best = std::min(best, waves * (std::max(compute, operands) + fill_s_) + results);
  }
  const double read = shape.batch * (shape.m * shape.k + shape.k * shape.n) * operand_bytes_;
  const double written = shape.batch * shape.m * shape.n * element_bytes_;
  return std::max(best, (read + written) / stream_bytes_per_s_);
}

}  // namespace hockney::predict
