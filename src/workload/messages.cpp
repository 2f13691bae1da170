#include "workload/messages.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace hockney::inline workload {
namespace {

constexpr std::uint64_t float32_bytes = 4;

Bytes scaled(Bytes size, double factor) {
  return Bytes{static_cast<std::uint64_t>(static_cast<double>(size.count) * factor)};
}

/// The list under construction: one function per cause.
class StepMessages {
 public:
  StepMessages(const Transformer& model, const Mapping& mapping, CriticalStage critical)
      : model_(model),
        mapping_(mapping),
        critical_(critical),
        activation_(
            Bytes{mapping.micro_batch * model.sequence / mapping.context * model.hidden * mapping.bytes_per_element}),
        tensor_(tensor_group(mapping)) {
    if (mapping.pipeline > 1) {
      links_ = stage_links(mapping);
    }
  }

  MessageList list() && {
    const std::uint64_t m = mapping_.micro_batches();
    const LayerCounts layers = layers_of_stage(mapping_, model_, critical_);
    add_layers({layers.dense * m, layers.experts * m}, false);
    add_ends(m);
    if (mapping_.pipeline > 1) {
      add_pipeline();
      add_bubble(layers);
    }
    add_data();
    return list_;
  }

 private:
  void add(Cause cause, std::string_view purpose, Operation operation, const PlacedGroup& placed, Bytes payload,
           std::uint64_t count, Overlap overlap = Overlap::exposed) {
    list_.add({cause, purpose, operation, placed, payload, count, overlap});
  }

  void add(Cause cause, std::string_view purpose, Operation operation, const PlacedGroup& placed, Bytes payload,
           Passes passes, Overlap overlap = Overlap::exposed) {
    list_.add({cause, purpose, operation, placed, payload, passes.forward + passes.backward, overlap, passes});
  }

  // Of passages through layers, those that are done again.
  std::uint64_t recomputed(std::uint64_t passages) const {
    return static_cast<std::uint64_t>(
        std::llround(static_cast<double>(passages) * recomputed_layers(mapping_, model_)));
  }

  Overlap beside(Overlap overlap) const { return mapping_.overlap_tensor ? overlap : Overlap::exposed; }

  // `layers`: passages of a micro-batch through a layer, forward and backward.
  void add_layers(LayerCounts layers, bool in_bubble) {
    if (mapping_.sequence_parallel) {
      add_sequence_layers(layers, in_bubble ? Cause::bubble : Cause::sequence);
    } else {
      add_tensor_layers(layers.all(), in_bubble ? Cause::bubble : Cause::tensor);
    }
    if (mapping_.context > 1) {
      add_context_layers(layers.all(), in_bubble ? Cause::bubble : Cause::context);
    }
    if (mapping_.expert > 1) {
      add_expert_layers(layers.experts, in_bubble ? Cause::bubble : Cause::expert);
    }
  }

  void add_tensor_layers(std::uint64_t layers, Cause cause) {
    constexpr Operation sum = Operation::all_reduce;
    add(cause, "layers forward", sum, tensor_, activation_, Passes{2 * layers, 0});
    add(cause, "layers recomputed", sum, tensor_, activation_, Passes{0, recomputed(2 * layers)});
    add(cause, "layers backward", sum, tensor_, activation_, Passes{0, 2 * layers}, beside(Overlap::weight_gradient));
  }

  // Every layer has two halves, attention and MLP. Experts in the MLP's place get the tokens that were sent to them;
  // shared experts beside them are an MLP.
  void add_sequence_layers(LayerCounts layers, Cause cause) {
    const std::uint64_t halves = 2 * layers.dense + (model_.shared_feed_forward > 0 ? 2 : 1) * layers.experts;
    add_gather_and_scatter(cause, {"layers forward", "layers recomputed", "layers backward"}, tensor_, activation_,
                           halves, beside(Overlap::weight_gradient));
    add(cause, "inputs gathered again", Operation::all_gather, tensor_, activation_, Passes{0, halves},
        beside(Overlap::input_gradient));
    if (layers.experts > 0) {
      const Bytes tokens = activation_ * model_.experts_per_token;
      add_gather_and_scatter(
          cause, {"experts forward", "experts recomputed", "experts backward"}, expert_tensor_group(mapping_),
          busiest(tokens * mapping_.tensor_of_experts() / mapping_.tensor), layers.experts, Overlap::exposed);
    }
  }

  struct Purposes {
    std::string_view forward, recomputed, backward;
  };

  // What is gathered forward is scattered backward, and the other way round.
  void add_gather_and_scatter(Cause cause, const Purposes& purposes, const PlacedGroup& group, Bytes payload,
                              std::uint64_t passes, Overlap backward) {
    for (const Operation operation : {Operation::all_gather, Operation::reduce_scatter}) {
      add(cause, purposes.forward, operation, group, payload, Passes{passes, 0});
      add(cause, purposes.recomputed, operation, group, payload, Passes{0, recomputed(passes)});
    }
    add(cause, purposes.backward, Operation::all_gather, group, payload, Passes{0, passes});
    add(cause, purposes.backward, Operation::reduce_scatter, group, payload, Passes{0, passes}, backward);
  }

  Bytes busiest(Bytes tokens) const {
    return scaled(tokens, routing_imbalance(model_.experts, mapping_.expert, mapping_.routing_skew));
  }

  void add_context_layers(std::uint64_t layers, Cause cause) {
    const PlacedGroup group = context_group(mapping_);
    const std::uint64_t width = model_.key_width() + model_.values_width();
    const Bytes keys_and_values{
        divided_up(mapping_.micro_batch * model_.sequence * width * mapping_.bytes_per_element, mapping_.tensor)};
    add(cause, "keys and values forward", Operation::all_gather, group, keys_and_values,
        Passes{layers, recomputed(layers)}, Overlap::attention);
    for (const Operation operation : {Operation::all_gather, Operation::reduce_scatter}) {
      add(cause, "keys and values backward", operation, group, keys_and_values, Passes{0, layers},
          Overlap::attention_backward);
    }
  }

  void add_expert_layers(std::uint64_t layers, Cause cause) {
    const std::uint64_t parts =
        mapping_.sequence_parallel ? mapping_.tensor : mapping_.tensor / mapping_.tensor_of_experts();
    const Bytes tokens = activation_ * model_.experts_per_token / std::max<std::uint64_t>(1, parts);
    // Nothing runs beside the first micro-batch on its way forward, nor beside the last on its way back.
    const bool is_overlapped = mapping_.overlap_experts && cause != Cause::bubble;
    const std::uint64_t alone = is_overlapped ? layers / mapping_.micro_batches() : layers;
    const auto add_passages = [&](std::uint64_t passages, Overlap overlap) {
      add(cause, "tokens to experts and back", Operation::all_to_all, expert_group(mapping_), busiest(tokens),
          Passes{2 * passages, 2 * passages + recomputed(2 * passages)}, overlap);
    };
    add_passages(alone, Overlap::exposed);
    add_passages(layers - alone, Overlap::other_micro_batch);
  }

  void add_ends(std::uint64_t m) {
    const bool one_stage = mapping_.pipeline == 1;
    const bool has_logits = one_stage || critical_ == CriticalStage::last;
    const bool has_embedding = one_stage || critical_ == CriticalStage::first;
    if (has_logits) {
      add_logits(m);
    }
    if (has_embedding) {
      add_embedding(m);
    }
  }

  void add_logits(std::uint64_t m) {
    const Bytes per_token{mapping_.micro_batch * model_.sequence / mapping_.context * float32_bytes};
    if (mapping_.sequence_parallel) {
      add(Cause::sequence, "logits forward", Operation::all_gather, tensor_, activation_, m);
      add(Cause::sequence, "logits backward", Operation::reduce_scatter, tensor_, activation_, m,
          beside(Overlap::head_weight_gradient));
      add(Cause::sequence, "logits backward", Operation::all_gather, tensor_, activation_, m,
          beside(Overlap::head_input_gradient));
    } else {
      add(Cause::tensor, "logits backward", Operation::all_reduce, tensor_, activation_, m,
          beside(Overlap::head_weight_gradient));
    }
    add(Cause::tensor, "cross entropy", Operation::all_reduce, tensor_, per_token, 3 * m);
  }

  void add_embedding(std::uint64_t m) {
    if (mapping_.sequence_parallel) {
      add(Cause::sequence, "embedding forward", Operation::reduce_scatter, tensor_, activation_, m);
      add(Cause::sequence, "embedding backward", Operation::all_gather, tensor_, activation_, m);
    } else {
      add(Cause::tensor, "embedding forward", Operation::all_reduce, tensor_, activation_, m);
    }
  }

  void add_bubble_embedding(std::uint64_t count) {
    const Operation forward = mapping_.sequence_parallel ? Operation::reduce_scatter : Operation::all_reduce;
    add(Cause::bubble, "first embedding forward", forward, tensor_, activation_, count);
    add(Cause::bubble, "last embedding backward", Operation::all_gather, tensor_, activation_,
        mapping_.sequence_parallel ? count : 0);
  }

  void add_transfers(Cause cause, bool crosses, std::uint64_t count, Overlap overlap) {
    const bool gathered = mapping_.scatter_gather && !mapping_.sequence_parallel;
    const bool in_parts = mapping_.scatter_gather || mapping_.sequence_parallel;
    const Bytes payload = in_parts ? activation_ / mapping_.tensor : activation_;
    add(cause, "transfer to the next stage", Operation::pipeline_forward_backward, stage_pair(mapping_, crosses),
        payload, count, overlap);
    add(cause, "gather after a transfer", Operation::all_gather, tensor_, activation_, gathered ? count : 0, overlap);
  }

  void add_pipeline() {
    const std::uint64_t m = mapping_.micro_batches();
    for (const bool crosses : {false, true}) {
      const std::uint64_t links = crosses ? links_.per_micro_batch : 2 - links_.per_micro_batch;
      if (mapping_.virtual_stages > 1) {
        add_transfers(Cause::pipeline, crosses, links * m * mapping_.virtual_stages,
                      mapping_.overlap_transfers ? Overlap::chunk : Overlap::exposed);
      } else {
        const std::uint64_t waited = divided_up(links * (m + 1), 2);
        add_transfers(Cause::pipeline, crosses, waited, Overlap::exposed);
        add_transfers(Cause::pipeline, crosses, links * m - waited, Overlap::other_direction);
      }
    }
  }

  void add_bubble(LayerCounts here) {
    const LayerCounts all = model_.layer_counts();
    add_layers({(all.dense - std::min(all.dense, here.dense)) / mapping_.virtual_stages,
                (all.experts - std::min(all.experts, here.experts)) / mapping_.virtual_stages},
               true);
    add_bubble_embedding(critical_ == CriticalStage::last ? 1 : 0);
    const std::uint64_t within = mapping_.pipeline - 1 - links_.crossing;
    const std::uint64_t own_within = 2 - links_.per_micro_batch;
    add_transfers(Cause::bubble, false, 2 * within > own_within ? 2 * within - own_within : 0, Overlap::exposed);
    const std::uint64_t crossing = 2 * links_.crossing;
    add_transfers(Cause::bubble, true, crossing > links_.per_micro_batch ? crossing - links_.per_micro_batch : 0,
                  Overlap::exposed);
  }

  void add_gradients(const PlacedGroup& group, std::uint64_t parameters, std::string_view gradients,
                     std::string_view gathered) {
    const Overlap overlap = mapping_.overlap_gradients ? Overlap::last_backward : Overlap::exposed;
    const Bytes payload{parameters * mapping_.gradient_bytes};
    add(Cause::data, gradients, mapping_.distributed_optimizer ? Operation::reduce_scatter : Operation::all_reduce,
        group, payload, parameters > 0 ? 1 : 0, overlap);
    add(Cause::data, gathered, Operation::all_gather, group, Bytes{parameters * mapping_.bytes_per_element},
        mapping_.distributed_optimizer && parameters > 0 ? 1 : 0);
  }

  void add_data() {
    add_gradients(data_group(mapping_), first_stage_parameters(model_, mapping_), "gradients", "parameters");
    if (model_.experts > 0) {
      add_gradients(expert_data_group(mapping_), most_expert_parameters(model_, mapping_), "expert gradients",
                    "expert parameters");
    }
    if (mapping_.pipeline > 1 && model_.tied_embeddings) {
      add(Cause::tied_embedding, "embedding gradients", Operation::all_reduce, embedding_group(mapping_),
          Bytes{divided_up(model_.embedding_parameters(), mapping_.tensor) * mapping_.gradient_bytes}, 1);
    }
  }

  const Transformer& model_;
  const Mapping& mapping_;
  CriticalStage critical_;
  Bytes activation_;
  PlacedGroup tensor_;
  StageLinks links_;
  MessageList list_;
};

}  // namespace

void MessageList::add(const Message& message) {
  if (message.count == 0 || message.placed.group.ranks < 2) {
    return;
  }
  if (size_ == capacity) {
    throw Failure("a step has more kinds of messages than a MessageList holds");
  }
  messages_[size_++] = message;
}

std::uint64_t first_stage_parameters(const Transformer& model, const Mapping& mapping) {
  const bool both_embeddings = mapping.pipeline == 1 && !model.tied_embeddings;
  const std::uint64_t layers = model.shared_parameters(layers_of_stage(mapping, model, 0));
  const std::uint64_t embeddings = model.embedding_parameters() * (both_embeddings ? 2 : 1);
  return divided_up(layers + embeddings, mapping.tensor);
}

std::uint64_t most_expert_parameters(const Transformer& model, const Mapping& mapping) {
  std::uint64_t most = 0;
  for (std::uint64_t stage = 0; stage < mapping.pipeline && model.experts > 0; ++stage) {
    most = std::max(most, layers_of_stage(mapping, model, stage).experts);
  }
  return divided_up(most * model.expert_parameters_per_layer(), mapping.expert * mapping.tensor_of_experts());
}

double routing_imbalance(std::uint64_t experts, std::uint64_t expert_parallel, double skew) {
  if (skew == 0 || expert_parallel < 2) {
    return 1;
  }
  double busiest = 0;
  double all = 0;
  for (std::uint64_t expert = 0; expert < experts; ++expert) {
    const double share = std::pow(static_cast<double>(expert + 1), -skew);
    all += share;
    busiest += expert < experts / expert_parallel ? share : 0;
  }
  return busiest / all * static_cast<double>(expert_parallel);
}

LayerCounts layers_of_stage(const Mapping& mapping, const Transformer& model, CriticalStage stage) {
  return layers_of_stage(mapping, model, stage == CriticalStage::first ? 0 : mapping.pipeline - 1);
}

MessageList list_messages(const Transformer& model, const Mapping& mapping, CriticalStage critical) {
  return StepMessages(model, mapping, critical).list();
}

std::vector<Message> step_messages(const Transformer& model, const Mapping& mapping, CriticalStage critical) {
  check(mapping, model);
  const MessageList list = list_messages(model, mapping, critical);
  return {list.begin(), list.end()};
}

}  // namespace hockney::inline workload
