#include "step/mapping.hpp"

#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "errors/error.hpp"

namespace hockney {
namespace {

constexpr std::uint64_t most_gpus = 1ULL << 24;
constexpr std::uint64_t most_sequences = 1ULL << 32;

void require_positive(const Mapping& mapping) {
  const std::array<std::pair<std::string_view, std::uint64_t>, 7> sizes{{
      {"tensor-parallel size (--tp)", mapping.tensor},
      {"pipeline-parallel size (--pp)", mapping.pipeline},
      {"data-parallel size (--dp)", mapping.data},
      {"virtual stages (--virtual-stages)", mapping.virtual_stages},
      {"micro-batch size (--mbs)", mapping.micro_batch},
      {"global batch size (--gbs)", mapping.global_batch},
      {"GPUs per node (--gpus-per-node)", mapping.gpus_per_node},
  }};
  for (const auto& [name, value] : sizes) {
    if (value == 0 || value > most_sequences) {
      throw InputError(fmt::format("{}: {} given, expected 1 to {}", name, value, most_sequences));
    }
  }
}

void require_countable(const Mapping& mapping, const Transformer& model) {
  const double gpus =
      static_cast<double>(mapping.tensor) * static_cast<double>(mapping.pipeline) * static_cast<double>(mapping.data);
  if (gpus > static_cast<double>(most_gpus)) {
    throw InputError(fmt::format("--tp {} --pp {} --dp {}: expected at most {} GPUs in all", mapping.tensor,
                                 mapping.pipeline, mapping.data, most_gpus));
  }
  const double activation = static_cast<double>(mapping.micro_batch) * static_cast<double>(model.sequence) *
                            static_cast<double>(model.hidden) * static_cast<double>(mapping.bytes_per_element);
  if (activation >= 9007199254740992.0) {
    throw InputError(
        fmt::format("micro-batch size (--mbs) {}: expected an activation tensor below 2^53 B", mapping.micro_batch));
  }
}

void require_widths(const Mapping& mapping) {
  const std::uint64_t e = mapping.bytes_per_element;
  if (e != 1 && e != 2 && e != 4) {
    throw InputError(fmt::format("--bytes-per-element: {} given, expected 1, 2 or 4", e));
  }
  const std::uint64_t g = mapping.gradient_bytes;
  if (g != 2 && g != 4) {
    throw InputError(fmt::format("--gradient-bytes: {} given, expected 2 or 4", g));
  }
}

void require_multiple(std::string_view name, std::uint64_t value, std::string_view divisor_name,
                      std::uint64_t divisor) {
  if (value % divisor != 0) {
    throw InputError(fmt::format("{}: {} given, expected a multiple of {} = {}", name, value, divisor_name, divisor));
  }
}

}  // namespace

double Mapping::bubble_over_ideal() const {
  return static_cast<double>(pipeline - 1) / static_cast<double>(virtual_stages * micro_batches());
}

double Mapping::bubble_over_total() const {
  return static_cast<double>(pipeline - 1) / static_cast<double>(virtual_stages * micro_batches() + pipeline - 1);
}

void check(const Mapping& mapping, const Transformer& model) {
  require_positive(mapping);
  require_widths(mapping);
  require_countable(mapping, model);
  if (mapping.virtual_stages > 1 && mapping.pipeline == 1) {
    throw InputError(
        fmt::format("virtual stages (--virtual-stages): {} given with --pp 1, expected 1", mapping.virtual_stages));
  }
  require_multiple(fmt::format("layers of {}", model.name), model.layers, "--pp times --virtual-stages",
                   mapping.pipeline * mapping.virtual_stages);
  require_multiple(fmt::format("attention heads of {}", model.name), model.heads, "--tp", mapping.tensor);
  require_multiple(fmt::format("hidden size of {}", model.name), model.hidden, "--tp", mapping.tensor);
  require_multiple("global batch size (--gbs)", mapping.global_batch, "--mbs times --dp",
                   mapping.micro_batch * mapping.data);
  if (mapping.virtual_stages > 1) {
    require_multiple("micro-batches (--gbs / (--mbs --dp)) under interleaving", mapping.micro_batches(), "--pp",
                     mapping.pipeline);
  }
}

}  // namespace hockney
