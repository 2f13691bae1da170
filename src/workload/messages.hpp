#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "vocabulary/operation.hpp"
#include "workload/group_placement.hpp"
#include "workload/mapping.hpp"
#include "workload/transformer.hpp"

namespace hockney::inline workload {

/// Why a step communicates.
enum class Cause {
  tensor,          ///< activations and their gradients summed over the tensor-parallel group
  sequence,        ///< the same under sequence parallelism: gathered and reduce-scattered
  context,         ///< keys and values gathered over the parts of a sequence
  expert,          ///< tokens sent to their experts and back
  pipeline,        ///< activations and gradients handed from stage to stage
  bubble,          ///< what the slowest stage waits for while the pipeline fills and drains
  data,            ///< gradients summed over the replicas, parameters gathered
  tied_embedding,  ///< gradients of the shared embedding summed over first and last stage
};

struct CauseNames {
  static constexpr std::string_view what = "cause";
  static constexpr std::array<NamedValue<Cause>, 8> table{{{Cause::tensor, "tensor"},
                                                           {Cause::sequence, "sequence"},
                                                           {Cause::context, "context"},
                                                           {Cause::expert, "expert"},
                                                           {Cause::pipeline, "pipeline"},
                                                           {Cause::bubble, "bubble"},
                                                           {Cause::data, "data"},
                                                           {Cause::tied_embedding, "tied_embedding"}}};
};
CauseNames names_of(Cause);

/// What a message runs beside, so that it costs less than its own time.
enum class Overlap {
  exposed,               ///< nothing: the GPU waits for it
  weight_gradient,       ///< the weight gradient GEMM of the layer's QKV and first MLP matrix, in turn
  input_gradient,        ///< the input gradient GEMM of the same two
  head_weight_gradient,  ///< the weight gradient GEMM of the logits
  head_input_gradient,   ///< the input gradient GEMM of the logits
  attention,             ///< the attention core of the layer, forward
  attention_backward,    ///< the same, backward
  other_direction,       ///< the transfer that comes the other way at the same time
  chunk,                 ///< the computation of another chunk of layers
  other_micro_batch,     ///< a layer, forward and backward, of two other micro-batches: an even share of it
  last_backward,         ///< the backward pass of the last micro-batch
};

struct OverlapNames {
  static constexpr std::string_view what = "overlap";
  static constexpr std::array<NamedValue<Overlap>, 11> table{{{Overlap::exposed, "exposed"},
                                                              {Overlap::weight_gradient, "weight_gradient"},
                                                              {Overlap::input_gradient, "input_gradient"},
                                                              {Overlap::head_weight_gradient, "head_weight_gradient"},
                                                              {Overlap::head_input_gradient, "head_input_gradient"},
                                                              {Overlap::attention, "attention"},
                                                              {Overlap::attention_backward, "attention_backward"},
                                                              {Overlap::other_direction, "other_direction"},
                                                              {Overlap::chunk, "chunk"},
                                                              {Overlap::other_micro_batch, "other_micro_batch"},
                                                              {Overlap::last_backward, "last_backward"}}};
};
OverlapNames names_of(Overlap);

/// Operations that passes of micro-batches through the layers do; both 0 of what is not done in layers.
struct Passes {
  std::uint64_t forward = 0;
  std::uint64_t backward = 0;  ///< recomputation included
};

/// Equal operations of a step, one after the other.
struct Message {
  Cause cause = Cause::tensor;
  std::string_view purpose;  ///< "layers forward", "cross entropy" ...: text with static lifetime; empty: of no step
  /// A collective, or pipeline_forward_backward for one message between neighbouring stages.
  Operation operation = Operation::all_reduce;
  PlacedGroup placed;
  Bytes payload;
  std::uint64_t count = 0;  ///< per step
  Overlap overlap = Overlap::exposed;
  Passes passes{};  ///< of `count`
};

/// The messages of one step, without memory of its own on the heap, so that a search can make millions.
class MessageList {
 public:
  static constexpr std::size_t capacity = 48;  ///< more than the longest list

  /// Adds a message; one with a count of zero, or of a group of one rank, is left out.
  void add(const Message& message);

  const Message* begin() const { return messages_.data(); }
  const Message* end() const { return messages_.data() + size_; }
  std::size_t size() const { return size_; }

 private:
  std::array<Message, capacity> messages_;
  std::size_t size_ = 0;
};

/// The stage whose work sets the pace. With equal stages it is the last one, which has the logits; where L is no
/// multiple of p, the first one, which holds a layer more, may be slower.
enum class CriticalStage { first, last };

/// Layers of that stage by kind.
LayerCounts layers_of_stage(const Mapping& mapping, const Transformer& model, CriticalStage stage);

/// What one training step communicates, in order of cause, seen from the slowest stage. M = b (s/c) h bytes_per_element
/// is the activation tensor of a micro-batch; L' the layers of the slowest stage, m the micro-batches. 1F1B (2104.04473
/// section 2.2): m micro-batches through the slowest stage, plus one passage through the others while the pipeline
/// fills and drains.
///
/// tensor, t > 1, without sequence parallelism (2104.04473 section 2.3; Megatron-LM core/tensor_parallel/layers.py):
///   layers forward    2 all-reduces of M per layer and micro-batch, exposed
///   layers recomputed the same once more under full recompute (2205.05198 section 5), of the layers that do it
///   layers backward   2 all-reduces of M, started before the weight gradient GEMM that does not need them
///                     (LinearWithGradAccumulationAndAsyncCommunication; 2205.05198 Table 4, last paragraph)
///   logits backward   1 all-reduce of M per micro-batch, beside the logits' weight gradient
///   cross entropy     3 all-reduces of b s/c fp32 values per micro-batch (maximum, target logit, sum of exponentials)
///   embedding forward 1 all-reduce of M per micro-batch when p = 1. For p > 1 the first stage does it in the shadow of
///                     the last one, except once, in the bubble
/// sequence, t > 1, with sequence parallelism (2205.05198 section 4.2.2), M of the whole sequence:
///   layers forward    2 all-gathers and 2 reduce-scatters per layer, exposed; once more under full recompute
///   layers backward   2 all-gathers of gradients, exposed; 2 reduce-scatters beside weight gradients; 2 all-gathers of
///                     the layers' inputs, which were kept in parts, beside input gradients
///   logits            an all-gather forward, another beside the input gradient, a reduce-scatter beside the weight
///                     gradient; embedding: a reduce-scatter forward, an all-gather backward, when p = 1
///   experts           in the MLP's place: gathered and scattered are the tokens that were sent to them, top-k M of the
///                     busiest rank, exposed; nothing is gathered again (token_dispatcher.py). Of experts that are cut
///                     t' < t ways, top-k M t'/t over t' ranks. Shared experts are an MLP beside them
/// context, c > 1: keys and values (b s times their widths / t elements) gathered forward, gathered again and
/// reduce-scattered
///   backward, beside the attention core of that pass; once more under full recompute. The bytes are those of
///   Megatron-LM's ring of sends (--cp-comm-type p2p, its default), which runs beside attention
/// expert, e > 1 (Megatron-LM core/transformer/moe/token_dispatcher.py): 2 all-to-alls forward and 2 backward per layer
///   of tokens x top-k x h elements; once more under full recompute. Routing skew is in the payload: that of the rank
///   with the most popular experts
/// pipeline, p > 1: one activation and one gradient of M per micro-batch and virtual stage. With plain 1F1B the last
///   stage has one neighbour, and after the first activation the next one arrives while a gradient leaves: of 2 m
///   transfers m + 1 are exposed. Interleaved: all 2 m v, or beside other chunks with overlap_transfers. Every tensor
///   rank sends the full M; M/t under sequence parallelism; with scatter_gather M/t, and an all-gather of M over the
///   tensor group follows each.
/// bubble, p > 1: the messages of the layers of one passage through the other stages (1/v of them under interleaving),
///   the first embedding forward (and its backward all-gather under sequence parallelism), and 2 (p - 2) transfers:
///   those of the 2 (m + p - 2) steps of the chain (pipeline_steps()) that are not the stage's own. The computation in
///   the bubble is not in here.
/// data, c d > 1: one all-reduce of the gradients of one GPU of the first stage, which drains last and holds the
///   embedding; under distributed_optimizer a reduce-scatter of them and an all-gather of the parameters
///   (bytes_per_element each). Experts' gradients over c d / e ranks. With overlap_gradients beside the last backward
///   pass. Norms and row biases are taken as split over t, and learned positions (s h) are left out: below 1 % of the
///   payload at t p > 1.
/// tied_embedding, p > 1: one all-reduce of V h / t gradients between first and last stage.
///
/// The mapping is taken as checked.
MessageList list_messages(const Transformer& model, const Mapping& mapping,
                          CriticalStage critical = CriticalStage::last);

/// The same as a vector. Throws InputError as check() does.
std::vector<Message> step_messages(const Transformer& model, const Mapping& mapping,
                                   CriticalStage critical = CriticalStage::last);

/// Parameters that one GPU of the first stage holds, as in the data messages, the experts' left out.
std::uint64_t first_stage_parameters(const Transformer& model, const Mapping& mapping);

/// Parameters of experts that one GPU holds, of the stage with most: first layers may be dense.
std::uint64_t most_expert_parameters(const Transformer& model, const Mapping& mapping);

/// Load of the busiest of e ranks over the mean load, when expert j of `experts` gets a share proportional to
/// (j + 1)^-skew and ranks hold neighbouring experts: 1 for a skew of 0.
double routing_imbalance(std::uint64_t experts, std::uint64_t expert_parallel, double skew);

}  // namespace hockney::inline workload
