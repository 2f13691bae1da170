#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "commands/against.hpp"
#include "commands/commands.hpp"
#include "commands/reference_library.hpp"
#include "config/shipped.hpp"
#include "cost/cost_model.hpp"
#include "errors/error.hpp"
#include "model/transformer.hpp"
#include "predict/prediction.hpp"
#include "predict/prediction_json.hpp"
#include "predict/prediction_screen.hpp"
#include "table/text_table.hpp"

namespace hockney {
namespace {

struct PredictOptions {
  std::string cost_file;
  std::vector<std::string> machines;
  std::string model;
  std::int64_t tensor = 1;
  std::int64_t pipeline = 1;
  std::int64_t data = 1;
  std::int64_t virtual_stages = 1;
  std::int64_t micro_batch = 1;
  std::int64_t global_batch = 1;
  std::int64_t gpus_per_node = 8;
  std::int64_t bytes_per_element = 2;
  std::int64_t gradient_bytes = 4;
  std::string recompute{name_of(Recompute::none)};
  std::string bandwidth;
  std::string latency;
  bool scatter_gather = false;
  bool strict = false;
  bool json = false;
  std::vector<std::filesystem::path> against;
};

std::uint64_t positive(const char* flag, std::int64_t value) {
  if (value < 1) {
    throw InputError(fmt::format("{}: {} given, expected 1 or more", flag, value));
  }
  return static_cast<std::uint64_t>(value);
}

Mapping mapping_from(const PredictOptions& options) {
  Mapping mapping;
  mapping.tensor = positive("--tp", options.tensor);
  mapping.pipeline = positive("--pp", options.pipeline);
  mapping.data = positive("--dp", options.data);
  mapping.virtual_stages = positive("--virtual-stages", options.virtual_stages);
  mapping.micro_batch = positive("--mbs", options.micro_batch);
  mapping.global_batch = positive("--gbs", options.global_batch);
  mapping.gpus_per_node = positive("--gpus-per-node", options.gpus_per_node);
  mapping.bytes_per_element = positive("--bytes-per-element", options.bytes_per_element);
  mapping.gradient_bytes = positive("--gradient-bytes", options.gradient_bytes);
  mapping.recompute = parse_name<Recompute>(options.recompute);
  mapping.scatter_gather = options.scatter_gather;
  return mapping;
}

// Curves of several machines compete for every answer, and only the user knows which machine is meant.
void keep_machines(CostModel& model, const PredictOptions& options) {
  const std::vector<std::string>& chosen = options.machines;
  std::set<std::string> known;
  for (const CostCurve& curve : model.curves) {
    known.insert(curve.machine);
  }
  for (const StatedLineRate& rate : model.line_rates) {
    known.insert(rate.machine);
  }
  for (const std::string& machine : chosen) {
    if (!known.contains(machine)) {
      throw InputError(fmt::format("--machine '{}': not in {}; expected one of: {}", machine, options.cost_file,
                                   fmt::join(known, "; ")));
    }
  }
  if (chosen.empty() && known.size() > 1) {
    throw InputError(fmt::format("{}: holds {} machines: {}; choose with --machine NAME (repeats)", options.cost_file,
                                 known.size(), fmt::join(known, "; ")));
  }
  const auto is_left_out = [&](const auto& entry) {
    return !chosen.empty() && std::find(chosen.begin(), chosen.end(), entry.machine) == chosen.end();
  };
  std::erase_if(model.curves, is_left_out);
  std::erase_if(model.line_rates, is_left_out);
}

// The user's word, else what the model states of the fabric between its nodes.
std::optional<LineRate> line_rate_from(const PredictOptions& options, const CostModel& model) {
  if (options.bandwidth.empty() && options.latency.empty()) {
    const auto stated = model.line_rate_between_nodes();
    return stated ? std::optional(LineRate{stated->bandwidth, stated->latency}) : std::nullopt;
  }
  if (options.bandwidth.empty() || options.latency.empty()) {
    throw InputError("--inter-node-bandwidth and --inter-node-latency: expected both or neither");
  }
  return LineRate{parse_rate(options.bandwidth), parse_seconds(options.latency)};
}

std::string laid_out(const ScreenTable& table) {
  std::vector<TextTable::Column> columns;
  for (const auto& [heading, text] : table.columns) {
    columns.push_back({heading, text ? Align::left : Align::right});
  }
  TextTable text(std::move(columns));
  for (const auto& row : table.rows) {
    text.add(row);
  }
  return text.print();
}

std::string to_text(const PredictionScreen& screen) {
  std::string text = screen.header + "\n";
  if (!screen.messages.rows.empty()) {
    text += laid_out(screen.causes) + "\n" + laid_out(screen.messages) + "\n" + screen.curves + "\n";
  }
  return text + screen.footer;
}

void run(const PredictOptions& options) {
  if (!options.against.empty()) {
    run_against({options.against, options.cost_file, options.json});
    return;
  }
  PredictionRequest request;
  request.transformer = find_transformer(options.model, shipped_folder() / "models");
  request.mapping = mapping_from(options);
  request.strict = options.strict;
  check(request.mapping, request.transformer);
  CostModel cost_model = CostModel::read(ReferenceLibrary().cost_model_given(options.cost_file));
  keep_machines(cost_model, options);
  request.line_rate = line_rate_from(options, cost_model);
  const Prediction prediction = predict(cost_model, request);
  for (const std::string& substitution : prediction.substitutions) {
    fmt::print(stderr, "hockney: warning: {}\n", substitution);
  }
  fmt::print("{}", options.json ? to_json(prediction) : to_text(screen_of(prediction)));
}

}  // namespace

void add_predict(CLI::App& app) {
  CLI::App* command = app.add_subcommand("predict", "communication per training step from a cost model");
  auto options = std::make_shared<PredictOptions>();
  CLI::Option* against = command->add_option(
      "--against", options->against,
      "launch files or folders with replayed steps: prediction and measurement side by side; curves "
      "come from --cost, or are fitted from the folder's other launches");
  command->add_option("--cost", options->cost_file, fmt::format("fitted cost model (*.cost.json), {}", or_reference));
  command->add_option("--machine", options->machines, "use this machine's curves; needed when the model holds several");
  command->add_option("--model", options->model, "a shipped model's name, or a model file (*.toml)");
  command->add_option("--tp", options->tensor, "tensor-parallel size")->capture_default_str();
  command->add_option("--pp", options->pipeline, "pipeline stages")->capture_default_str();
  command->add_option("--dp", options->data, "data-parallel replicas")->capture_default_str();
  command->add_option("--virtual-stages", options->virtual_stages, "model chunks per GPU (interleaved schedule)")
      ->capture_default_str();
  command->add_option("--mbs", options->micro_batch, "sequences per micro-batch");
  command->add_option("--gbs", options->global_batch, "sequences per step");
  command->add_option("--gpus-per-node", options->gpus_per_node, "GPUs that share a node")->capture_default_str();
  command
      ->add_option("--recompute", options->recompute,
                   "none (4 all-reduces per layer and micro-batch; selective is the same) or full (6)")
      ->capture_default_str();
  command->add_flag("--scatter-gather", options->scatter_gather,
                    "between stages send 1/tp of the activation per rank and gather it on arrival");
  command->add_option("--bytes-per-element", options->bytes_per_element, "bytes of an activation: 1, 2 or 4")
      ->capture_default_str();
  command->add_option("--gradient-bytes", options->gradient_bytes, "bytes of a reduced gradient: 2 or 4")
      ->capture_default_str();
  command->add_option("--inter-node-bandwidth", options->bandwidth,
                      "line rate per GPU between nodes (25GB/s, 200Gbit/s), where the model has no such curve");
  command->add_option("--inter-node-latency", options->latency, "latency between nodes (5us), with the line rate");
  command->add_flag("--strict", options->strict, "refuse to answer by a curve of another fabric (exit code 2)");
  command->add_flag("--json", options->json, "print JSON (schema \"hockney prediction\")");
  for (CLI::Option* option : command->get_options()) {
    const std::string name = option->get_name();
    if (name != "--against" && name != "--cost" && name != "--json" && name != "--help") {
      against->excludes(option);
    }
  }
  command->callback([options, command, against] {
    for (const char* name : {"--cost", "--model", "--mbs", "--gbs"}) {
      if (against->count() == 0 && command->get_option(name)->count() == 0) {
        throw CLI::RequiredError(name);
      }
    }
    run(*options);
  });
}

}  // namespace hockney
