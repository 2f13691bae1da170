#include "predict/compute/layer_compute.hpp"

#include <algorithm>

#include "workload/messages.hpp"

namespace hockney::predict {
namespace {

/// The sizes of one micro-batch on one GPU.
struct Sizes {
  Sizes(const Transformer& model, const Mapping& mapping)
      : tensor(static_cast<double>(mapping.tensor)),
        batch(static_cast<double>(mapping.micro_batch)),
        sequence(static_cast<double>(model.sequence)),
        part(sequence / static_cast<double>(mapping.context)),
        tokens(batch * part),
        hidden(static_cast<double>(model.hidden)),
        heads(static_cast<double>(model.heads) / tensor),
        query_width(static_cast<double>(model.query_width()) / tensor),
        output_width(static_cast<double>(model.output_width()) / tensor),
        key_value_width(
            static_cast<double>(model.key_width() + model.values_width()) /
            static_cast<double>(model.has_latent_attention() ? model.heads : model.key_value_heads) *
            (model.has_latent_attention() ? heads : static_cast<double>(key_value_heads_per_gpu(mapping, model)))),
        activation(tokens * hidden),
        unsplit(mapping.sequence_parallel ? activation / tensor : activation),
        scores(batch * heads * part * sequence) {}

  double tensor;
  double batch;
  double sequence;
  double part;
  double tokens;
  double hidden;
  double heads;
  double query_width;      ///< of the heads of one GPU, as are the next two
  double output_width;     ///< of what attention hands to its projection
  double key_value_width;  ///< of keys and values together
  double activation;
  double unsplit;  ///< elements of a tensor that only sequence parallelism splits
  double scores;
};

/// Seconds forward, and of the two gradients.
struct Matrix {
  double forward = 0;
  double input_gradient = 0;
  double weight_gradient = 0;

  void add(const Matrix& other, double times = 1) {
    forward += times * other.forward;
    input_gradient += times * other.input_gradient;
    weight_gradient += times * other.weight_gradient;
  }
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
        expert_layers_(static_cast<double>(model.layer_counts().experts) / static_cast<double>(model.layers)),
        micro_batches_(static_cast<double>(mapping.micro_batches())),
        gradient_traffic_(2 * static_cast<double>(mapping.gradient_bytes)) {}

  LayerCompute compute() {
    const Matrix qkv = attention_inputs();
    const Matrix projection = matrix(size_.tokens, size_.hidden, size_.output_width);
    Matrix first;
    Matrix second;
    mlp(first, second);
    add(qkv);
    add(projection);
    add(first);
    add(second);
    last_product_ = second.forward;
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
      return (layer_.forward - (kernels_.recompute_stops_early ? last_product_ : 0)) *
             recomputed_layers(mapping_, model_);
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

  // Of the busiest GPU: experts that are cut fewer ways than the rest work on their part of the tokens.
  double expert_tokens() const {
    return size_.tokens * static_cast<double>(model_.experts_per_token) *
           routing_imbalance(model_.experts, mapping_.expert, mapping_.routing_skew) *
           static_cast<double>(mapping_.tensor_of_experts()) / size_.tensor;
  }

  // Elements of the MLP's inner width, mean over the layers.
  double inner_elements() const {
    const double dense = size_.tokens * static_cast<double>(model_.feed_forward) / size_.tensor;
    const double shared = size_.tokens * static_cast<double>(model_.shared_feed_forward) / size_.tensor;
    return expert_layers_ == 0
               ? dense
               : (1 - expert_layers_) * dense + expert_layers_ * (shared + expert_tokens() * expert_inner());
  }

  // Of queries, keys and values. Latent attention: every tensor rank does all of the way down to the latent vectors.
  Matrix attention_inputs() const {
    if (!model_.has_latent_attention()) {
      return matrix(size_.tokens, size_.query_width + size_.key_value_width, size_.hidden);
    }
    const double rank = static_cast<double>(model_.key_value_rank);
    const double rotary = static_cast<double>(model_.rotary_width);
    const double query_rank = static_cast<double>(model_.query_rank);
    Matrix all = matrix(size_.tokens, query_rank + rank + rotary, size_.hidden);
    all.add(matrix(size_.tokens, size_.query_width, query_rank > 0 ? query_rank : size_.hidden));
    all.add(matrix(size_.tokens, size_.key_value_width - size_.heads * rotary, rank));
    return all;
  }

  // Mean over the layers, of which some may have experts and some not.
  void mlp(Matrix& first, Matrix& second) const {
    add_mlp(first, second, static_cast<double>(model_.feed_forward) / size_.tensor, 1 - expert_layers_);
    if (expert_layers_ > 0) {
      add_mlp(first, second, static_cast<double>(model_.shared_feed_forward) / size_.tensor, expert_layers_);
      add_experts_mlp(first, second);
    }
  }

  void add_mlp(Matrix& first, Matrix& second, double inner, double times) const {
    if (times > 0 && inner > 0) {
      first.add(matrix(size_.tokens, gates() * inner, size_.hidden), times);
      second.add(matrix(size_.tokens, size_.hidden, inner), times);
    }
  }

  // Every GPU works on its share of the experts, in two grouped GEMMs; the busiest GPU sets the pace.
  void add_experts_mlp(Matrix& first, Matrix& second) const {
    const double experts = static_cast<double>(model_.experts) / static_cast<double>(mapping_.expert);
    const double groups = std::min(experts, std::max(1.0, expert_tokens()));
    const double tokens = expert_tokens() / groups;
    const double share = kernels_.expert_share;
    first.add(matrix(tokens, gates() * expert_inner(), size_.hidden, groups, share), expert_layers_);
    second.add(matrix(tokens, size_.hidden, expert_inner(), groups, share), expert_layers_);
  }

  double gates() const { return model_.gated_feed_forward ? 2 : 1; }

  // Of an expert on one GPU.
  double expert_inner() const {
    return static_cast<double>(model_.expert_width()) / static_cast<double>(mapping_.tensor_of_experts());
  }

  void add(const Matrix& times) {
    products_ += times.forward;
    layer_.forward += times.forward;
    layer_.backward += times.input_gradient + times.weight_gradient;
  }

  void add_attention() {
    const double e = clock_.element_bytes();
    if (mapping_.flash_attention) {
      // Scores and values, each half by causality.
      const double flops =
          size_.scores * model_.attended_share() * (size_.query_width + size_.output_width) / size_.heads;
      layer_.attention_forward = clock_.fused_attention(flops);
      layer_.attention_backward = clock_.fused_attention(flash_backward_over_forward * flops);
    } else {
      const double keys = size_.query_width / size_.heads;
      const double values = size_.output_width / size_.heads;
      const double products = clock_.gemm({size_.part, size_.sequence, keys, size_.batch * size_.heads}) +
                              clock_.gemm({size_.part, values, size_.sequence, size_.batch * size_.heads});
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
    const double inner = inner_elements();
    const double norm_forward = kernels_.unfused_norms ? 18 : 2;
    const double norm_backward = kernels_.unfused_norms ? 36 : 5;
    layer_.forward += 2 * clock_.stream(norm_forward * e * size_.unsplit) + clock_.stream(2 * e * split) +
                      clock_.stream((gates() + 1) * e * inner);
    layer_.backward += 2 * clock_.stream(norm_backward * e * size_.unsplit) + clock_.stream(4 * e * split) +
                       clock_.stream((2 * gates() + 1) * e * inner);
    if (kernels_.fused) {
      layer_.forward += 2 * clock_.traffic(2 * e * size_.unsplit);
      layer_.backward += 2 * clock_.traffic(2 * e * size_.unsplit);
    } else {
      layer_.forward += 2 * clock_.stream((3 * e + mask_bytes) * size_.unsplit);
      layer_.backward += 2 * (clock_.stream((2 * e + mask_bytes) * size_.unsplit) + clock_.stream(e * size_.unsplit) +
                              clock_.stream(3 * e * size_.unsplit)) +
                         clock_.stream(gates() * e * inner);
    }
  }

  void add_experts() {
    if (expert_layers_ == 0) {
      return;
    }
    const double e = clock_.element_bytes();
    const double experts = static_cast<double>(model_.experts);
    const double router = clock_.gemm({size_.tokens, experts, size_.hidden});
    const double ordered = expert_tokens() * size_.hidden;
    layer_.forward += expert_layers_ * (router + 2 * clock_.stream(2 * e * ordered));
    layer_.backward += expert_layers_ * (2 * router + 2 * clock_.stream(2 * e * ordered));
  }

  const KernelClock& clock_;
  const KernelClock& linear_;
  LayerKernels kernels_;
  const Transformer& model_;
  const Mapping& mapping_;
  Sizes size_;
  double expert_layers_;  ///< share of the layers
  double micro_batches_;
  double gradient_traffic_;
  double products_ = 0;      ///< forward, s
  double last_product_ = 0;  ///< of them, the one that ends the layer
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
                       const Mapping& mapping, bool whole_logits) {
  const Sizes size(model, mapping);
  const double e = clock.element_bytes();
  const double vocabulary = static_cast<double>(vocabulary_shard(mapping, model));
  const double logits = size.tokens * vocabulary;
  EndCompute end;
  end.logits_input_gradient = clock.gemm({size.tokens, size.hidden, vocabulary});
  end.logits_weight_gradient =
      clock.gemm({size.hidden, vocabulary, size.tokens}) +
      clock.traffic(2 * static_cast<double>(mapping.gradient_bytes) * size.hidden * vocabulary);
  const double cross_entropy = clock.stream(constants.cross_entropy_bytes * logits * (whole_logits ? size.tensor : 1));
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
    parameters /= static_cast<double>(mapping.context * mapping.data);
    expert_parameters /= static_cast<double>(mapping.expert_replicas());
  }
  return clock.stream(constants.optimizer_bytes * (parameters + expert_parameters));
}

}  // namespace hockney::predict
