#include "workload/transformer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

#include "base/shipped.hpp"
#include "base/strict_table.hpp"
#include "workload/model_name.hpp"
#include "workload/transformer_fields.hpp"

namespace hockney::inline workload {
namespace {

constexpr std::uint64_t most = 1ULL << 32;

}  // namespace

Bytes Transformer::activation(std::uint64_t micro_batch, std::uint64_t bytes_per_element) const {
  constexpr double most_bytes = 9007199254740992.0;  // 2^53: exact as double, and far beyond any memory
  const double bytes = static_cast<double>(micro_batch) * static_cast<double>(sequence) * static_cast<double>(hidden) *
                       static_cast<double>(bytes_per_element);
  if (bytes > most_bytes) {
    throw InputError(fmt::format("an activation of {} with micro-batch {} would have over 2^53 B", name, micro_batch));
  }
  return Bytes{micro_batch * sequence * hidden * bytes_per_element};
}

std::uint64_t Transformer::query_width() const { return head_width > 0 ? heads * head_width : hidden; }

std::uint64_t Transformer::key_width() const {
  return has_latent_attention() ? query_width() : query_width() / heads * key_value_heads;
}

std::uint64_t Transformer::values_width() const {
  return value_width > 0 ? value_width * (has_latent_attention() ? heads : key_value_heads) : key_width();
}

std::uint64_t Transformer::output_width() const { return value_width > 0 ? heads * value_width : query_width(); }

LayerCounts Transformer::layer_counts() const {
  const std::uint64_t with_experts = experts == 0 ? 0 : (layers - dense_layers) / expert_interval;
  return {layers - with_experts, with_experts};
}

double Transformer::attended_share() const {
  if (attention_window == 0 || attention_window >= sequence) {
    return 1;
  }
  const double window = static_cast<double>(attention_window) / static_cast<double>(sequence);
  const double windowed = static_cast<double>(windowed_layers) / static_cast<double>(layers);
  return 1 - windowed * (1 - window) * (1 - window);
}

std::uint64_t Transformer::attention_parameters() const {
  if (!has_latent_attention()) {
    return hidden * (query_width() + key_width() + values_width() + output_width());
  }
  const std::uint64_t queries = query_rank > 0 ? query_rank * (hidden + query_width()) : hidden * query_width();
  const std::uint64_t keys_and_values = query_width() - heads * rotary_width + values_width();
  return queries + hidden * (key_value_rank + rotary_width) + key_value_rank * keys_and_values +
         hidden * output_width();
}

std::uint64_t Transformer::shared_parameters(LayerCounts counts) const {
  const std::uint64_t matrices = gated_feed_forward ? 3 : 2;
  const std::uint64_t norms_and_biases = gated_feed_forward ? 2 * hidden : 9 * hidden + feed_forward;
  return counts.all() * (attention_parameters() + norms_and_biases) + counts.dense * matrices * hidden * feed_forward +
         counts.experts * hidden * (matrices * shared_feed_forward + experts);
}

std::uint64_t Transformer::expert_parameters_per_layer() const {
  return experts * (gated_feed_forward ? 3 : 2) * hidden * expert_width();
}

std::uint64_t Transformer::parameters_per_layer() const {
  return shared_parameters(experts > 0 ? LayerCounts{0, 1} : LayerCounts{1, 0}) + expert_parameters_per_layer();
}

std::uint64_t Transformer::parameters() const {
  const LayerCounts counts = layer_counts();
  return shared_parameters(counts) + counts.experts * expert_parameters_per_layer() +
         embedding_parameters() * (tied_embeddings ? 1 : 2);
}

std::uint64_t Transformer::active_parameters() const {
  const LayerCounts counts = layer_counts();
  const std::uint64_t chosen =
      experts == 0 ? 0 : counts.experts * (expert_parameters_per_layer() / experts) * experts_per_token;
  return shared_parameters(counts) + chosen + embedding_parameters();
}

std::uint64_t Transformer::embedding_parameters() const { return vocabulary * hidden; }

double training_flops_per_token(const Transformer& model) {
  constexpr double per_weight = 6;
  const double attention = static_cast<double>(model.layers) * model.attended_share() *
                           static_cast<double>(model.sequence) *
                           static_cast<double>(model.query_width() + model.output_width());
  return per_weight * (static_cast<double>(model.active_parameters()) + attention);
}

Transformer read_transformer(const std::filesystem::path& file) {
  return parse_transformer(read_text_file(file), file.string());
}

std::string to_string(const Transformer& model) {
  return fmt::format("{}: {} layers, hidden {}, {} heads, sequence {}, vocabulary {}", model.name, model.layers,
                     model.hidden, model.heads, model.sequence, model.vocabulary);
}

std::optional<ShapeFault> fault_in_parts(const Transformer& model) {
  for (const auto& [key, value, largest] :
       {std::tuple{"head_width", model.head_width, most}, std::tuple{"value_width", model.value_width, most},
        std::tuple{"query_rank", model.query_rank, model.has_latent_attention() ? most : 0},
        std::tuple{"key_value_rank", model.key_value_rank, most},
        std::tuple{"rotary_width", model.rotary_width,
                   model.has_latent_attention() ? model.query_width() / model.heads : 0},
        std::tuple{"attention_window", model.attention_window, most},
        std::tuple{"windowed_layers", model.windowed_layers, model.attention_window > 0 ? model.layers : 0},
        std::tuple{"expert_feed_forward", model.expert_feed_forward, model.experts > 0 ? most : 0},
        std::tuple{"shared_feed_forward", model.shared_feed_forward, model.experts > 0 ? most : 0},
        std::tuple{"dense_layers", model.dense_layers, model.experts > 0 ? model.layers - 1 : 0},
        std::tuple{"groups_per_token", model.groups_per_token, model.expert_groups}}) {
    if (value > largest) {
      return ShapeFault{key, fmt::format("{} given, expected at most {}", value, largest)};
    }
  }
  if (model.expert_interval < 1 || model.expert_interval > model.layers - model.dense_layers) {
    return ShapeFault{"expert_interval", fmt::format("{} given, expected 1 to {}", model.expert_interval,
                                                     model.layers - model.dense_layers)};
  }
  if (model.expert_groups < 1 || model.expert_groups > std::max<std::uint64_t>(1, model.experts) ||
      model.experts % model.expert_groups != 0) {
    return ShapeFault{"expert_groups", fmt::format("expected a divisor of experts = {}", model.experts)};
  }
  return std::nullopt;
}

std::optional<ShapeFault> fault_in(const Transformer& model) {
  for (const auto& [key, value] :
       {std::pair{"layers", model.layers}, std::pair{"hidden", model.hidden}, std::pair{"heads", model.heads},
        std::pair{"sequence", model.sequence}, std::pair{"vocabulary", model.vocabulary},
        std::pair{"key_value_heads", model.key_value_heads}, std::pair{"feed_forward", model.feed_forward}}) {
    if (value < 1 || value > most) {
      return ShapeFault{key, fmt::format("{} given, expected 1 to {}", value, most)};
    }
  }
  if (model.head_width == 0 && model.hidden % model.heads != 0) {
    return ShapeFault{"heads", fmt::format("expected a divisor of hidden = {}, or head_width", model.hidden)};
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
  return fault_in_parts(model);
}

Transformer parse_transformer(std::string_view text, const std::string& origin) {
  StrictTable table = StrictTable::parse(text, origin);
  Transformer model;
  table.read_fields(transformer_fields, model);
  model.key_value_heads = table.has("key_value_heads") ? model.key_value_heads : model.heads;
  model.feed_forward = table.has("feed_forward") ? model.feed_forward : 4 * model.hidden;
  table.texts("also");  // model_meant()
  table.finish();
  if (const auto fault = fault_in(model)) {
    table.refuse(fault->key, fault->expected);
  }
  return model;
}

Transformer find_transformer(const std::string& name_or_file, const std::filesystem::path& shipped) {
  const std::string meant = names_a_file(name_or_file) ? "" : model_meant(name_or_file, shipped);
  return read_transformer(find_shipped_toml("model", meant.empty() ? name_or_file : meant, shipped));
}

std::vector<Transformer> read_transformers(const std::filesystem::path& folder) {
  std::vector<Transformer> models;
  for (const std::string& name : shipped_names(folder)) {
    models.push_back(read_transformer(folder / (name + ".toml")));
  }
  return models;
}

const Transformer* model_of_shape(std::span<const Transformer> known, const Transformer& shape) {
  const auto distance = [&](const Transformer& model) {
    return std::max(model.vocabulary, shape.vocabulary) - std::min(model.vocabulary, shape.vocabulary);
  };
  const Transformer* nearest = nullptr;
  for (const Transformer& model : known) {
    const bool is_it = model.layers == shape.layers && model.hidden == shape.hidden && model.heads == shape.heads &&
                       (model.has_latent_attention() || model.key_value_heads == shape.key_value_heads) &&
                       model.gated_feed_forward == shape.gated_feed_forward && model.experts == shape.experts &&
                       (model.experts == 0 || model.experts_per_token == shape.experts_per_token) &&
                       (model.feed_forward == shape.feed_forward || model.expert_width() == shape.feed_forward);
    if (is_it && (nearest == nullptr || distance(model) < distance(*nearest))) {
      nearest = &model;
    }
  }
  return nearest;
}

void complete(Transformer& shape, const Transformer& model) {
  const Transformer usual;
  const auto take = [&](auto Transformer::*member) {
    shape.*member = shape.*member == usual.*member ? model.*member : shape.*member;
  };
  const bool tells_mlp = shape.expert_feed_forward > 0 && shape.feed_forward != model.expert_width();
  for (const auto member :
       {&Transformer::head_width, &Transformer::value_width, &Transformer::query_rank, &Transformer::key_value_rank,
        &Transformer::rotary_width, &Transformer::attention_window, &Transformer::windowed_layers,
        &Transformer::expert_feed_forward, &Transformer::shared_feed_forward, &Transformer::dense_layers,
        &Transformer::expert_interval, &Transformer::expert_groups, &Transformer::groups_per_token}) {
    take(member);
  }
  if (!tells_mlp) {
    shape.feed_forward = model.feed_forward;
  }
}

}  // namespace hockney::inline workload
