#include "workload/matmul.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace hockney::inline workload {
namespace {

/// A linear layer's weights on one rank: `out` x `in`.
struct Linear {
  std::string_view name;
  std::uint64_t out;
  std::uint64_t in;
};

std::uint64_t share(std::string_view what, std::uint64_t whole, std::uint64_t tensor, const Transformer& model) {
  if (whole % tensor != 0) {
    throw InputError(
        fmt::format("{} of {}: {} given, expected a multiple of tp = {}", what, model.name, whole, tensor));
  }
  return whole / tensor;
}

// Under latent attention each down-projection is whole on every rank.
std::vector<Linear> attention_layers(const Transformer& model, std::uint64_t tensor) {
  share("heads", model.heads, tensor, model);
  const std::uint64_t queries = model.query_width() / tensor;
  const Linear out{"attention_out", model.hidden, model.output_width() / tensor};
  if (!model.has_latent_attention()) {
    share("key-value heads", model.key_value_heads, tensor, model);
    return {{"qkv", queries + (model.key_width() + model.values_width()) / tensor, model.hidden}, out};
  }
  std::vector<Linear> layers{
      {"key_value_down", model.key_value_rank + model.rotary_width, model.hidden},
      {"key_value_up", (model.key_width() - model.heads * model.rotary_width + model.values_width()) / tensor,
       model.key_value_rank}};
  if (model.query_rank > 0) {
    layers.push_back({"query_down", model.query_rank, model.hidden});
  }
  layers.push_back({"query_up", queries, model.query_rank > 0 ? model.query_rank : model.hidden});
  layers.push_back(out);
  return layers;
}

std::vector<Linear> linear_layers(const Transformer& model, std::uint64_t tensor) {
  std::vector<Linear> layers = attention_layers(model, tensor);
  const std::uint64_t inner = share("feed_forward", model.feed_forward, tensor, model);
  layers.push_back({"mlp_up", inner * (model.gated_feed_forward ? 2 : 1), model.hidden});
  layers.push_back({"mlp_down", model.hidden, inner});
  layers.push_back({"logits", share("vocabulary", model.vocabulary, tensor, model), model.hidden});
  return layers;
}

Matmul product_of(const Linear& layer, std::uint64_t tokens, MatmulPass pass) {
  switch (pass) {
    case MatmulPass::forward:
      return {tokens, layer.out, layer.in, pass, {}};
    case MatmulPass::data_gradient:
      return {tokens, layer.in, layer.out, pass, {}};
    case MatmulPass::weight_gradient:
      break;
  }
  return {layer.out, layer.in, tokens, pass, {}};
}

bool is_same_product(const Matmul& a, const Matmul& b) {
  return a.m == b.m && a.n == b.n && a.k == b.k && a.pass == b.pass;
}

}  // namespace

std::vector<Matmul> layer_matmuls(const Transformer& model, std::uint64_t tensor, std::uint64_t micro_batch,
                                  const std::vector<MatmulPass>& passes) {
  std::vector<Matmul> products;
  for (const Linear& layer : linear_layers(model, tensor)) {
    for (const MatmulPass pass : passes) {
      Matmul product = product_of(layer, micro_batch * model.sequence, pass);
      product.layer = fmt::format("{}/{}/tp:{}/b:{}", model.name, layer.name, tensor, micro_batch);
      if (std::none_of(products.begin(), products.end(),
                       [&](const Matmul& other) { return is_same_product(other, product); })) {
        products.push_back(std::move(product));
      }
    }
  }
  return products;
}

}  // namespace hockney::inline workload
