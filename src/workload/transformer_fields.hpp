#pragma once

#include <tuple>

#include "base/fields.hpp"
#include "workload/transformer.hpp"

namespace hockney::inline workload {

/// What a model file, a table of training steps and JSON tell of a model, by these names. Where `key_value_heads` or
/// `feed_forward` is not told, it follows from others.
inline constexpr std::tuple transformer_fields{
    field<&Transformer::name>("name", "", "name of the model").required(),
    field<&Transformer::source>("source", "", "where the numbers are published").required(),
    field<&Transformer::layers>("layers", "1", "layers").required(),
    field<&Transformer::hidden>("hidden", "1", "hidden size").required(),
    field<&Transformer::heads>("heads", "1", "attention heads").required(),
    field<&Transformer::key_value_heads>("key_value_heads", "1", "key-value heads; usually as many as heads"),
    field<&Transformer::feed_forward>("feed_forward", "1", "inner width of the MLP; usually 4 hidden"),
    field<&Transformer::gated_feed_forward>("gated_feed_forward", "1", "three matrices in the MLP instead of two"),
    field<&Transformer::sequence>("sequence", "1", "tokens of a sequence").required(),
    field<&Transformer::vocabulary>("vocabulary", "1", "rows of the embedding").required(),
    field<&Transformer::tied_embeddings>("tied_embeddings", "1", "input and output embedding share one matrix"),
    field<&Transformer::experts>("experts", "1", "experts of every layer's MLP; 0: dense"),
    field<&Transformer::experts_per_token>("experts_per_token", "1", "experts that the router gives a token to"),
};

}  // namespace hockney::inline workload
