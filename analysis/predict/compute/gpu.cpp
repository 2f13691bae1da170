#include "predict/compute/gpu.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "base/strict_table.hpp"
#include "base/text.hpp"

namespace hockney::predict {
namespace {

double above_zero(StrictTable& table, std::string_view key) {
  const auto value = table.optional_number(key);
  if (!value || !(*value > 0) || !std::isfinite(*value)) {
    table.refuse(key, "expected a number above zero");
  }
  return *value;
}

}  // namespace

double Gpu::peak_flops_per_s(std::uint64_t bytes_per_element) const {
  const double peak = bytes_per_element == 2   ? matrix_flops_per_s
                      : bytes_per_element == 1 ? matrix_flops_per_s_8bit
                                               : matrix_flops_per_s_32bit;
  if (peak <= 0) {
    throw InputError(fmt::format("GPU {}: no matrix units for elements of {} B", name, bytes_per_element));
  }
  return peak;
}

double Gpu::peak_flops_per_s(Precision precision) const {
  if (operand_bits(precision) != 4) {
    return peak_flops_per_s(std::uint64_t{operand_bits(precision) / 8});
  }
  if (matrix_flops_per_s_4bit <= 0) {
    throw InputError(fmt::format("GPU {}: no matrix units for {}", name, name_of(precision)));
  }
  return matrix_flops_per_s_4bit;
}

Gpu read_gpu(const std::filesystem::path& file) {
  StrictTable table = StrictTable::read(file);
  Gpu gpu;
  gpu.name = table.text("name");
  gpu.source = table.text("source");
  gpu.matrix_flops_per_s = above_zero(table, "matrix_flops_per_s");
  gpu.matrix_flops_per_s_8bit = table.optional_number("matrix_flops_per_s_8bit").value_or(0);
  gpu.matrix_flops_per_s_4bit = table.optional_number("matrix_flops_per_s_4bit").value_or(0);
  gpu.matrix_flops_per_s_32bit = table.optional_number("matrix_flops_per_s_32bit").value_or(0);
  gpu.mma_sync_share = table.optional_number("mma_sync_share").value_or(1);
  gpu.multiprocessors = static_cast<std::uint32_t>(table.integer("multiprocessors", 1));
  gpu.memory_bytes_per_s = above_zero(table, "memory_bytes_per_s");
  gpu.l2_bytes_per_s = above_zero(table, "l2_bytes_per_s");
  gpu.operand_sharing = table.optional_number("operand_sharing").value_or(1);
  gpu.memory = gibibytes(static_cast<std::uint64_t>(table.integer("memory_gib", 1)));
  gpu.collective_channels = static_cast<std::uint32_t>(table.integer("collective_channels", 1));
  gpu.ring_limit_bytes_per_s = table.optional_number("ring_limit_bytes_per_s").value_or(0);
  if (gpu.ring_limit_bytes_per_s != 0) {
    gpu.ring_limit_origin = table.text("ring_limit_origin");
  }
  gpu.fabric_gpus = static_cast<std::uint64_t>(table.optional_integer("fabric_gpus", 1).value_or(0));
  gpu.network = table.optional_text("network").value_or("");
  gpu.efficiency = above_zero(table, "efficiency");
  gpu.calibrated_as = table.texts("calibrated_as");
  gpu.calibrated_on = table.text("calibrated_on");
  table.finish();
  if (gpu.efficiency > 1) {
    table.refuse("efficiency", "expected a share of the peak, above 0 and at most 1");
  }
  if (gpu.collective_channels >= gpu.multiprocessors) {
    table.refuse("collective_channels", fmt::format("expected fewer than multiprocessors = {}", gpu.multiprocessors));
  }
  if (!(gpu.ring_limit_bytes_per_s >= 0) || !std::isfinite(gpu.ring_limit_bytes_per_s)) {
    table.refuse("ring_limit_bytes_per_s", "expected a rate above 0");
  }
  if (!(gpu.mma_sync_share > 0 && gpu.mma_sync_share <= 1)) {
    table.refuse("mma_sync_share", "expected a share of the peak, above 0 and at most 1");
  }
  if (gpu.operand_sharing < 1) {
    table.refuse("operand_sharing", "expected 1 or more");
  }
  return gpu;
}

std::string gpu_meant(std::string_view words, const std::vector<std::string>& names) {
  static constexpr std::array<std::string_view, 19> left_aside{
      "nvidia", "amd", "instinct", "tesla", "gpu",  "gpus", "tensor", "core", "sxm",      "oam",
      "hgx",    "dgx", "nvl72",    "nvl4",  "sxm2", "sxm4", "sxm5",   "sxm6", "superchip"};
  std::string model;
  std::string memory;
  for (const std::string& word : words_in(words)) {
    const std::size_t unit = word.find_first_not_of("0123456789");
    const bool is_memory =
        unit > 0 && unit != std::string::npos && (word.substr(unit) == "gb" || word.substr(unit) == "g");
    if (is_memory) {
      memory = word.substr(0, unit) + "g";
    } else if (!word.starts_with("hbm") && std::find(left_aside.begin(), left_aside.end(), word) == left_aside.end()) {
      model += (model.empty() ? "" : "-") + word;
    }
  }
  const std::string* largest = nullptr;
  for (const std::string& name : names) {
    if (name == words || name == model + "-" + memory) {
      return name;
    }
    const bool is_longer = largest == nullptr || name.size() >= largest->size();
    const bool is_of_model = name == model || (memory.empty() && name.starts_with(model + "-") && name.ends_with("g"));
    largest = !model.empty() && is_of_model && is_longer ? &name : largest;
  }
  return largest == nullptr ? std::string(words) : *largest;
}

Gpu find_gpu(const std::string& name_or_file, const std::filesystem::path& shipped) {
  return read_gpu(find_shipped_toml("GPU", gpu_meant(name_or_file, shipped_names(shipped)), shipped));
}

void join_fabric(const Gpu& gpu, Mapping& mapping, std::optional<double>& node_nic_bytes_per_s) {
  const std::uint64_t joined = gpu.fabric_gpus;
  if (joined <= mapping.gpus_per_node) {
    return;
  }
  if (node_nic_bytes_per_s) {
    *node_nic_bytes_per_s *= static_cast<double>(joined) / static_cast<double>(mapping.gpus_per_node);
  }
  mapping.gpus_per_node = joined;
}

}  // namespace hockney::predict
