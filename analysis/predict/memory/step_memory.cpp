#include "predict/memory/step_memory.hpp"

#include <algorithm>

#include "workload/messages.hpp"

namespace hockney::predict {
namespace {

/// One stage of the pipeline.
struct Stage {
  std::uint64_t number = 0;
  LayerCounts layers;
  bool has_embedding = true;
  bool has_logits = true;
};

/// Weights of a stage on one GPU.
struct Weights {
  double dense = 0;
  double experts = 0;
  double largest_unit = 0;  ///< of which gathered weights are whole
};

class Memory {
 public:
  Memory(const Transformer& model, const Mapping& mapping, const MemoryProgram& program,
         const MemoryConstants& constants)
      : model_(model),
        mapping_(mapping),
        program_(program),
        constants_(constants),
        tensor_(static_cast<double>(mapping.tensor)),
        unsplit_(mapping.sequence_parallel ? 1 / tensor_ : 1),
        tokens_(static_cast<double>(mapping.micro_batch) * static_cast<double>(model.sequence) /
                static_cast<double>(mapping.context)),
        hidden_(static_cast<double>(model.hidden)),
        activation_(tokens_ * hidden_) {}

  StepMemory of(const Stage& stage) const {
    StepMemory memory;
    add_state(memory, weights_of(stage));
    memory.activations = activations_of(stage);
    memory.logits = stage.has_logits ? logits() : 0;
    memory.runtime = constants_.context_bytes + communicators() * constants_.communicator_bytes;
    memory.fragmentation = constants_.fragmentation * (memory.activations + memory.logits);
    return memory;
  }

 private:
  Weights weights_of(const Stage& stage) const {
    const double shards = static_cast<double>(mapping_.expert * mapping_.tensor_of_experts());
    const double expert_layer = static_cast<double>(model_.expert_parameters_per_layer()) / shards;
    const double embedding = static_cast<double>(model_.embedding_parameters());
    const bool two = stage.has_embedding && stage.has_logits && !model_.tied_embeddings;
    const double ends = stage.has_embedding || stage.has_logits ? embedding * (two ? 2 : 1) : 0;
    const LayerCounts one{stage.layers.dense > 0 ? 1U : 0U, stage.layers.dense > 0 ? 0U : 1U};
    const double dense = static_cast<double>(model_.shared_parameters(one)) / tensor_;
    const double with_experts =
        stage.layers.experts > 0 ? static_cast<double>(model_.shared_parameters({0, 1})) / tensor_ + expert_layer : 0;
    return {(static_cast<double>(model_.shared_parameters(stage.layers)) + ends) / tensor_,
            static_cast<double>(stage.layers.experts) * expert_layer,
            std::max({dense, with_experts, embedding / tensor_})};
  }

  Sharding sharding() const {
    return program_.sharding.value_or(mapping_.distributed_optimizer ? Sharding::optimizer : Sharding::none);
  }

  void add_state(StepMemory& memory, const Weights& weights) const {
    const std::uint64_t all = mapping_.context * mapping_.data;
    const std::uint64_t most = program_.sharing_gpus > 0        ? program_.sharing_gpus
                               : sharding() == Sharding::hybrid ? data_group(mapping_).group.ranks_per_node
                                                                : all;
    const double replicas = static_cast<double>(std::min(most, all));
    const double expert_replicas =
        std::max(1.0, static_cast<double>(mapping_.expert_replicas()) * replicas / static_cast<double>(all));
    const double whole = weights.dense + weights.experts;
    const double shared = weights.dense / replicas + weights.experts / expert_replicas;
    const auto held = [&](Sharding from) { return sharding() >= from ? shared : whole; };
    const double gradient = static_cast<double>(mapping_.gradient_bytes);
    const bool sums_into_shards = sharding() >= Sharding::gradients;
    const double wide_gradient = sums_into_shards || gradient == master_bytes ? 0 : master_bytes;
    memory.optimizer = (master_bytes + moment_bytes + wide_gradient) * held(Sharding::optimizer);
    memory.optimizer = program_.optimizer_offload ? 0 : memory.optimizer;
    memory.gradients = (sums_into_shards ? master_bytes : gradient) * held(Sharding::gradients);
    memory.weights = weight_bytes * whole;
    if (sums_into_shards) {
      memory.gradients += (weight_bytes + gradient) * weights.largest_unit;
    }
    // Of stages whole weights stay until the last micro-batch.
    if (sharding() >= Sharding::full && mapping_.pipeline == 1) {
      memory.weights = std::min(memory.weights, weight_bytes * gathered_units * weights.largest_unit);
    }
  }

  double over_hidden(std::uint64_t elements) const { return static_cast<double>(elements) / hidden_; }

  /// Widths over h of what a GPU has: queries, keys, values, output of attention.
  double queries() const { return over_hidden(model_.query_width()) / tensor_; }
  double outputs() const { return over_hidden(model_.output_width()) / tensor_; }
  double keys() const { return over_hidden(model_.key_width()) / heads_shared(); }
  double values() const { return over_hidden(model_.values_width()) / heads_shared(); }
  double heads_shared() const {
    return model_.has_latent_attention() ? tensor_
                                         : static_cast<double>(model_.key_value_heads) /
                                               static_cast<double>(key_value_heads_per_gpu(mapping_, model_));
  }

  double scores() const {
    constexpr double table_2 = 5;
    const double bytes = table_2 + (program_.fused_softmax ? 0 : constants_.unfused_score_bytes);
    return bytes * static_cast<double>(model_.heads) * static_cast<double>(model_.sequence) /
           static_cast<double>(model_.hidden * mapping_.context) / tensor_;
  }

  double attention() const {
    double bytes = 2 * (queries() + keys() + values() + outputs());
    bytes += program_.fused_rotary ? 0 : constants_.unfused_rotary_bytes * (queries() + keys());
    bytes += program_.packed_attention ? constants_.packed_input_bytes * (queries() + keys() + values()) : 0;
    if (model_.has_latent_attention()) {
      constexpr double before_and_after_the_norm = 4;
      bytes += before_and_after_the_norm * unsplit_ * over_hidden(latent_width());
    }
    return bytes;
  }

  std::uint64_t latent_width() const {
    return model_.has_latent_attention() ? model_.query_rank + model_.key_value_rank + model_.rotary_width : 0;
  }

  /// Of an inner width.
  double mlp(std::uint64_t inner) const {
    const double gate = program_.fused_gate ? 6 : 6 + constants_.unfused_gate_bytes;
    return (model_.gated_feed_forward ? gate : 4) * over_hidden(inner) / tensor_;
  }

  double experts() const {
    return static_cast<double>(model_.experts_per_token) * (mlp(model_.expert_width()) + 4 / tensor_) +
           mlp(model_.shared_feed_forward);
  }

  double norms() const {
    const double masks = model_.gated_feed_forward ? 8 : 10;
    return unsplit_ * (masks + (program_.fused_norm ? 0 : 2 * constants_.unfused_norm_bytes));
  }

  /// Outputs of a layer's products, in widths over h.
  double products(bool has_experts) const {
    const double gates = model_.gated_feed_forward ? 2 : 1;
    const auto of_mlp = [&](std::uint64_t inner, double tokens) {
      return inner == 0 ? 0 : tokens * (gates * over_hidden(inner) / tensor_ + unsplit_);
    };
    const double attention = queries() + keys() + values() + unsplit_ * (1 + over_hidden(latent_width()));
    return attention + (has_experts ? of_mlp(model_.expert_width(), static_cast<double>(model_.experts_per_token)) +
                                          of_mlp(model_.shared_feed_forward, 1)
                                    : of_mlp(model_.feed_forward, 1));
  }

  /// Bytes of one layer for one micro-batch, over s b h, and what of them is kept for the backward pass.
  double layer(bool has_experts, bool with_scores) const {
    return norms() + attention() + (has_experts ? experts() : mlp(model_.feed_forward)) + (with_scores ? scores() : 0);
  }

  double kept(bool has_experts) const {
    const double input = 2 * unsplit_;
    const double again = recomputed_layers(mapping_, model_);
    const bool is_selective = mapping_.recompute == Recompute::selective;
    if (is_selective && program_.selective_products > 0) {
      return input + 2 * outputs() + 2 * (1 - program_.selective_products) * products(has_experts);
    }
    return again * input + (1 - again) * layer(has_experts, !mapping_.flash_attention && !is_selective);
  }

  /// Of the layer that is done again, what is not kept.
  double once(bool has_experts) const {
    const bool has_scores = !mapping_.flash_attention;
    const bool is_selective = mapping_.recompute == Recompute::selective;
    if (mapping_.recompute == Recompute::full || (is_selective && program_.selective_products > 0)) {
      return layer(has_experts, has_scores);
    }
    return is_selective && has_scores ? scores() : 0;
  }

  double in_flight(const Stage& stage) const {
    const double ahead = static_cast<double>(mapping_.pipeline - stage.number - 1);
    const double m = static_cast<double>(mapping_.micro_batches());
    const double v = static_cast<double>(mapping_.virtual_stages);
    const double chunks = v > 1 ? 2 * ahead + (v - 1) * static_cast<double>(mapping_.pipeline) + 1 : ahead + 1;
    return std::min(m, chunks / v);
  }

  double activations_of(const Stage& stage) const {
    const double started =
        std::min(static_cast<double>(mapping_.micro_batches()), static_cast<double>(mapping_.pipeline));
    const double embedding = stage.has_embedding && !model_.gated_feed_forward ? started / tensor_ : 0;
    const LayerCounts& layers = stage.layers;
    const double largest = std::max(layers.dense > 0 ? once(false) : 0, layers.experts > 0 ? once(true) : 0);
    return activation_ * (in_flight(stage) * kept_of(layers) + largest + embedding);
  }

  // On the way to and from the host there are two layers.
  double kept_of(const LayerCounts& layers) const {
    const double all = (layers.dense > 0 ? static_cast<double>(layers.dense) * kept(false) : 0) +
                       (layers.experts > 0 ? static_cast<double>(layers.experts) * kept(true) : 0);
    return program_.activation_offload ? std::min(all, 2 * std::max(kept(false), kept(true))) : all;
  }

  double logits() const {
    const double vocabulary = static_cast<double>(model_.vocabulary);
    if (!program_.whole_logits) {
      const double bytes = program_.fused_loss ? constants_.fused_logit_bytes : constants_.sharded_logit_bytes;
      return bytes * tokens_ * vocabulary / tensor_;
    }
    const double gathered = mapping_.tensor > 1 ? constants_.gathered_logit_bytes : 0;
    return (constants_.whole_logit_bytes + gathered) * tokens_ * vocabulary;
  }

  double communicators() const {
    double count = 0;
    for (const std::uint64_t size :
         {mapping_.tensor, mapping_.context, mapping_.pipeline, mapping_.data * mapping_.context, mapping_.expert}) {
      count += size > 1 ? 1 : 0;
    }
    return count;
  }

  const Transformer& model_;
  const Mapping& mapping_;
  const MemoryProgram& program_;
  const MemoryConstants& constants_;
  double tensor_;
  double unsplit_;  ///< of what only sequence parallelism splits, the share of one GPU
  double tokens_;   ///< of a micro-batch
  double hidden_;
  double activation_;  ///< elements
};

}  // namespace

StepMemory step_memory(const Transformer& model, const Mapping& mapping, const MemoryProgram& program,
                       const MemoryConstants& constants) {
  const Memory memory(model, mapping, program, constants);
  const std::uint64_t last = mapping.pipeline - 1;
  // The first stage of layers with experts alone may hold more than those before it.
  const std::uint64_t expert = std::min(last, divided_up(model.dense_layers, model.layers / mapping.pipeline));
  const auto of_stage = [&](std::uint64_t stage) {
    return memory.of({stage, layers_of_stage(mapping, model, stage), stage == 0, stage == last});
  };
  StepMemory fullest = of_stage(0);
  for (std::uint64_t stage = 0; const std::uint64_t other : {expert, last}) {
    if (other != stage) {
      const StepMemory one = of_stage(other);
      fullest = one.all() > fullest.all() ? one : fullest;
      stage = other;
    }
  }
  return fullest;
}

double ranked_s(double step_s, const MemoryVerdict& memory, double doubt, const MemoryConstants& constants) {
  return memory.margin() < constants.close_share * memory.usable ? (1 + doubt) * step_s : step_s;
}

MemoryVerdict verdict(const StepMemory& memory, Bytes capacity, const MemoryConstants& constants) {
  MemoryVerdict result{Fit::fits, memory.all(), constants.usable_share * static_cast<double>(capacity.count)};
  if (result.margin() < 0) {
    result.fit = Fit::does_not_fit;
  } else if (result.margin() < constants.tight_share * result.usable) {
    result.fit = Fit::tight;
  }
  return result;
}

}  // namespace hockney::predict
