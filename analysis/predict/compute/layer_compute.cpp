#include "predict/compute/layer_compute.hpp"

#include <algorithm>

#include "workload/messages.hpp"

namespace hockney::predict {
namespace {

constexpr double mask_bytes = 1;
constexpr double flash_backward_over_forward = 2.5;

constexpr double least_width_beside_experts = 128;

double width_of_heads(const Transformer& model) {
  const double usual = static_cast<double>(model.hidden) / static_cast<double>(model.heads);
  return model.experts > 0 ? std::max(usual, least_width_beside_experts) : usual;
}

/// The sizes of one micro-batch on one GPU.
struct Sizes {
  Sizes(const Transformer& model, const Mapping& mapping)
      : tensor(static_cast<double>(mapping.tensor)),
        batch(static_cast<double>(mapping.micro_batch)),
        sequence(static_cast<double>(model.sequence)),
        part(sequence / static_cast<double>(mapping.context)),
        tokens(batch * part),
        hidden(static_cast<double>(model.hidden)),
        head_width(width_of_heads(model)),
        heads(static_cast<double>(model.heads) / tensor),
        query_width(head_width * heads),
        key_value_width(head_width * static_cast<double>(model.key_value_heads) / tensor),
        inner(static_cast<double>(model.feed_forward) / tensor),
        activation(tokens * hidden),
        unsplit(mapping.sequence_parallel ? activation / tensor : activation),
        scores(batch * heads * part * sequence) {}

  double tensor;
  double batch;
  double sequence;
  double part;
  double tokens;
  double hidden;
  double head_width;
  double heads;
  double query_width;
  double key_value_width;
  double inner;
  double activation;
  double unsplit;  ///< elements of a tensor that only sequence parallelism splits
  double scores;
};

/// Seconds forward, and of the two gradients.
struct Matrix {
  double forward = 0;
  double input_gradient = 0;
  double weight_gradient = 0;
};

class Layer {
 public:
  Layer(const KernelClock& clock, const KernelClock& linear, const Transformer& model, const Mapping& mapping,
        const LayerKernels& kernels)
      : clock_(clock),
        linear_(linear),
        kernels_(kernels),
        model_(model),
        mapping_(mapping),
        size_(model, mapping),
        micro_batches_(static_cast<double>(mapping.micro_batches())),
        gradient_traffic_(2 * static_cast<double>(mapping.gradient_bytes)) {}

  LayerCompute compute() {
    const Matrix qkv = matrix(size_.tokens, size_.query_width + 2 * size_.key_value_width, size_.hidden);
    const Matrix projection = matrix(size_.tokens, size_.hidden, size_.query_width);
    Matrix first;
    Matrix second;
    mlp(first, second);
    add(qkv);
    add(projection);
    add(first);
    add(second);
    layer_.weight_gradient[0] = qkv.weight_gradient;
    layer_.weight_gradient[1] = first.weight_gradient;
    layer_.input_gradient[0] = qkv.input_gradient;
    layer_.input_gradient[1] = first.input_gradient;
    add_attention();
    add_traffic();
    add_experts();
    layer_.recomputed = recomputed();
    return layer_;
  }

 private:
  Matrix matrix(double tokens, double columns, double inner, double batch = 1, double share = 1) const {
    const double converted = quantise_bytes(kernels_.precision);
    Matrix times;
    times.forward = linear_.gemm({tokens, columns, inner, batch}) / share +
                    converting(converted * batch * (tokens * inner + inner * columns / micro_batches_));
    times.input_gradient =
        linear_.gemm({tokens, inner, columns, batch}) / share + converting(converted * batch * tokens * columns);
    times.weight_gradient = linear_.gemm({inner, columns, tokens, batch}) / share +
                            clock_.traffic(gradient_traffic_ * batch * inner * columns);
    return times;
  }

  double converting(double bytes) const { return bytes > 0 ? clock_.traffic(bytes) : 0; }

  double recomputed() const {
    if (mapping_.recompute == Recompute::full) {
      return layer_.forward * recomputed_layers(mapping_, model_);
    }
    if (mapping_.recompute == Recompute::none) {
      return 0;
    }
    if (kernels_.selective_products > 0) {
      const double others = layer_.forward - layer_.attention_forward - products_;
      return kernels_.selective_products * products_ + others;
    }
    return mapping_.flash_attention ? 0 : layer_.attention_forward;
  }

  // Of the busiest GPU.
  double mlp_tokens() const {
    return model_.experts == 0 ? size_.tokens
                               : size_.tokens * static_cast<double>(model_.experts_per_token) *
                                     routing_imbalance(model_.experts, mapping_.expert, mapping_.routing_skew);
  }

  // Experts: every GPU works on its share of the experts, in two grouped GEMMs; the busiest GPU sets the pace.
  void mlp(Matrix& first, Matrix& second) const {
    const double gates = model_.gated_feed_forward ? 2 : 1;
    const double experts =
        model_.experts > 0 ? static_cast<double>(model_.experts) / static_cast<double>(mapping_.expert) : 1;
    const double groups = std::min(experts, std::max(1.0, mlp_tokens()));
    const double tokens = mlp_tokens() / groups;
    const double share = model_.experts > 0 ? kernels_.expert_share : 1;
    first = matrix(tokens, gates * size_.inner, size_.hidden, groups, share);
    second = matrix(tokens, size_.hidden, size_.inner, groups, share);
  }

  void add(const Matrix& times) {
    products_ += times.forward;
    layer_.forward += times.forward;
    layer_.backward += times.input_gradient + times.weight_gradient;
  }

  void add_attention() {
    const double e = clock_.element_bytes();
    if (mapping_.flash_attention) {
      const double flops = 2 * size_.scores * size_.head_width;  // scores and values, each half by causality
      layer_.attention_forward = clock_.fused_attention(flops);
      layer_.attention_backward = clock_.fused_attention(flash_backward_over_forward * flops);
    } else {
      const double products = clock_.gemm({size_.part, size_.sequence, size_.head_width, size_.batch * size_.heads}) +
                              clock_.gemm({size_.part, size_.head_width, size_.sequence, size_.batch * size_.heads});
      layer_.attention_forward =
          products + clock_.stream(2 * e * size_.scores) + clock_.stream((2 * e + mask_bytes) * size_.scores);
      layer_.attention_backward =
          2 * products + clock_.stream((2 * e + mask_bytes) * size_.scores) + clock_.stream(3 * e * size_.scores);
    }
    layer_.forward += layer_.attention_forward;
    layer_.backward += layer_.attention_backward;
  }

  void add_traffic() {
    const double e = clock_.element_bytes();
    const double split = size_.activation / size_.tensor;
    const double gates = model_.gated_feed_forward ? 2 : 1;
    const double inner = size_.inner * mlp_tokens();
    const double norm_forward = kernels_.unfused_norms ? 18 : 2;
    const double norm_backward = kernels_.unfused_norms ? 36 : 5;
    layer_.forward += 2 * clock_.stream(norm_forward * e * size_.unsplit) + clock_.stream(2 * e * split) +
                      clock_.stream((gates + 1) * e * inner);
    layer_.backward += 2 * clock_.stream(norm_backward * e * size_.unsplit) + clock_.stream(4 * e * split) +
                       clock_.stream((2 * gates + 1) * e * inner);
    if (kernels_.fused) {
      layer_.forward += 2 * clock_.traffic(2 * e * size_.unsplit);
      layer_.backward += 2 * clock_.traffic(2 * e * size_.unsplit);
    } else {
      layer_.forward += 2 * clock_.stream((3 * e + mask_bytes) * size_.unsplit);
      layer_.backward += 2 * (clock_.stream((2 * e + mask_bytes) * size_.unsplit) + clock_.stream(e * size_.unsplit) +
                              clock_.stream(3 * e * size_.unsplit)) +
                         clock_.stream(gates * e * inner);
    }
  }

  void add_experts() {
    if (model_.experts == 0) {
      return;
    }
    const double e = clock_.element_bytes();
    const double experts = static_cast<double>(model_.experts);
    const double router = clock_.gemm({size_.tokens, experts, size_.hidden});
    const double ordered = mlp_tokens() * size_.hidden;
    layer_.forward += router + 2 * clock_.stream(2 * e * ordered);
    layer_.backward += 2 * router + 2 * clock_.stream(2 * e * ordered);
  }

  const KernelClock& clock_;
  const KernelClock& linear_;
  LayerKernels kernels_;
  const Transformer& model_;
  const Mapping& mapping_;
  Sizes size_;
  double micro_batches_;
  double gradient_traffic_;
  double products_ = 0;  ///< forward, s
  LayerCompute layer_;
};

}  // namespace

LayerCompute layer_compute(const KernelClock& clock, const KernelClock& linear, const Transformer& model,
                           const Mapping& mapping, const LayerKernels& kernels) {
  return Layer(clock, linear, model, mapping, kernels).compute();
}

LayerCompute layer_compute(const KernelClock& clock, const Transformer& model, const Mapping& mapping) {
  return layer_compute(clock, clock, model, mapping, {});
}

EndCompute end_compute(const KernelClock& clock, const StepConstants& constants, const Transformer& model,
                       const Mapping& mapping) {
  const Sizes size(model, mapping);
  const double e = clock.element_bytes();
  const double vocabulary = static_cast<double>(vocabulary_shard(mapping, model));
  const double logits = size.tokens * vocabulary;
  EndCompute end;
  end.logits_input_gradient = clock.gemm({size.tokens, size.hidden, vocabulary});
  end.logits_weight_gradient =
      clock.gemm({size.hidden, vocabulary, size.tokens}) +
      clock.traffic(2 * static_cast<double>(mapping.gradient_bytes) * size.hidden * vocabulary);
  const double cross_entropy = clock.stream(constants.cross_entropy_bytes * logits);
  end.logits_forward =
      clock.stream(2 * e * size.unsplit) + clock.gemm({size.tokens, vocabulary, size.hidden}) + cross_entropy;
  end.logits_backward = clock.stream(5 * e * size.unsplit) + end.logits_input_gradient + end.logits_weight_gradient;
  end.embedding = clock.stream((e + 2 * e + mask_bytes) * size.unsplit) +     // look-up, dropout
                  clock.stream((2 * e + mask_bytes + 2 * e) * size.unsplit);  // their backward pass
  return end;
}

double optimizer_step(const KernelClock& clock, const StepConstants& constants, const Mapping& mapping,
                      double parameters, double expert_parameters) {
  if (mapping.distributed_optimizer) {
    const double replicas = static_cast<double>(mapping.context * mapping.data);
    parameters /= replicas;
    expert_parameters *= static_cast<double>(mapping.expert) / replicas;
  }
  return clock.stream(constants.optimizer_bytes * (parameters + expert_parameters));
}

}  // namespace hockney::predict
