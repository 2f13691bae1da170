#include "plan/read/read_shapes.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "plan/read/read_choices.hpp"
#include "plan/vary.hpp"

namespace hockney::inline plan {
namespace {

constexpr std::int64_t most_ways = 1 << 24;
constexpr std::int64_t most_micro_batches = 4096;
constexpr std::int64_t largest_shape = std::int64_t{1} << 32;

Transformer model_at(StrictTable& table, std::string_view key, const std::string& name,
                     const std::filesystem::path& models) {
  return table.located(key, [&] { return find_transformer(name, models); });
}

Element read_element(StrictTable& table) {
  const std::vector<Element> elements = read_names<Element>(table, "element", {Element::float32});
  if (elements.size() != 1) {
    table.refuse("element", "expected one element type");
  }
  return elements.front();
}

void check_name(StrictTable& table, std::string_view key, const std::string& name) {
  const bool usable = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  });
  if (name.empty() || !usable || name.size() > longest_layer_name / 2) {
    table.refuse(key, fmt::format("the model's name '{}' names points: expected letters, digits, '-', '_' and '.', {} "
                                  "at most",
                                  name, longest_layer_name / 2));
  }
}

// A smaller model than the published one, so that its messages fit the machine.
void override_shape(StrictTable& table, Transformer& model) {
  const std::uint64_t usual_inner = 4 * model.hidden;
  const bool is_usual = model.feed_forward == usual_inner;
  const bool has_groups = model.key_value_heads != model.heads;
  const auto replace = [&](std::string_view key, std::uint64_t& value) {
    if (const auto given = table.optional_integer(key, 1)) {
      if (*given > largest_shape) {
        table.refuse(key, fmt::format("expected at most {}", largest_shape));
      }
      value = static_cast<std::uint64_t>(*given);
    }
  };
  replace("layers", model.layers);
  replace("hidden", model.hidden);
  replace("heads", model.heads);
  model.key_value_heads = has_groups ? model.key_value_heads : model.heads;
  replace("key_value_heads", model.key_value_heads);
  model.feed_forward = is_usual ? 4 * model.hidden : model.feed_forward;
  replace("feed_forward", model.feed_forward);
  replace("sequence", model.sequence);
  replace("vocabulary", model.vocabulary);
  if (model.hidden % model.heads != 0) {
    table.refuse("heads", fmt::format("{}: expected a divisor of hidden = {}", model.heads, model.hidden));
  }
  if (model.heads % model.key_value_heads != 0) {
    table.refuse("key_value_heads",
                 fmt::format("{}: expected a divisor of heads = {}", model.key_value_heads, model.heads));
  }
}

// What is replayed: dense layers with heads of hidden / heads.
Transformer dense_layers_of(const Transformer& model) {
  Transformer dense;
  dense.name = model.name;
  dense.layers = model.layers;
  dense.hidden = model.hidden;
  dense.heads = model.heads;
  dense.key_value_heads = model.key_value_heads;
  dense.feed_forward = model.feed_forward;
  dense.gated_feed_forward = model.gated_feed_forward;
  dense.sequence = model.sequence;
  dense.vocabulary = model.vocabulary;
  dense.tied_embeddings = model.tied_embeddings;
  return dense;
}

std::vector<double> read_compute(StrictTable& table) {
  std::vector<double> times;
  for (const std::string& text : table.texts("compute")) {
    times.push_back(table.located("compute", [&] { return parse_seconds(text).count(); }));
  }
  return times.empty() ? std::vector<double>{0} : times;
}

std::uint64_t read_gradient_bytes(StrictTable& table) {
  const auto widths = read_names<Element>(table, "gradient_element", {Element::float32});
  if (widths.size() != 1 || (widths.front() != Element::float32 && widths.front() != Element::bfloat16)) {
    table.refuse("gradient_element", "expected float32 or bfloat16");
  }
  return size_of(widths.front()).count;
}

}  // namespace

MatmulSection read_matmul_section(StrictTable& table, const std::filesystem::path& models) {
  MatmulSection section;
  const auto passes = read_names<MatmulPass>(
      table, "pass", {MatmulPass::forward, MatmulPass::data_gradient, MatmulPass::weight_gradient});
  const auto tensor = read_counts(table, "tp", most_ways);
  const auto micro_batches = read_counts(table, "micro_batch", most_micro_batches);
  const auto names = table.texts("models");
  if (names.empty()) {
    table.refuse("models", "is missing; expected names of models, e.g. [\"gpt3-175b\"]");
  }
  for (const std::string& name : names) {
    const Transformer model = model_at(table, "models", name, models);
    check_name(table, "models", model.name);
    for (const std::uint64_t b : micro_batches) {
      for (const std::uint64_t t : tensor) {
        const auto products = table.located("tp", [&] { return layer_matmuls(model, t, b, passes); });
        section.products.insert(section.products.end(), products.begin(), products.end());
      }
    }
  }
  section.concurrent = read_choices(table, "concurrent");
  section.element = read_element(table);
  section.modes = read_names<Mode>(table, "mode", {});
  section.caches = read_names<Cache>(table, "cache", {});
  table.finish();
  return section;
}

StepSection read_step_section(StrictTable& table, const std::filesystem::path& models) {
  StepSection section;
  Transformer model = model_at(table, "model", table.text("model"), models);
  check_name(table, "model", model.name);
  override_shape(table, model);
  model = dense_layers_of(model);
  Step step{.model = model, .mapping = {}};
  step.mapping.gradient_bytes = read_gradient_bytes(table);
  std::vector<Step> steps{step};
  const auto over = [&](std::string_view key, std::int64_t most, std::uint64_t Mapping::*size) {
    vary(steps, read_counts(table, key, most), [=](Step& each, std::uint64_t n) { each.mapping.*size = n; });
  };
  over("tp", most_ways, &Mapping::tensor);
  over("pp", most_ways, &Mapping::pipeline);
  over("dp", most_ways, &Mapping::data);
  over("micro_batch", most_micro_batches, &Mapping::micro_batch);
  vary(steps, read_choices(table, "full_recompute"), [](Step& each, bool on) { each.set_repeats_forward(on); });
  vary(steps, read_choices(table, "scatter_gather"), [](Step& each, bool on) { each.mapping.scatter_gather = on; });
  vary(steps, read_compute(table), [](Step& each, double time_s) { each.compute_s = time_s; });
  section.steps = std::move(steps);
  for (const std::uint64_t m : read_counts(table, "micro_batches", most_micro_batches)) {
    section.micro_batches.push_back(static_cast<std::uint32_t>(m));
  }
  section.element = read_element(table);
  section.modes = read_names<Mode>(table, "mode", {});
  table.finish();
  return section;
}

}  // namespace hockney::inline plan
