#include "compute/constants.hpp"

#include <array>

namespace hockney {

std::span<const ConstantRow> constants_table() {
  static constexpr std::array<ConstantRow, 12> rows{{
      {"memory_share", &StepConstants::memory_share, "", "tuned"},
      {"l2_share", &StepConstants::l2_share, "", "tuned"},
      {"wave_s", &StepConstants::wave_s, "s", "tuned"},
      {"kernel_s", &StepConstants::kernel_s, "s", "assumed"},
      {"gpu_spread", &StepConstants::gpu_spread, "", "tuned"},
      {"optimizer_bytes", &StepConstants::optimizer_bytes, "B", "counted"},
      {"cross_entropy_bytes", &StepConstants::cross_entropy_bytes, "B", "counted"},
      {"transfer_wait_s", &StepConstants::transfer_wait_s, "s", "tuned"},
      {"transfer_share", &StepConstants::transfer_share, "", "assumed"},
      {"ring_share", &StepConstants::ring_share, "", "tuned"},
      {"ring_limit_bytes_per_s", &StepConstants::ring_limit_bytes_per_s, "B/s", "tuned"},
      {"flash_share", &StepConstants::flash_share, "", "published"},
  }};
  return rows;
}

}  // namespace hockney
