#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "commands/finite_range.hpp"
#include "commands/flag_value.hpp"
#include "commands/predict/mapping_flags.hpp"
#include "commands/predict/step_flags.hpp"
#include "commands/predict/ways.hpp"
#include "commands/view_output.hpp"
#include "predict/step/step_warnings.hpp"
#include "views/prediction_view.hpp"
#include "workload/transformer.hpp"

namespace hockney::commands {
namespace {

struct StepOptions {
  predict::Scope scope = predict::Scope::step;
  StepFlags step;
  MappingFlags mapping;
  std::string model;
  std::vector<std::string> compare;
  double cost_per_gpu_hour = 0;
  bool brief = false;
  bool is_named = false;  ///< --communication
  ViewOutput output;
};

/// One step to predict: the flags, or the flags with the parts of one --compare replaced.
struct Variant {
  std::string name;
  StepFlags flags;
  std::string model;
  MappingFlags mapping;
};

using Parts = std::map<std::string, std::string>;

// The parts of one --compare by name: "tp=4, pp=16".
Parts parse_parts(const std::string& text) {
  Parts parts;
  std::istringstream stream(text);
  std::string part;
  while (std::getline(stream, part, ',')) {
    part.erase(0, part.find_first_not_of(' '));
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw InputError("expected NAME=VALUE, separated by commas");
    }
    if (!parts.emplace(part.substr(0, equals), part.substr(equals + 1)).second) {
      throw InputError(fmt::format("'{}' twice", part.substr(0, equals)));
    }
  }
  if (parts.empty()) {
    throw InputError("expected at least one NAME=VALUE");
  }
  return parts;
}

constexpr std::array<std::pair<std::string_view, std::string StepFlags::*>, 5> others{
    {{"gpu", &StepFlags::gpu},
     {"node_nic", &StepFlags::node_nic},
     {"stack", &StepFlags::stack},
     {"precision", &StepFlags::precision},
     {"sharding", &StepFlags::sharding}}};

Variant variant_of(const StepOptions& options, const std::string& text) {
  return flag_value("--compare", text, [&](const std::string&) {
    Variant variant{text, options.step, options.model, options.mapping};
    for (const auto& [name, value] : parse_parts(text)) {
      if (name == "cost") {
        variant.flags.cost = value;
        variant.flags.machines.clear();
      } else if (const auto other = std::find_if(others.begin(), others.end(),
                                                 [&name = name](const auto& each) { return each.first == name; });
                 other != others.end()) {
        variant.flags.*other->second = value;
      } else if (name == "model") {
        variant.model = value;
      } else {
        variant.mapping.say(name, value);
      }
    }
    return variant;
  });
}

predict::StepPrediction predict_variant(predict::Scope scope, const Variant& variant, CostModels& costs) {
  const Transformer model = find_transformer(variant.model);
  const predict::Gpu gpu = predict::find_gpu(variant.flags.gpu);
  const UsualRun usual = usual_run(variant.flags, gpu.name);
  const Mapping mapping = variant.mapping.over(usual.mapping);
  check(mapping, model);
  predict::Predictor predictor = predictor_of(variant.flags, gpu, costs.of(gpu), usual.run);
  return predictor.predict(scope, model, mapping, node_nic_of(variant.flags));
}

void warn_of_substitutes(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    if (predict::is_substitution(warning)) {
      fmt::print(stderr, "hockney: warning: {}\n", warning);
    }
  }
}

void run(const StepOptions& options) {
  std::vector<Variant> variants{{"flags", options.step, options.model, options.mapping}};
  for (const std::string& parts : options.compare) {
    variants.push_back(variant_of(options, parts));
  }
  std::vector<std::unique_ptr<CostModels>> costs;  // predictions point into them
  std::vector<predict::StepPrediction> steps;
  std::vector<std::string> names;
  for (const Variant& variant : variants) {
    costs.push_back(std::make_unique<CostModels>(variant.flags));
    steps.push_back(predict_variant(options.scope, variant, *costs.back()));
    names.push_back(variant.name);
    warn_of_substitutes(steps.back().warnings);
  }
  const std::optional<views::Price> price =
      options.cost_per_gpu_hour > 0 ? std::optional(views::Price{options.cost_per_gpu_hour}) : std::nullopt;
  print(options.output.csv.empty() ? views::prediction_view(steps, names, price, options.brief)
                                   : views::prediction_tables(steps, names, price),
        options.output);
}

void add_scope(CLI::App& command, const std::shared_ptr<StepOptions>& options) {
  options->step.add_network_to(command);
  options->step.add_gpu_to(command);
  options->step.add_node_nic_to(command);
  command.add_option("--model", options->model, "a shipped model's name, or a model file (*.toml)")->required();
  options->step.add_run_to(command);
  options->mapping.add_to(command);
  command.add_option("--compare", options->compare,
                     "a second step beside the first: parts that differ, as tp=4,pp=16,dp=2 or cost=FILE, gpu=NAME, "
                     "stack=NAME, node_nic=200GB/s (repeats)");
  const ViewFlags forms = add_view_flags(command, options->output);
  command.add_flag("--brief", options->brief, "without the table of messages")
      ->excludes(forms.json)
      ->excludes(forms.csv);
  command.callback([options] { run(*options); });
}

}  // namespace

void add_predict_step(CLI::App& predict) {
  auto options = std::make_shared<StepOptions>();
  CLI::App* command = predict.add_subcommand("step", "a whole training step");
  add_scope(*command, options);
  options->step.add_calibrate_to(*command);
  command->add_option("--cost-per-gpu-hour", options->cost_per_gpu_hour, "price of one GPU for an hour")
      ->check(finite_range(0, 1e6));
}

void add_predict_communication(CLI::App& predict) {
  auto options = std::make_shared<StepOptions>();
  options->scope = predict::Scope::communication;
  CLI::App* command =
      predict.add_subcommand("communication", "the messages of a step alone, nothing overlapped with computation");
  add_scope(*command, options);
  command->add_flag("--communication", options->is_named, "the same as the word");
}

}  // namespace hockney::commands
