#pragma once

#include <tuple>

#include "base/fields.hpp"
#include "plan/case.hpp"
#include "plan/step.hpp"
#include "vocabulary/group_fields.hpp"
#include "workload/matmul_fields.hpp"

// Apart from case.hpp, which nearly all sources include: compiling these takes longer than all the rest of it.
namespace hockney::inline plan {

/// Of a step the fields that differ between points. They are named as launch files have them.
inline constexpr std::tuple step_fields{
    field<&Step::model, &Transformer::name>("step_model", "", "step_replay: name of the model")
        .at_most(longest_layer_name)
        .since(2),
    field<&Step::model, &Transformer::layers>("step_layers", "1", "step_replay: layers; else 0").since(2),
    field<&Step::model, &Transformer::hidden>("step_hidden", "1", "step_replay: hidden size").since(2),
    field<&Step::model, &Transformer::heads>("step_heads", "1", "step_replay: attention heads").since(2),
    field<&Step::model, &Transformer::key_value_heads>("step_key_value_heads", "1", "step_replay: key-value heads")
        .since(2),
    field<&Step::model, &Transformer::feed_forward>("step_feed_forward", "1", "step_replay: inner width of the MLP")
        .since(2),
    field<&Step::model, &Transformer::gated_feed_forward>("step_gated_feed_forward", "1",
                                                          "step_replay: three matrices in the MLP")
        .since(2),
    field<&Step::model, &Transformer::sequence>("step_sequence", "1", "step_replay: tokens of a sequence").since(2),
    field<&Step::model, &Transformer::vocabulary>("step_vocabulary", "1", "step_replay: rows of the embedding")
        .since(2),
    field<&Step::model, &Transformer::tied_embeddings>("step_tied_embeddings", "1",
                                                       "step_replay: input and output embedding are one")
        .since(2),
    field<&Step::mapping, &Mapping::tensor>("step_tensor_parallel", "1", "step_replay: tensor-parallel size").since(2),
    field<&Step::mapping, &Mapping::pipeline>("step_pipeline_parallel", "1", "step_replay: pipeline stages").since(2),
    field<&Step::mapping, &Mapping::data>("step_data_parallel", "1", "step_replay: data-parallel replicas").since(2),
    field<&Step::mapping, &Mapping::micro_batch>("step_micro_batch", "1", "step_replay: sequences of a micro-batch")
        .since(2),
    field<computed<&Step::repeats_forward, &Step::set_repeats_forward>>(
        "step_full_recompute", "1", "step_replay: the backward pass repeats the forward one")
        .since(2),
    field<&Step::mapping, &Mapping::scatter_gather>("step_scatter_gather", "1",
                                                    "step_replay: shards between stages, then an all-gather")
        .since(2),
    field<&Step::mapping, &Mapping::gradient_bytes>("step_gradient_bytes", "byte",
                                                    "step_replay: one gradient of a weight")
        .since(2),
    field<&Step::compute_s>("step_compute", "s",
                            "step_replay: busy time for one layer's forward pass; backward takes twice")
        .since(2),
};

/// What runs where.
inline constexpr std::tuple place_fields{
    field<computed<&Case::operation, &Case::become>>("operation", "1", "what is timed"),
    field<&Case::transport>("transport", "1", "who moves the bytes"),
    field<&Case::fabric>("fabric", "1", "fabric that was asked for"),
};

/// How it runs; with the fields above and the group's these tell curves over the payload apart.
inline constexpr std::tuple condition_fields{
    field<&Case::element>("element", "1", "element type"),
    field<&Case::mode>("mode", "1", "how a sample is taken"),
    field<&Case::in_place>("in_place", "1", "send and receive buffer are one"),
    field<&Case::native>("native", "1", "NCCL's own call in place of a group of sends and receives").since(4),
    field<&Case::operations_per_sample>("operations_per_sample", "1", "operations behind one sample"),
    field<&Case::own, as<Reduction>>("reduction", "1", "how elements are combined; else sum").since(1),
    field<&Case::buffers>("buffers", "1", "where buffers come from").since(1),
    field<&Case::cache>("cache", "1", "whether operations find their buffers in the cache").since(1),
    field<&Case::own, as<Routing>, &Routing::skew>("routing_skew", "1",
                                                   "all_to_all_v: share of rank j as (j + 1)^-skew")
        .since(1),
    field<&Case::own, as<Routing>, &Routing::matrix>("routing_matrix", "",
                                                     "all_to_all_v: matrix file that replaces the skew")
        .at_most(longest_matrix_name)
        .since(1),
};

/// The last ones; micro-batches complete a step (Case::set_micro_batches()), so they come after its fields.
inline constexpr std::tuple last_fields{
    field<computed<&Case::micro_batches, &Case::set_micro_batches>>("micro_batches", "1",
                                                                    "micro-batches of a pipeline or step; else 0"),
    field<&Case::algorithm>("algorithm", "", "algorithm pinned or known; empty: not known").at_most(longest_pin),
    field<&Case::protocol>("protocol", "", "protocol pinned or known; empty: not known").at_most(longest_pin),
};

/// Every factor of a point once, by the names that launch files give their columns; "since" is their minor version. To
/// be set in this order.
inline constexpr std::tuple case_fields = std::tuple_cat(
    place_fields, inside<&Case::group>(group_fields),
    std::tuple{field<&Case::payload, &Bytes::count>("bytes", "byte", "payload: larger of a rank's two buffers")},
    condition_fields, inside<&Case::own, as<Matmul>>(matmul_fields), inside<&Case::own, as<Step>>(step_fields),
    last_fields);

/// The factors of a curve, beside its group and those of place_fields: what cost models keep of its shape. "Since" is
/// the minor version of cost models, too.
inline constexpr std::tuple curve_fields = std::tuple_cat(
    condition_fields, last_fields,
    std::tuple{field<&Case::software>("software", "", "versions and settings of the libraries").since(3)});

}  // namespace hockney::inline plan
