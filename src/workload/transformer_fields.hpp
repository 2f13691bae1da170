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
    field<&Transformer::head_width>("head_width", "1", "width of a head's queries and keys; 0: hidden / heads"),
    field<&Transformer::value_width>("value_width", "1", "width of a head's values; 0: as its keys"),
    field<&Transformer::query_rank>("query_rank", "1", "latent attention: width that queries come from; 0: hidden"),
    field<&Transformer::key_value_rank>("key_value_rank", "1",
                                        "latent attention: width that keys and values come from; 0: none"),
    field<&Transformer::rotary_width>("rotary_width", "1", "latent attention: part of a head's width with positions"),
    field<&Transformer::attention_window>("attention_window", "1", "tokens of sliding-window attention; 0: none"),
    field<&Transformer::windowed_layers>("windowed_layers", "1", "layers with sliding-window attention"),
    field<&Transformer::feed_forward>("feed_forward", "1", "inner width of the MLP; usually 4 hidden"),
    field<&Transformer::gated_feed_forward>("gated_feed_forward", "1", "three matrices in the MLP instead of two"),
    field<&Transformer::sequence>("sequence", "1", "tokens of a sequence").required(),
    field<&Transformer::vocabulary>("vocabulary", "1", "rows of the embedding").required(),
    field<&Transformer::tied_embeddings>("tied_embeddings", "1", "input and output embedding share one matrix"),
    field<&Transformer::experts>("experts", "1", "experts in the MLP's place; 0: dense"),
    field<&Transformer::experts_per_token>("experts_per_token", "1", "experts that the router gives a token to"),
    field<&Transformer::expert_feed_forward>("expert_feed_forward", "1",
                                             "inner width of an expert; 0: as feed_forward"),
    field<&Transformer::shared_feed_forward>("shared_feed_forward", "1",
                                             "inner width of the experts that every token passes; 0: none"),
    field<&Transformer::dense_layers>("dense_layers", "1", "first layers, without experts"),
    field<&Transformer::expert_interval>("expert_interval", "1", "of the other layers every n-th has experts"),
    field<&Transformer::expert_groups>("expert_groups", "1", "equal groups of experts of a router limited to some"),
    field<&Transformer::groups_per_token>("groups_per_token", "1", "groups of experts that a token goes to; 0: all"),
};

}  // namespace hockney::inline workload
