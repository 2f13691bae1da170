#include "predict/step/step_memory.hpp"

#include <algorithm>

#include "workload/messages.hpp"

namespace hockney::predict {
namespace {

double bytes_per_parameter(const Mapping& mapping, double shares) {
  constexpr double wide_gradients = 4;
  const bool wide = static_cast<double>(mapping.gradient_bytes) >= wide_gradients;
  const double kept = wide ? 6 : 4;
  const double state = wide ? 12 : 16;
  return mapping.distributed_optimizer ? kept + state / shares : kept + state;
}

/// Bytes of one layer for one micro-batch, over s b h.
double kept_per_layer(const Transformer& model, const Mapping& mapping, bool scores) {
  const double t = static_cast<double>(mapping.tensor);
  const double inner = static_cast<double>(model.feed_forward) / static_cast<double>(model.hidden);
  const double active = model.experts > 0 ? static_cast<double>(model.experts_per_token) : 1;
  const double unsplit = mapping.sequence_parallel ? 10 / t : 10;
  const double attention = scores ? 5 * static_cast<double>(model.heads) * static_cast<double>(model.sequence) /
                                        static_cast<double>(model.hidden * mapping.context)
                                  : 0;
  return unsplit + (8 + (model.gated_feed_forward ? 6 : 4) * inner * active + attention) / t;
}

}  // namespace

StepMemory step_memory(const Transformer& model, const Mapping& mapping) {
  const double t = static_cast<double>(mapping.tensor);
  const double p = static_cast<double>(mapping.pipeline);
  const double v = static_cast<double>(mapping.virtual_stages);
  const double replicas = static_cast<double>(mapping.context * mapping.data);
  const double activation = static_cast<double>(mapping.micro_batch) * static_cast<double>(model.sequence) *
                            static_cast<double>(model.hidden) / static_cast<double>(mapping.context);
  StepMemory memory;
  memory.parameters =
      static_cast<double>(first_stage_parameters(model, mapping)) * bytes_per_parameter(mapping, replicas) +
      static_cast<double>(first_stage_expert_parameters(model, mapping)) *
          bytes_per_parameter(mapping, replicas / static_cast<double>(mapping.expert));

  const bool scores = mapping.recompute == Recompute::none && !mapping.flash_attention;
  const bool full = mapping.recompute == Recompute::full;
  const double kept_input = mapping.sequence_parallel ? 2 / t : 2;
  const double kept = full ? kept_input : kept_per_layer(model, mapping, scores);
  const double started = std::min(static_cast<double>(mapping.micro_batches()), p);
  const double in_flight = started * (mapping.virtual_stages > 1 ? 1 + (p - 1) / (p * v) : 1);
  memory.activations = activation * kept * static_cast<double>(layers_of_fullest_stage(mapping, model)) * in_flight;
  memory.activations += full ? activation * kept_per_layer(model, mapping, !mapping.flash_attention) : 0;
  memory.activations += activation * started / t;
  if (mapping.pipeline == 1) {
    memory.activations +=
        4 * activation / t * (1 + static_cast<double>(model.vocabulary) / static_cast<double>(model.hidden));
  }
  return memory;
}

}  // namespace hockney::predict
