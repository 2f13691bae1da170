#include "predict/compute/constants.hpp"

#include <array>

namespace hockney::predict {

std::span<const ConstantRow> constants_table() {
  static constexpr std::array<ConstantRow, 14> rows{{
      {"memory_share", &StepConstants::memory_share, "of HBM peak",
       "tuned within 0.7 to 0.9 on SC'21 Table 1, Korthikanti Tables 4 and 5, SC'21 Figure 12, vTrain TP 8"},
      {"l2_share", &StepConstants::l2_share, "of L2 peak", "tuned within 0.5 to 1 on the same rows; hardly matters"},
      {"fill_s", &StepConstants::fill_s, "s", "tuned within 0.5 to 8 us on the same rows"},
      {"kernel_s", &StepConstants::kernel_s, "s", "tuned within 1 to 10 us on the same rows, which want the edge"},
      {"graph_kernel_s", &StepConstants::graph_kernel_s, "s", "assumed; not tuned"},
      {"gpu_spread", &StepConstants::gpu_spread, "fraction",
       "tuned within 0 to 0.03 on the same rows; GPUs of one model differ by several percent "
       "(Sinha et al., SC'22)"},
      {"optimizer_bytes", &StepConstants::optimizer_bytes, "B per parameter",
       "counted: fp16 gradients to fp32, unscale, norm, Adam on fp32 state, fp16 copy (Megatron-LM optimizer.py)"},
      {"cross_entropy_bytes", &StepConstants::cross_entropy_bytes, "B per logit",
       "tuned within 30 (partly fused) to 52 (one kernel per line of cross_entropy.py) on the same rows, which "
       "want the edge"},
      {"transfer_wait_s", &StepConstants::transfer_wait_s, "s",
       "tuned within 0 to 0.8 ms on SC'21 Figure 12 with and without interleaving (host synchronises after each "
       "batch of sends and receives); the rows want the edge"},
      {"ring_share", &StepConstants::ring_share, "of the NIC", "assumed; matters above one GPU per node and group"},
      {"model_error", &StepConstants::model_error, "of log time",
       "residuals of the same rows; of dense steps of their program alone"},
      {"mapping_error", &StepConstants::mapping_error, "of log time",
       "residuals of the ratios of rows that differ in one step"},
      {"flash_share", &StepConstants::flash_share, "of GEMM rate",
       "published: Dao 2023 (arXiv 2307.08691) Figures 4 to 6, up to 73 % of the A100's peak forward; not tuned"},
      {"expert_share", &StepConstants::expert_share, "of GEMM rate",
       "tuned within 0.3 to 1, together with the host's time for experts, on Megatron-Bridge's 27 rows of one model "
       "(Qwen3 30B-A3B)"},
  }};
  return rows;
}

}  // namespace hockney::predict
