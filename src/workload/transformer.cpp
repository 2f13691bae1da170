#include "workload/transformer.hpp"

#include <fmt/format.h>

#include "base/shipped.hpp"
#include "base/strict_table.hpp"
#include "workload/transformer_fields.hpp"

namespace hockney::inline workload {

Bytes Transformer::activation(std::uint64_t micro_batch, std::uint64_t bytes_per_element) const {
  constexpr double most = 9007199254740992.0;  // 2^53: exact as double, and far beyond any memory
  const double bytes = static_cast<double>(micro_batch) * static_cast<double>(sequence) * static_cast<double>(hidden) *
                       static_cast<double>(bytes_per_element);
  if (bytes > most) {
    throw InputError(fmt::format("an activation of {} with micro-batch {} would have over 2^53 B", name, micro_batch));
  }
  return Bytes{micro_batch * sequence * hidden * bytes_per_element};
}

std::uint64_t Transformer::parameters_per_layer() const {
  const std::uint64_t key_value_width = hidden / heads * key_value_heads;
  const std::uint64_t attention = 2 * hidden * hidden + 2 * hidden * key_value_width;
  const std::uint64_t matrices = gated_feed_forward ? 3 : 2;
  const std::uint64_t norms_and_biases = gated_feed_forward ? 2 * hidden : 9 * hidden + feed_forward;
  const std::uint64_t copies = experts > 0 ? experts : 1;
  return attention + copies * matrices * hidden * feed_forward + experts * hidden + norms_and_biases;
}

std::uint64_t Transformer::expert_parameters_per_layer() const {
  return experts * (gated_feed_forward ? 3 : 2) * hidden * feed_forward;
}

std::uint64_t Transformer::parameters() const {
  return layers * parameters_per_layer() + embedding_parameters() * (tied_embeddings ? 1 : 2);
}

std::uint64_t Transformer::embedding_parameters() const { return vocabulary * hidden; }

Transformer read_transformer(const std::filesystem::path& file) {
  return parse_transformer(read_text_file(file), file.string());
}

std::string to_string(const Transformer& model) {
  return fmt::format("{}: {} layers, hidden {}, {} heads, sequence {}, vocabulary {}", model.name, model.layers,
                     model.hidden, model.heads, model.sequence, model.vocabulary);
}

std::optional<ShapeFault> fault_in(const Transformer& model) {
  constexpr std::uint64_t most = 1ULL << 32;
  for (const auto& [key, value] :
       {std::pair{"layers", model.layers}, std::pair{"hidden", model.hidden}, std::pair{"heads", model.heads},
        std::pair{"sequence", model.sequence}, std::pair{"vocabulary", model.vocabulary},
        std::pair{"key_value_heads", model.key_value_heads}, std::pair{"feed_forward", model.feed_forward}}) {
    if (value < 1 || value > most) {
      return ShapeFault{key, fmt::format("{} given, expected 1 to {}", value, most)};
    }
  }
  if (model.hidden % model.heads != 0) {
    return ShapeFault{"heads", fmt::format("expected a divisor of hidden = {}", model.hidden)};
  }
  if (model.heads % model.key_value_heads != 0) {
    return ShapeFault{"key_value_heads", fmt::format("expected a divisor of heads = {}", model.heads)};
  }
  if (model.experts_per_token < 1) {
    return ShapeFault{"experts_per_token", "expected 1 or more"};
  }
  if (model.experts > most || (model.experts > 0 && model.experts_per_token > model.experts)) {
    return ShapeFault{"experts_per_token", fmt::format("expected at most experts = {}", model.experts)};
  }
  return std::nullopt;
}

Transformer parse_transformer(std::string_view text, const std::string& origin) {
  StrictTable table = StrictTable::parse(text, origin);
  Transformer model;
  table.read_fields(transformer_fields, model);
  model.key_value_heads = table.has("key_value_heads") ? model.key_value_heads : model.heads;
  model.feed_forward = table.has("feed_forward") ? model.feed_forward : 4 * model.hidden;
  table.finish();
  if (const auto fault = fault_in(model)) {
    table.refuse(fault->key, fault->expected);
  }
  return model;
}

Transformer find_transformer(const std::string& name_or_file, const std::filesystem::path& shipped) {
  return read_transformer(find_shipped_toml("model", name_or_file, shipped));
}

}  // namespace hockney::inline workload
