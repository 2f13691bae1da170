#include "views/prediction_view.hpp"

#include <fmt/format.h>

#include "base/number.hpp"
#include "record/statistics.hpp"
#include "render/fields.hpp"
#include "render/forms.hpp"
#include "views/message_table.hpp"
#include "views/part_table.hpp"
#include "workload/mapping_fields.hpp"
#include "workload/transformer_fields.hpp"

namespace hockney::views {
namespace {

using predict::StepPrediction;
using render::Cell;
using render::Fact;
using render::Table;
using Names = std::span<const std::string>;
using Steps = std::span<const StepPrediction>;

/// What a step's row says: a key and its value.
using Datum = std::pair<std::string, Cell>;

template <class Object, class Fields>
void add_fields(std::vector<Datum>& data, const std::string& of, const Object& object, const Fields& fields) {
  for_each_field(fields,
                 [&](const auto& field) { data.emplace_back(fmt::format("{}.{}", of, field.name), field.in(object)); });
}

void add_mapping(std::vector<Datum>& data, const Mapping& mapping) {
  add_fields(data, "mapping", mapping, mapping_fields);
  data.insert(data.end(), {{"mapping.micro_batches_per_pipeline", mapping.micro_batches()},
                           {"mapping.gpus", mapping.gpus()},
                           {"mapping.nodes", mapping.nodes()},
                           {"bubble.over_ideal_fraction", mapping.bubble_over_ideal()},
                           {"bubble.over_total_fraction", mapping.bubble_over_total()}});
}

void add_step(std::vector<Datum>& data, const StepPrediction& step, const std::optional<Price>& price) {
  const predict::MemoryVerdict fit = predict::verdict(step.memory, step.gpu.memory);
  data.insert(data.end(), {{"stack", step.stack},
                           {"precision", step.precision},
                           {"efficiency_fraction", step.efficiency},
                           {"efficiency_origin", step.efficiency_origin},
                           {"memory_bytes", step.memory.all()},
                           {"memory_verdict", fit.fit},
                           {"usable_memory_bytes", fit.usable},
                           {"memory_margin_bytes", fit.margin()},
                           {"weight_memory_bytes", step.memory.weights},
                           {"gradient_memory_bytes", step.memory.gradients},
                           {"optimizer_memory_bytes", step.memory.optimizer},
                           {"activation_memory_bytes", step.memory.activations},
                           {"logit_memory_bytes", step.memory.logits},
                           {"runtime_memory_bytes", step.memory.runtime},
                           {"fragmented_memory_bytes", step.memory.fragmentation},
                           {"tokens_per_step", step.tokens_per_step()},
                           {"model_flops_utilisation_fraction", step.model_flops_utilisation()}});
  if (price) {
    data.insert(data.end(), {{"cost_per_gpu_hour", price->per_gpu_hour},
                             {"cost_per_step", step.cost_per_step(price->per_gpu_hour)},
                             {"cost_per_million_tokens", step.cost_per_million_tokens(price->per_gpu_hour)}});
  }
}

double hourly(const std::optional<Price>& price) { return price ? price->per_gpu_hour : 0; }

std::vector<Datum> data_of(const StepPrediction& step, const std::string& name, const std::optional<Price>& price) {
  std::vector<Datum> data{{"name", name},
                          {"scope", step.scope},
                          {"model", step.model.name},
                          {"gpu", step.gpu.name},
                          {"cost_model", step.cost_name},
                          {"cost_model_sources", step.cost_sources},
                          {"warnings", step.warnings}};
  add_fields(data, "transformer", step.model, transformer_fields);
  add_mapping(data, step.mapping);
  if (step.scope == predict::Scope::step) {
    add_step(data, step, price);
  }
  data.emplace_back("parts", part_table(step, hourly(price)));
  data.emplace_back("messages", message_table(step));
  return data;
}

Table steps_table(Steps steps, Names names, const std::optional<Price>& price) {
  Table table{.name = "steps"};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::vector<Cell>& row = table.rows.emplace_back();
    for (auto& [key, value] : data_of(steps[i], names[i], price)) {
      if (i == 0) {
        table.columns.push_back(render::data_column(key));
      }
      row.push_back(std::move(value));
    }
  }
  return table;
}

std::string memory_text(const StepPrediction& step) {
  const predict::MemoryVerdict fit = predict::verdict(step.memory, step.gpu.memory);
  return fmt::format(
      "{}: {} of {} GiB per GPU: {} weights, gradients and optimizer, {} activations, {} logits, {} CUDA, NCCL and "
      "fragmentation",
      name_of(fit.fit), render::gibibytes(fit.needed), render::gibibytes(fit.usable),
      render::gibibytes(step.memory.state()), render::gibibytes(step.memory.activations),
      render::gibibytes(step.memory.logits), render::gibibytes(step.memory.runtime + step.memory.fragmentation));
}

// Without a key: the row of the step says the same to programs.
void add_head(std::vector<Fact>& facts, const StepPrediction& step, bool with_sources) {
  const auto add = [&](const char* label, std::string text) { facts.push_back({"", label, std::move(text)}); };
  add("model", to_string(step.model));
  add("mapping", to_string(step.mapping));
  if (step.scope == predict::Scope::step) {
    add("GPU", fmt::format("{} in {}: efficiency {}", step.gpu.name, name_of(step.precision), step.efficiency_origin));
    add("software stack", step.stack);
    add("memory", memory_text(step));
  }
  add("cost model", step.cost_name);
  for (const std::string& source : with_sources ? step.cost_sources : std::vector<std::string>()) {
    add(" ", source);
  }
}

void add_heads(render::View& view, Steps steps, Names names) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps.size() > 1) {
      view.facts.push_back({"", "step", fmt::format("[{}]", names[i])});
    }
    add_head(view.facts, steps[i], i == 0 || steps[i].cost_sources != steps[i - 1].cost_sources);
    for (const std::string& warning : steps[i].warnings) {
      view.warnings.push_back(steps.size() > 1 ? fmt::format("[{}] {}", names[i], warning) : warning);
    }
  }
}

std::string speed_of(const StepPrediction& step, const std::optional<Price>& price) {
  std::string text = fmt::format("{} tokens per second; model FLOPs utilisation {} %",
                                 significant(step.tokens_per_step() / step.time.total_s),
                                 render::percentage(step.model_flops_utilisation()));
  if (price) {
    text +=
        fmt::format("; {} per step, {} per million tokens at {} per GPU and hour",
                    significant(step.cost_per_step(price->per_gpu_hour)),
                    significant(step.cost_per_million_tokens(price->per_gpu_hour)), significant(price->per_gpu_hour));
  }
  return text;
}

std::string comparison(const StepPrediction& step, const std::string& name, const StepPrediction& first,
                       const std::string& first_name) {
  const double ratio = step.time.total_s / first.time.total_s;
  const Interval interval = predict::ratio_interval(step.draws, first.draws, ratio);
  return fmt::format("[{}] takes {} times as long as [{}], 95 % {} .. {}{}", name, significant(ratio), first_name,
                     significant(interval.low), significant(interval.high),
                     interval.low < 1 && interval.high > 1 ? ": no difference that the model can tell" : "");
}

void add_step_notes(render::View& view, Steps steps, Names names, const std::optional<Price>& price) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    view.notes.push_back((steps.size() > 1 ? names[i] + ": " : "") + speed_of(steps[i], price));
  }
  for (std::size_t i = 1; i < steps.size(); ++i) {
    view.notes.push_back(comparison(steps[i], names[i], steps[0], names[0]));
  }
  view.notes.insert(view.notes.end(),
                    {"Time: what the step waits for, on the critical path of the slowest stage. Hidden: communication "
                     "beside computation.",
                     "Intervals: Monte Carlo over the curves' own uncertainty and the step model's residuals on "
                     "published runs; a stated line rate has none of its own."});
}

void add_communication_notes(render::View& view, const StepPrediction& communication) {
  const Mapping& mapping = communication.mapping;
  const auto add = [&](std::string note) { view.notes.push_back(std::move(note)); };
  if (communication.lines.empty()) {
    add("This mapping communicates nothing.");
  }
  add(fmt::format("Bubble: (p-1)/(v m) = {} % over the ideal time, (p-1)/(v m + p-1) = {} % of the step.",
                  render::percentage(mapping.bubble_over_ideal()), render::percentage(mapping.bubble_over_total())));
  add("Communication of one GPU of the slowest stage on the critical path of 1F1B; nothing is overlapped with "
      "computation, and of the bubble only its communication is in here.");
  add("Groups that run at the same time are taken not to disturb each other beyond what was measured.");
  add("Intervals: Monte Carlo over the curves' own uncertainty; a stated line rate has none of its own.");
}

}  // namespace

render::View prediction_view(Steps steps, Names names, const std::optional<Price>& price, bool brief) {
  render::View view{.what = "step prediction", .version = "3.3.0"};
  add_heads(view, steps, names);
  view.tables.push_back(steps_table(steps, names, price));
  view.tables.push_back(parts_side_by_side(steps, names));
  for (std::size_t i = 0; i < steps.size() && !brief; ++i) {
    Table& messages = view.tables.emplace_back(message_table(steps[i]));
    messages.name = "";
    messages.title = steps.size() > 1 ? fmt::format("messages of [{}]", names[i]) : messages.title;
    if (messages.rows.empty()) {
      view.tables.pop_back();
    }
  }
  if (steps.front().scope == predict::Scope::step) {
    add_step_notes(view, steps, names, price);
  } else {
    add_communication_notes(view, steps.front());
  }
  return view;
}

render::View prediction_tables(Steps steps, Names names, const std::optional<Price>& price) {
  render::View view{.what = "step prediction", .version = "3.3.0", .main_table = "parts"};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (Table table : {part_table(steps[i], hourly(price)), message_table(steps[i])}) {
      table.columns.insert(table.columns.begin(), render::data_column("step"));
      for (std::vector<Cell>& row : table.rows) {
        row.insert(row.begin(), names[i]);
      }
      view.tables.push_back(std::move(table));
    }
  }
  return view;
}

}  // namespace hockney::views
