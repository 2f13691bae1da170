#include "predict/fixed_numbers.hpp"

#include <array>

#include "predict/compute/layer_compute.hpp"
#include "predict/memory/step_memory.hpp"
#include "predict/network/rank_scaling.hpp"
#include "predict/network/sharing.hpp"
#include "predict/predictor.hpp"
#include "predict/score/step_rows.hpp"
#include "predict/step/step_model.hpp"

namespace hockney::predict {

std::span<const FixedNumber> fixed_numbers() {
  static constexpr std::array<FixedNumber, 14> numbers{{
      {"flash_backward_over_forward", flash_backward_over_forward, "FLOPs",
       "published: Dao 2023 (arXiv 2307.08691) section 4.1"},
      {"mask_bytes", mask_bytes, "B per element", "counted: dropout masks of PyTorch"},
      {"least_bucket_parameters", least_bucket_parameters, "parameters", "published: Megatron-LM's default"},
      {"bucket_parameters_per_replica", bucket_parameters_per_replica, "parameters",
       "published: Megatron-LM's default"},
      {"least_width_beside_experts", static_cast<double>(least_width_beside_experts), "elements",
       "published: heads of Mixtral (arXiv 2401.04088) and Qwen3 (arXiv 2505.09388); of rows whose model has no file"},
      {"usual_nic_bytes_per_s_per_gpu", usual_nic_bytes_per_s_per_gpu, "B/s",
       "assumed where nobody states the NICs: 400 Gbit/s, as of DGX H100 and later"},
      {"narrow_efficiency", narrow_efficiency, "of that in bf16",
       "fp8 over bf16 of NeMo, torchtitan and llm-foundry on H100: 0.91, 0.91, 0.93"},
      {"ring_base_us", ring_base_us, "us",
       "published: NCCL 2.30 src/graph/tuning.cc; only the ratio to the next counts"},
      {"ring_step_us", ring_step_us, "us", "published: as the one before"},
      {"sharing_error", sharing_error, "fraction", "95th percentile of the hold-out on the shipped systems"},
      {"weight_bytes", weight_bytes, "B per weight", "counted: bf16 or fp16"},
      {"master_bytes", master_bytes, "B per weight", "counted: fp32"},
      {"moment_bytes", moment_bytes, "B per weight", "counted: Adam's two in fp32"},
      {"gathered_units", gathered_units, "units", "counted: one computes, the next is gathered (PyTorch FSDP)"},
  }};
  return numbers;
}

}  // namespace hockney::predict
