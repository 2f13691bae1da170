#include "workload/mapping.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace hockney::inline workload {
namespace {

constexpr std::uint64_t most_gpus = 1ULL << 24;
constexpr std::uint64_t most_sequences = 1ULL << 32;

void require_positive(const Mapping& mapping) {
  const std::array<std::pair<std::string_view, std::uint64_t>, 9> sizes{{
      {"tensor-parallel size (--tp)", mapping.tensor},
      {"pipeline-parallel size (--pp)", mapping.pipeline},
      {"data-parallel size (--dp)", mapping.data},
      {"context-parallel size (--cp)", mapping.context},
      {"expert-parallel size (--ep)", mapping.expert},
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
  const double gpus = static_cast<double>(mapping.tensor) * static_cast<double>(mapping.context) *
                      static_cast<double>(mapping.pipeline) * static_cast<double>(mapping.data);
  if (gpus > static_cast<double>(most_gpus)) {
    throw InputError(fmt::format("--tp {} --cp {} --pp {} --dp {}: expected at most {} GPUs in all", mapping.tensor,
                                 mapping.context, mapping.pipeline, mapping.data, most_gpus));
  }
  const double activation = static_cast<double>(mapping.micro_batch) * static_cast<double>(model.sequence) *
                            static_cast<double>(model.hidden) * static_cast<double>(mapping.bytes_per_element);
  if (activation >= 9007199254740992.0) {
    throw InputError(
        fmt::format("micro-batch size (--mbs) {}: expected an activation tensor below 2^53 B", mapping.micro_batch));
  }
}

void require_skew(const Mapping& mapping) {
  if (!(mapping.routing_skew >= 0)) {
    throw InputError(fmt::format("--routing-skew: {} given, expected 0 or more", mapping.routing_skew));
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

void require_stages(const Mapping& mapping, const Transformer& model) {
  if (model.layers < mapping.pipeline) {
    throw InputError(fmt::format("pipeline-parallel size (--pp): {} given, expected at most the {} layers of {}",
                                 mapping.pipeline, model.layers, model.name));
  }
  if (model.layers / mapping.pipeline < mapping.virtual_stages) {
    throw InputError(
        fmt::format("virtual stages (--virtual-stages): {} given, expected a layer of {} for each of the "
                    "--pp {} times as many chunks: at most {}",
                    mapping.virtual_stages, model.name, mapping.pipeline, model.layers / mapping.pipeline));
  }
}

bool shares_heads(const Mapping& mapping, const Transformer& model) {
  return model.has_latent_attention() || model.key_value_heads % mapping.tensor == 0 ||
         mapping.tensor % model.key_value_heads == 0;
}

void require_shards(const Mapping& mapping, const Transformer& model) {
  require_multiple(fmt::format("attention heads of {}", model.name), model.heads, "--tp", mapping.tensor);
  if (!shares_heads(mapping, model)) {
    throw InputError(fmt::format("key-value heads of {}: {} given, expected a multiple or a divisor of --tp = {}",
                                 model.name, model.key_value_heads, mapping.tensor));
  }
  require_multiple(fmt::format("hidden size of {}", model.name), model.hidden, "--tp", mapping.tensor);
  require_multiple(fmt::format("inner width of the MLP of {}", model.name), model.feed_forward, "--tp", mapping.tensor);
  require_multiple(fmt::format("sequence of {}", model.name), model.sequence,
                   mapping.sequence_parallel ? "--cp times --tp" : "--cp",
                   mapping.context * (mapping.sequence_parallel ? mapping.tensor : 1));
  if (model.experts > 0) {
    require_multiple(fmt::format("experts of {}", model.name), model.experts, "--ep", mapping.expert);
    require_multiple(fmt::format("inner width of the experts of {}", model.name), model.expert_width(),
                     "the experts' tensor-parallel size (--etp)", mapping.tensor_of_experts());
    require_multiple("--tp times --cp times --dp", mapping.tensor * mapping.context * mapping.data,
                     "--ep times the experts' tensor-parallel size (--etp)",
                     mapping.expert * mapping.tensor_of_experts());
  }
  if (mapping.expert > 1 && model.experts == 0) {
    throw InputError(fmt::format("expert-parallel size (--ep): {} given, expected 1: {} has no experts", mapping.expert,
                                 model.name));
  }
}

bool recomputes_only_in_full(const Mapping& mapping) {
  return mapping.recompute_layers == 0 || mapping.recompute == Recompute::full;
}

void require_recompute(const Mapping& mapping) {
  if (!recomputes_only_in_full(mapping)) {
    throw InputError(fmt::format("--recompute-layers: {} given with --recompute {}, expected --recompute full",
                                 mapping.recompute_layers, name_of(mapping.recompute)));
  }
}

constexpr bool is_multiple(std::uint64_t value, std::uint64_t divisor) { return divisor != 0 && value % divisor == 0; }

std::string recompute_text(const Mapping& mapping) {
  const std::string layers =
      mapping.recompute_layers > 0 ? fmt::format(" of {} layers per chunk", mapping.recompute_layers) : "";
  return std::string(name_of(mapping.recompute)) + layers;
}

std::string layout_flags(const Mapping& mapping) {
  std::string text;
  const auto add_if = [&](bool on, std::string_view word) { text += on ? fmt::format(", {}", word) : ""; };
  add_if(mapping.sequence_parallel, "sequence parallel");
  add_if(mapping.scatter_gather && !mapping.sequence_parallel && mapping.pipeline > 1 && mapping.tensor > 1,
         "scatter/gather between stages");
  add_if(mapping.flash_attention, "flash attention");
  add_if(mapping.distributed_optimizer, "distributed optimizer");
  add_if(mapping.data * mapping.context > 1, fmt::format("{}-byte gradients", mapping.gradient_bytes));
  add_if(mapping.overlap_gradients, "gradients overlapped");
  add_if(mapping.overlap_transfers, "transfers overlapped");
  add_if(mapping.overlap_experts && mapping.expert > 1, "experts' all-to-alls overlapped");
  add_if(!mapping.overlap_tensor && mapping.tensor > 1, "tensor collectives not overlapped");
  return text;
}

}  // namespace

bool fits(const Mapping& mapping, const Transformer& model) {
  const Mapping& m = mapping;
  const std::uint64_t shards = m.context * (m.sequence_parallel ? m.tensor : 1);
  const bool positive = m.tensor > 0 && m.pipeline > 0 && m.data > 0 && m.context > 0 && m.expert > 0 &&
                        m.virtual_stages > 0 && m.micro_batch > 0 && m.global_batch > 0 &&
                        m.global_batch <= most_sequences && m.gpus_per_node > 0;
  if (!positive || !recomputes_only_in_full(m) || m.gpus() > most_gpus || model.layers < m.pipeline ||
      !is_multiple(model.heads, m.tensor) || !shares_heads(m, model) || !is_multiple(model.hidden, m.tensor) ||
      !is_multiple(model.feed_forward, m.tensor) || !is_multiple(model.sequence, shards) || m.global_batch < m.data ||
      m.micro_batch > divided_up(m.global_batch, m.data)) {
    return false;
  }
  if (m.virtual_stages > 1 && (m.pipeline == 1 || model.layers / m.pipeline < m.virtual_stages)) {
    return false;
  }
  return model.experts == 0
             ? m.expert == 1
             : is_multiple(model.experts, m.expert) && is_multiple(model.expert_width(), m.tensor_of_experts()) &&
                   is_multiple(m.tensor * m.context * m.data, m.expert * m.tensor_of_experts());
}

std::uint64_t vocabulary_shard(const Mapping& mapping, const Transformer& model) {
  constexpr std::uint64_t multiple = 128;
  return divided_up(model.vocabulary, multiple * mapping.tensor) * multiple;
}

double recomputed_layers(const Mapping& mapping, const Transformer& model) {
  if (mapping.recompute != Recompute::full) {
    return 0;
  }
  const double chunk =
      static_cast<double>(model.layers) / static_cast<double>(mapping.pipeline * mapping.virtual_stages);
  return mapping.recompute_layers == 0 ? 1 : std::min(1.0, static_cast<double>(mapping.recompute_layers) / chunk);
}

std::uint64_t layers_of_fullest_stage(const Mapping& mapping, const Transformer& model) {
  return divided_up(model.layers, mapping.pipeline);
}

LayerCounts layers_of_stage(const Mapping& mapping, const Transformer& model, std::uint64_t stage) {
  const std::uint64_t each = model.layers / mapping.pipeline;
  const std::uint64_t more = model.layers % mapping.pipeline;
  const std::uint64_t before = each * stage + std::min(stage, more);
  const std::uint64_t here = each + (stage < more ? 1 : 0);
  const std::uint64_t dense = std::min(here, model.dense_layers - std::min(before, model.dense_layers));
  const std::uint64_t experts = model.experts == 0 ? 0 : (here - dense) / model.expert_interval;
  return {here - experts, experts};
}

std::uint64_t key_value_heads_per_gpu(const Mapping& mapping, const Transformer& model) {
  return divided_up(model.key_value_heads, mapping.tensor);
}

std::uint64_t Mapping::tensor_of_experts() const {
  return expert_tensor > 0 ? expert_tensor : std::gcd(tensor, tensor * context * data / expert);
}

std::uint64_t Mapping::expert_replicas() const {
  return std::max<std::uint64_t>(1, tensor * context * data / (expert * tensor_of_experts()));
}

double Mapping::bubble_over_ideal() const {
  return static_cast<double>(pipeline - 1) / static_cast<double>(virtual_stages * micro_batches());
}

double Mapping::bubble_over_total() const {
  return static_cast<double>(pipeline - 1) / static_cast<double>(virtual_stages * micro_batches() + pipeline - 1);
}

void check(const Mapping& mapping, const Transformer& model) {
  require_positive(mapping);
  require_skew(mapping);
  require_recompute(mapping);
  require_widths(mapping);
  require_countable(mapping, model);
  if (mapping.virtual_stages > 1 && mapping.pipeline == 1) {
    throw InputError(
        fmt::format("virtual stages (--virtual-stages): {} given with --pp 1, expected 1", mapping.virtual_stages));
  }
  require_stages(mapping, model);
  require_shards(mapping, model);
  if (mapping.global_batch < mapping.data) {
    throw InputError(
        fmt::format("global batch size (--gbs): {} given, expected a sequence for each of --dp {} replicas",
                    mapping.global_batch, mapping.data));
  }
  if (const std::uint64_t most = divided_up(mapping.global_batch, mapping.data); mapping.micro_batch > most) {
    throw InputError(
        fmt::format("micro-batch size (--mbs): {} given, expected at most the {} sequences of a replica, "
                    "--gbs over --dp",
                    mapping.micro_batch, most));
  }
}

std::string to_string(const Mapping& mapping) {
  std::string text = fmt::format("tp {} x pp {} x dp {}", mapping.tensor, mapping.pipeline, mapping.data);
  text += mapping.context > 1 ? fmt::format(" x cp {}", mapping.context) : "";
  text += mapping.expert > 1 ? fmt::format(", ep {}", mapping.expert) : "";
  text += mapping.tensor_of_experts() != mapping.tensor ? fmt::format(", etp {}", mapping.tensor_of_experts()) : "";
  text += mapping.virtual_stages > 1 ? fmt::format(", {} virtual stages", mapping.virtual_stages) : "";
  const auto counted = [](std::uint64_t count, std::string_view one, std::string_view more) {
    return fmt::format("{} {}", count, count == 1 ? one : more);
  };
  return text + fmt::format(" = {} on {} of {}; global batch {} = {} of {} per pipeline; recompute {}{}",
                            counted(mapping.gpus(), "GPU", "GPUs"), counted(mapping.nodes(), "node", "nodes"),
                            mapping.gpus_per_node, mapping.global_batch,
                            counted(mapping.micro_batches(), "micro-batch", "micro-batches"), mapping.micro_batch,
                            recompute_text(mapping), layout_flags(mapping));
}

}  // namespace hockney::inline workload
