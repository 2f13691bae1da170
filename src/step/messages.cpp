#include "step/messages.hpp"

#include <utility>

namespace hockney {
namespace {

constexpr std::uint64_t divided_up(std::uint64_t value, std::uint64_t divisor) {
  return (value + divisor - 1) / divisor;
}

/// The list under construction: one function per cause.
class StepMessages {
 public:
  StepMessages(const Transformer& model, const Mapping& mapping)
      : model_(model),
        mapping_(mapping),
        activation_(model.activation(mapping.micro_batch, mapping.bytes_per_element)) {
    tensor_ = tensor_group(mapping);
    if (mapping.pipeline > 1) {
      links_ = stage_links(mapping);
    }
  }

  std::vector<Message> list() && {
    add_tensor();
    if (mapping_.pipeline > 1) {
      add_pipeline();
      add_bubble();
    }
    add_data();
    return std::move(messages_);
  }

 private:
  void add(Cause cause, std::string purpose, Operation operation, const PlacedGroup& placed, Bytes payload,
           std::uint64_t count) {
    if (count > 0 && placed.group.ranks > 1) {
      messages_.push_back({cause, std::move(purpose), operation, placed, payload, count});
    }
  }

  std::uint64_t all_reduces_per_layer() const { return mapping_.recompute == Recompute::full ? 6 : 4; }

  void add_tensor() {
    const std::uint64_t m = mapping_.micro_batches();
    const auto all_reduce = [&](std::string purpose, Bytes payload, std::uint64_t count) {
      add(Cause::tensor, std::move(purpose), Operation::all_reduce, tensor_, payload, count);
    };
    all_reduce("layers", activation_, model_.layers / mapping_.pipeline * all_reduces_per_layer() * m);
    if (mapping_.pipeline == 1) {
      all_reduce("embedding forward", activation_, m);
    }
    all_reduce("logits backward", activation_, m);
    all_reduce("cross entropy", Bytes{mapping_.micro_batch * model_.sequence * 4}, 3 * m);
  }

  void add_transfers(Cause cause, std::uint64_t within_nodes, std::uint64_t between_nodes) {
    const Bytes payload = mapping_.scatter_gather ? activation_ / mapping_.tensor : activation_;
    for (const bool crosses : {false, true}) {
      add(cause, "transfer to the next stage", Operation::pipeline_forward_backward, stage_pair(mapping_, crosses),
          payload, crosses ? between_nodes : within_nodes);
    }
    if (mapping_.scatter_gather) {
      add(cause, "gather after a transfer", Operation::all_gather, tensor_, activation_, within_nodes + between_nodes);
    }
  }

  void add_pipeline() {
    const std::uint64_t chunks = mapping_.micro_batches() * mapping_.virtual_stages;
    add_transfers(Cause::pipeline, (2 - links_.per_micro_batch) * chunks, links_.per_micro_batch * chunks);
  }

  void add_bubble() {
    const std::uint64_t p = mapping_.pipeline;
    const std::uint64_t layers = (p - 1) * (model_.layers / (p * mapping_.virtual_stages));
    add(Cause::bubble, "layers of the other stages", Operation::all_reduce, tensor_, activation_,
        layers * all_reduces_per_layer());
    add(Cause::bubble, "first embedding forward", Operation::all_reduce, tensor_, activation_, 1);
    const std::uint64_t within = p - 1 - links_.crossing;
    add_transfers(Cause::bubble, 2 * within - (2 - links_.per_micro_batch),
                  2 * links_.crossing - links_.per_micro_batch);
  }

  void add_data() {
    add(Cause::data, "gradients", Operation::all_reduce, data_group(mapping_),
        Bytes{first_stage_parameters(model_, mapping_) * mapping_.gradient_bytes}, 1);
    if (mapping_.pipeline > 1 && model_.tied_embeddings) {
      add(Cause::tied_embedding, "embedding gradients", Operation::all_reduce, embedding_group(mapping_),
          Bytes{divided_up(model_.embedding_parameters(), mapping_.tensor) * mapping_.gradient_bytes}, 1);
    }
  }

  const Transformer& model_;
  const Mapping& mapping_;
  Bytes activation_;
  PlacedGroup tensor_;
  StageLinks links_;
  std::vector<Message> messages_;
};

}  // namespace

std::uint64_t first_stage_parameters(const Transformer& model, const Mapping& mapping) {
  const bool both_embeddings = mapping.pipeline == 1 && !model.tied_embeddings;
  const std::uint64_t layers = model.layers / mapping.pipeline * model.parameters_per_layer();
  const std::uint64_t embeddings = model.embedding_parameters() * (both_embeddings ? 2 : 1);
  return divided_up(layers + embeddings, mapping.tensor);
}

std::vector<Message> step_messages(const Transformer& model, const Mapping& mapping) {
  check(mapping, model);
  return StepMessages(model, mapping).list();
}

}  // namespace hockney
