#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace hockney::inline workload {

/// The shape of a decoder-only transformer, as far as communication depends on it. Symbols as in Megatron-LM's papers
/// (arXiv 2104.04473, 2205.05198): L layers, h hidden, a heads, s sequence, V vocabulary.
struct Transformer {
  std::string name;
  std::string source;  ///< where the numbers are published
  std::uint64_t layers = 0;
  std::uint64_t hidden = 0;
  std::uint64_t heads = 0;
  std::uint64_t key_value_heads = 0;  ///< = heads unless grouped-query attention is used
  std::uint64_t feed_forward = 0;     ///< inner width of the MLP; 4 h unless given
  bool gated_feed_forward = false;    ///< SwiGLU: three matrices instead of two
  std::uint64_t sequence = 0;
  std::uint64_t vocabulary = 0;
  bool tied_embeddings = true;          ///< input and output embedding share one matrix
  std::uint64_t experts = 0;            ///< of every layer's MLP; 0: dense
  std::uint64_t experts_per_token = 1;  ///< top-k of the router; means nothing without experts

  friend auto operator<=>(const Transformer&, const Transformer&) = default;

  /// Bytes of one activation tensor between layers: micro_batch * s * h elements of `bytes_per_element`.
  /// Throws InputError above 2^53 B.
  Bytes activation(std::uint64_t micro_batch, std::uint64_t bytes_per_element = 2) const;

  /// Weights of one layer: attention (2 + 2 kv/a) h^2 plus 2 or 3 matrices h * feed_forward, plus norms and biases
  /// (2104.04473 eq. 2 for the GPT shape: 12 h^2 + 13 h). With experts the matrices count once per expert, and the
  /// router adds experts * h.
  std::uint64_t parameters_per_layer() const;

  /// Of parameters_per_layer(), those of the experts' matrices; 0 for a dense model.
  std::uint64_t expert_parameters_per_layer() const;

  /// Weights of the whole model: all layers, the token embedding (twice unless tied), learned positions left out.
  std::uint64_t parameters() const;

  /// Weights of the token embedding, V h.
  std::uint64_t embedding_parameters() const;
};

/// The shape in one line: "gpt3-175b: 96 layers, hidden 12288, ...".
std::string to_string(const Transformer& model);

/// What is wrong with a shape: the member that cannot be, by its key in a model file, and what was expected.
struct ShapeFault {
  std::string_view key;
  std::string expected;
};

/// The first fault: a size of 0 or of more than 2^32, hidden not a multiple of heads, heads not of key_value_heads,
/// 0 or more experts per token than experts. Nothing for a shape that can be.
std::optional<ShapeFault> fault_in(const Transformer& model);

/// Reads a model file (TOML). Throws InputError for unknown keys, missing keys, and shapes with a fault_in() them.
Transformer read_transformer(const std::filesystem::path& file);

/// The same from text; `origin` stands for the file name in messages.
Transformer parse_transformer(std::string_view text, const std::string& origin);

/// A model by the name of a file that comes with Hockney ("gpt3-175b") or by a path ending in ".toml".
/// `shipped` is the folder of the shipped models. Throws InputError that names the nearest known model.
Transformer find_transformer(const std::string& name_or_file, const std::filesystem::path& shipped);

}  // namespace hockney::inline workload
