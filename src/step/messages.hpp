#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/transformer.hpp"
#include "names/names.hpp"
#include "plan/operation.hpp"
#include "step/group_placement.hpp"
#include "step/mapping.hpp"
#include "units/bytes.hpp"

namespace hockney {

/// Why a step communicates.
enum class Cause {
  tensor,          ///< activations and their gradients summed over the tensor-parallel group
  pipeline,        ///< activations and gradients handed from stage to stage
  bubble,          ///< what the slowest stage waits for while the pipeline fills and drains
  data,            ///< gradients summed over the replicas
  tied_embedding,  ///< gradients of the shared embedding summed over first and last stage
};

template <>
struct Names<Cause> {
  static constexpr std::string_view what = "cause";
  static constexpr std::array<NamedValue<Cause>, 5> table{{{Cause::tensor, "tensor"},
                                                           {Cause::pipeline, "pipeline"},
                                                           {Cause::bubble, "bubble"},
                                                           {Cause::data, "data"},
                                                           {Cause::tied_embedding, "tied_embedding"}}};
};

/// Equal operations that lie one after the other on the critical path of a step, none hidden behind computation.
struct Message {
  Cause cause = Cause::tensor;
  std::string purpose;  ///< "layers", "logits backward" ...
  /// A collective, or pipeline_forward_backward for one message between neighbouring stages.
  Operation operation = Operation::all_reduce;
  PlacedGroup placed;
  Bytes payload;
  std::uint64_t count = 0;  ///< per step
};

/// What one training step communicates, in order of cause; entries with a count of zero are left out. M = b s h e is
/// the activation tensor of a micro-batch. The critical path is that of 1F1B (2104.04473 section 2.2) when nothing is
/// overlapped: m micro-batches through the slowest stage, which is the last one since it holds the logits, plus one
/// passage through the others while the pipeline fills and drains. Against the schedule played move by move (p > 2,
/// equal stages) this is exact for m = 1 and one transfer too many for m > 1. The end stages have one exchange per
/// micro-batch where the inner ones have two; the extras of the last stage fall beside it but are counted in full,
/// which is too much by at most one transfer per micro-batch.
///
/// tensor, t > 1 (2104.04473 section 2.3; Megatron-LM core/tensor_parallel):
///   layers            4 all-reduces of M per layer and micro-batch (2 forward, 2 backward), 6 with full recompute,
///                     which repeats the forward ones; L/p layers, m micro-batches
///   logits backward   1 all-reduce of M per micro-batch (gradient of the last layer's output)
///   cross entropy     3 all-reduces of b s fp32 values per micro-batch (maximum, target logit, sum of exponentials)
///   embedding forward 1 all-reduce of M per micro-batch when p = 1. For p > 1 the first stage does it in the shadow of
///                     the last one, except once, in the bubble
/// pipeline, p > 1: one activation and one gradient of M per micro-batch and virtual stage: 2 m v transfers. Every
///   tensor rank sends the full M; with scatter_gather M/t, and an all-gather of M over the tensor group follows each.
///   For p = 2 the two directions of a full-duplex link could overlap; both are counted.
/// bubble, p > 1: (p - 1) L/(p v) layers' all-reduces, the first embedding forward, and 2 (p - 2) transfers: those of
///   the 2 (m + p - 2) steps of the chain (pipeline_steps()) that are not the stage's own. The computation in the
///   bubble is not in here.
/// data, d > 1: one all-reduce of the gradients of one GPU of the first stage, which drains last and holds the
///   embedding: (L/p parameters_per_layer + V h) / t parameters (both embeddings if untied and p = 1). Norms and row
///   biases are taken as split over t, and learned positions (s h) are left out: below 1 % of the payload at t p > 1.
/// tied_embedding, p > 1: one all-reduce of V h / t gradients between first and last stage.
///
/// Throws InputError as check() does.
std::vector<Message> step_messages(const Transformer& model, const Mapping& mapping);

/// Parameters that one GPU of the first stage holds, as in the data messages.
std::uint64_t first_stage_parameters(const Transformer& model, const Mapping& mapping);

}  // namespace hockney
