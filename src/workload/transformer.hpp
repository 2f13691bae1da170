#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/shipped.hpp"

namespace hockney::inline workload {

/// Layers by their kind.
struct LayerCounts {
  std::uint64_t dense = 0;
  std::uint64_t experts = 0;

  constexpr std::uint64_t all() const { return dense + experts; }
};

/// The shape of a decoder-only transformer, as far as computation, communication and memory depend on it. Symbols as in
/// Megatron-LM's papers (arXiv 2104.04473, 2205.05198): L layers, h hidden, a heads, s sequence, V vocabulary. A size
/// of 0 that "follows" from others is told by the member function of its name.
///
/// Multi-head latent attention (MLA; DeepSeek-AI, arXiv 2405.04434, section 2.1) is on where key_value_rank is above 0:
/// keys and values of every head come from one vector of that width, queries from one of query_rank; of a head's width
/// rotary_width holds the position, whose key all heads share.
struct Transformer {
  std::string name;
  std::string source;  ///< where the numbers are published
  std::uint64_t layers = 0;
  std::uint64_t hidden = 0;
  std::uint64_t heads = 0;
  std::uint64_t key_value_heads = 0;   ///< = heads unless grouped-query attention is used
  std::uint64_t head_width = 0;        ///< of a head's queries and keys; 0: hidden/heads
  std::uint64_t value_width = 0;       ///< of a head's values; 0: as its keys
  std::uint64_t query_rank = 0;        ///< MLA; 0: queries come from the hidden state
  std::uint64_t key_value_rank = 0;    ///< MLA; 0: no MLA
  std::uint64_t rotary_width = 0;      ///< MLA
  std::uint64_t attention_window = 0;  ///< tokens that a layer with sliding-window attention looks back over
  std::uint64_t windowed_layers = 0;   ///< layers that have the window; the others attend to the whole sequence
  std::uint64_t feed_forward = 0;      ///< inner width of the MLP; 4 h unless given
  bool gated_feed_forward = false;     ///< SwiGLU: three matrices instead of two
  std::uint64_t sequence = 0;
  std::uint64_t vocabulary = 0;
  bool tied_embeddings = true;            ///< input and output embedding share one matrix
  std::uint64_t experts = 0;              ///< of a layer with experts in its MLP's place; 0: a dense model
  std::uint64_t experts_per_token = 1;    ///< top-k of the router; means nothing without experts
  std::uint64_t expert_feed_forward = 0;  ///< inner width of an expert; 0: feed_forward
  std::uint64_t shared_feed_forward = 0;  ///< inner width of the experts that every token passes, together; 0: none
  std::uint64_t dense_layers = 0;         ///< the first layers, whose MLP has no experts
  std::uint64_t expert_interval = 1;      ///< of the other layers every n-th has experts
  std::uint64_t expert_groups = 1;        ///< equal shares of the experts; a router limited to some of them, as
  std::uint64_t groups_per_token = 0;     ///< DeepSeek-V3's to 4 of 8 nodes, gives a token to these; 0: all

  friend auto operator<=>(const Transformer&, const Transformer&) = default;

  bool has_latent_attention() const { return key_value_rank > 0; }
  std::uint64_t query_width() const;   ///< of all heads
  std::uint64_t key_width() const;     ///< of all key-value heads; under MLA of all heads
  std::uint64_t values_width() const;  ///< of all key-value heads; under MLA of all heads
  std::uint64_t output_width() const;  ///< what all heads together hand to the output projection
  std::uint64_t expert_width() const { return expert_feed_forward > 0 ? expert_feed_forward : feed_forward; }

  /// All layers by kind.
  LayerCounts layer_counts() const;

  /// Mean over the layers of the pairs of tokens that attend, over those of causal attention to the whole sequence: 1
  /// without windows, of w < s tokens 2 w/s - (w/s)^2 in the layers that have them.
  double attended_share() const;

  /// Bytes of one activation tensor between layers: micro_batch * s * h elements of `bytes_per_element`.
  /// Throws InputError above 2^53 B.
  Bytes activation(std::uint64_t micro_batch, std::uint64_t bytes_per_element = 2) const;

  /// Weights of attention in one layer: h times the widths of queries, keys, values and output ((2 + 2 kv/a) h^2 where
  /// heads are h/a wide), or MLA's matrices.
  std::uint64_t attention_parameters() const;

  /// Weights of some layers without the matrices of routed experts: attention, 2 or 3 matrices h * feed_forward of a
  /// dense MLP or of the shared experts, the router, norms and biases (2104.04473 eq. 2 for the GPT shape: 12 h^2 +
  /// 13 h a layer).
  std::uint64_t shared_parameters(LayerCounts layers) const;

  /// Of one layer with experts the matrices of routed experts; 0 for a dense model.
  std::uint64_t expert_parameters_per_layer() const;

  /// Weights of one layer: of one with experts where the model has such.
  std::uint64_t parameters_per_layer() const;

  /// Weights of the whole model: all layers, the token embedding (twice unless tied), learned positions left out.
  std::uint64_t parameters() const;

  /// Weights that one token is multiplied with: of the experts those that it is routed to, of the embeddings the one
  /// that makes logits.
  std::uint64_t active_parameters() const;

  /// Weights of the token embedding, V h.
  std::uint64_t embedding_parameters() const;
};

/// Floating-point operations of one token's forward and backward pass: 6 per active weight, and 6 s per element of the
/// heads' queries and outputs (2104.04473 eq. 3, whose attention is not halved by causality), of the attended share.
double training_flops_per_token(const Transformer& model);

/// The shape in one line: "gpt3-175b: 96 layers, hidden 12288, ...".
std::string to_string(const Transformer& model);

/// What is wrong with a shape: the member that cannot be, by its key in a model file, and what was expected.
struct ShapeFault {
  std::string_view key;
  std::string expected;
};

/// The first fault: a size of 0 or of more than 2^32, hidden not a multiple of heads whose width is not given, heads
/// not of key_value_heads, 0 or more experts per token than experts, sizes of MLA without its rank, more windowed or
/// dense layers than layers, groups that do not divide the experts. Nothing for a shape that can be.
std::optional<ShapeFault> fault_in(const Transformer& model);

/// Of these, those of attention's widths and windows, of experts and dense layers, for a shape with layers and heads.
std::optional<ShapeFault> fault_in_parts(const Transformer& model);

/// Reads a model file (TOML). Throws InputError for unknown keys, missing keys, and shapes with a fault_in() them.
Transformer read_transformer(const std::filesystem::path& file);

/// The same from text; `origin` stands for the file name in messages.
Transformer parse_transformer(std::string_view text, const std::string& origin);

/// A model by a name that model_meant() knows ("gpt3-175b", "Llama 3.1 8B"), or by a path: with '/' or ending in
/// ".toml". `shipped` is the folder of the shipped models. Throws InputError that names the nearest known model.
Transformer find_transformer(const std::string& name_or_file,
                             const std::filesystem::path& shipped = shipped_folder() / "models");

/// All models of a folder, by name of file. Throws as read_transformer().
std::vector<Transformer> read_transformers(const std::filesystem::path& folder);

/// The known model that a table of training steps means by a shape: the one with its layers, hidden size, heads,
/// key-value heads (latent attention has none of its own), experts, experts per token, and its inner width as that of
/// the MLP or of an expert; of several the one whose vocabulary is nearest. nullptr: none.
const Transformer* model_of_shape(std::span<const Transformer> known, const Transformer& shape);

/// Takes from a model what a shape does not tell and what its own columns had to leave out: widths of heads, latent
/// attention, windows, shared experts, dense layers.
void complete(Transformer& shape, const Transformer& model);

}  // namespace hockney::inline workload
