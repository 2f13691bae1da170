#include "predict/memory/step_memory.hpp"

#include <algorithm>

#include "workload/messages.hpp"

namespace hockney::predict {
namespace {

constexpr double weight_bytes = 2;
constexpr double gathered_units = 2;

/// One stage of the pipeline, 0 or p - 1.
struct Stage {
  std::uint64_t number = 0;
  double layers = 0;
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
        activation_(tokens_ * static_cast<double>(model.hidden)) {}

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
    const double layer = static_cast<double>(model_.parameters_per_layer());
    const double experts = static_cast<double>(model_.expert_parameters_per_layer());
    const double embedding = static_cast<double>(model_.embedding_parameters());
    const bool two = stage.has_embedding && stage.has_logits && !model_.tied_embeddings;
    const double ends = stage.has_embedding || stage.has_logits ? embedding * (two ? 2 : 1) : 0;
    const double expert_share = experts / static_cast<double>(mapping_.expert);
    return {(stage.layers * (layer - experts) + ends) / tensor_, stage.layers * expert_share / tensor_,
            std::max(layer - experts + expert_share, embedding) / tensor_};
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
    const double expert_replicas = std::max(1.0, replicas / static_cast<double>(mapping_.expert));
    const double whole = weights.dense + weights.experts;
    const double shared = weights.dense / replicas + weights.experts / expert_replicas;
    const auto held = [&](Sharding from) { return sharding() >= from ? shared : whole; };
    const double gradient = static_cast<double>(mapping_.gradient_bytes);
    const double state = gradient < 4 ? 16 : 12;
    memory.optimizer = state * held(Sharding::optimizer);
    memory.gradients = gradient * held(Sharding::gradients);
    memory.weights = weight_bytes * whole;
    if (sharding() >= Sharding::gradients) {
      memory.gradients += gradient * weights.largest_unit;
    }
    if (sharding() >= Sharding::full) {
      memory.weights = std::min(memory.weights, weight_bytes * gathered_units * weights.largest_unit);
    }
  }

  double scores() const {
    constexpr double table_2 = 5;
    const double bytes = table_2 + (program_.fused_softmax ? 0 : constants_.unfused_score_bytes);
    return bytes * static_cast<double>(model_.heads) * static_cast<double>(model_.sequence) /
           static_cast<double>(model_.hidden * mapping_.context) / tensor_;
  }

  double attention() const {
    const double grouped = static_cast<double>(model_.key_value_heads) / static_cast<double>(model_.heads);
    double bytes = 4 + 4 * grouped;
    bytes += program_.fused_rotary ? 0 : constants_.unfused_rotary_bytes * (1 + grouped);
    bytes += program_.packed_attention ? constants_.packed_input_bytes * (1 + 2 * grouped) : 0;
    return bytes / tensor_;
  }

  double mlp() const {
    const double inner = static_cast<double>(model_.feed_forward) / static_cast<double>(model_.hidden);
    const double gate = program_.fused_gate ? 6 : 6 + constants_.unfused_gate_bytes;
    const double bytes = (model_.gated_feed_forward ? gate : 4) * inner;
    return (model_.experts > 0 ? static_cast<double>(model_.experts_per_token) * (bytes + 4) : bytes) / tensor_;
  }

  double norms() const {
    const double masks = model_.gated_feed_forward ? 8 : 10;
    return unsplit_ * (masks + (program_.fused_norm ? 0 : 2 * constants_.unfused_norm_bytes));
  }

  /// Bytes of one layer for one micro-batch, over s b h.
  double layer(bool with_scores) const { return norms() + attention() + mlp() + (with_scores ? scores() : 0); }

  double in_flight(const Stage& stage) const {
    const double ahead = static_cast<double>(mapping_.pipeline - stage.number - 1);
    const double m = static_cast<double>(mapping_.micro_batches());
    const double v = static_cast<double>(mapping_.virtual_stages);
    const double chunks = v > 1 ? 2 * ahead + (v - 1) * static_cast<double>(mapping_.pipeline) + 1 : ahead + 1;
    return std::min(m, chunks / v);
  }

  double activations_of(const Stage& stage) const {
    const bool full = mapping_.recompute == Recompute::full;
    const bool has_scores = !mapping_.flash_attention;
    const double again = recomputed_layers(mapping_, model_);
    const double kept =
        again * 2 * unsplit_ + (1 - again) * layer(has_scores && mapping_.recompute != Recompute::selective);
    const double once = full                                                       ? layer(has_scores)
                        : mapping_.recompute == Recompute::selective && has_scores ? scores()
                                                                                   : 0;
    const double started =
        std::min(static_cast<double>(mapping_.micro_batches()), static_cast<double>(mapping_.pipeline));
    const double embedding = stage.has_embedding && !model_.gated_feed_forward ? started / tensor_ : 0;
    return activation_ * (kept * stage.layers * in_flight(stage) + once + embedding);
  }

  double logits() const {
    const double vocabulary = static_cast<double>(model_.vocabulary);
    if (!program_.whole_logits) {
      return constants_.sharded_logit_bytes * tokens_ * vocabulary / tensor_;
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
  double unsplit_;     ///< of what only sequence parallelism splits, the share of one GPU
  double tokens_;      ///< of a micro-batch
  double activation_;  ///< elements
};

}  // namespace

StepMemory step_memory(const Transformer& model, const Mapping& mapping, const MemoryProgram& program,
                       const MemoryConstants& constants) {
  const Memory memory(model, mapping, program, constants);
  const bool one = mapping.pipeline == 1;
  const StepMemory first = memory.of({0, static_cast<double>(layers_of_fullest_stage(mapping, model)), true, one});
  if (one) {
    return first;
  }
  const StepMemory last =
      memory.of({mapping.pipeline - 1, static_cast<double>(model.layers / mapping.pipeline), false, true});
  return first.all() < last.all() ? last : first;
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
