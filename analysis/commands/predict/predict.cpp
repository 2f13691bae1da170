#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "base/text_table.hpp"
#include "commands/commands.hpp"
#include "commands/finite_range.hpp"
#include "commands/flag_value.hpp"
#include "commands/predict/against.hpp"
#include "commands/predict/mapping_flags.hpp"
#include "commands/predict/predict_rows.hpp"
#include "commands/predict/step_inputs.hpp"
#include "predict/compute/constants.hpp"
#include "predict/step/prediction.hpp"
#include "predict/step/step_prediction.hpp"
#include "views/prediction_json.hpp"
#include "views/prediction_screen.hpp"
#include "views/step_screen.hpp"
#include "workload/transformer.hpp"

namespace hockney::commands {
namespace {

struct PredictOptions {
  StepFlags step;
  MappingFlags mapping;
  std::string model;
  std::vector<std::string> compare;
  std::string rows;
  std::string out{"/dev/stdout"};
  double cost_per_gpu_hour = 0;
  bool communication = false;
  bool brief = false;
  bool json = false;
  std::vector<std::filesystem::path> against;
  bool csv = false;
  bool constants = false;
};

std::string laid_out(const predict::ScreenTable& table) {
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

std::string to_text(const views::PredictionScreen& screen) {
  std::string text = screen.header + "\n";
  if (!screen.messages.rows.empty()) {
    text += laid_out(screen.causes) + "\n" + laid_out(screen.messages) + "\n" + screen.footnotes + "\n";
  }
  return text + screen.footer;
}

std::string to_text(const views::StepScreen& screen, std::span<const std::string> names, bool brief) {
  std::string text = screen.header + "\n" + laid_out(screen.parts) + "\n" + screen.bar + "\n";
  for (std::size_t i = 0; i < screen.messages.size() && !brief; ++i) {
    if (!screen.messages[i].rows.empty()) {
      text += (screen.messages.size() > 1 ? fmt::format("messages of [{}]\n", names[i]) : "") +
              laid_out(screen.messages[i]) + "\n";
    }
  }
  text += brief || screen.footnotes.empty() ? "" : screen.footnotes + "\n";
  return text + screen.footer;
}

void print_constants(const std::string& gpu_name) {
  const predict::StepConstants constants;
  const predict::Gpu gpu = predict::find_gpu(gpu_name, shipped_folder() / "gpus");
  TextTable table({{"constant", Align::left}, {"value"}, {"unit", Align::left}, {"origin", Align::left}});
  for (const predict::ConstantRow& row : predict::constants_table()) {
    table.add({std::string(row.name), fmt::format("{:g}", constants.*row.value), std::string(row.unit),
               std::string(row.origin)});
  }
  table.add({fmt::format("efficiency of {}", gpu.name), fmt::format("{:g}", gpu.efficiency), "of the peak",
             "calibrated: " + gpu.calibrated_on});
  if (gpu.ring_limit_bytes_per_s > 0) {
    table.add({fmt::format("ring limit of {}", gpu.name), fmt::format("{:g}", gpu.ring_limit_bytes_per_s),
               "B/s per GPU", gpu.ring_limit_origin});
  }
  fmt::print("{}", table.print());
}

void warn_of_substitutes(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    if (predict::is_substitution(warning)) {
      fmt::print(stderr, "hockney: warning: {}\n", warning);
    }
  }
}

void predict_communication(const PredictOptions& options) {
  predict::PredictionRequest request;
  request.transformer = find_transformer(options.model, shipped_folder() / "models");
  request.mapping = options.mapping.mapping();
  request.strict = options.step.strict;
  check(request.mapping, request.transformer);
  const cost::CostModel cost_model = read_cost(options.step);
  request.line_rate = line_rate_of(options.step, cost_model);
  const predict::Prediction prediction = predict::predict(cost_model, request);
  warn_of_substitutes(prediction.warnings);
  fmt::print("{}", options.json ? views::to_json(prediction) : to_text(views::screen_of(prediction)));
}

/// One step to predict: the flags, or the flags with the parts of one --compare replaced.
struct Variant {
  std::string name;
  StepFlags flags;
  std::string model;
  Mapping mapping;
};

// The parts of one --compare by name: "tp=4, pp=16".
std::map<std::string, std::string> parse_parts(const std::string& text) {
  std::map<std::string, std::string> parts;
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

Variant variant_of(const PredictOptions& options, const std::string& text) {
  return flag_value("--compare", text, [&](const std::string&) {
    Variant variant{text, options.step, options.model, options.mapping.mapping()};
    for (const auto& [name, value] : parse_parts(text)) {
      if (name == "cost") {
        variant.flags.cost = value;
        variant.flags.machines.clear();
      } else if (name == "gpu") {
        variant.flags.gpu = value;
      } else if (name == "node_nic") {
        variant.flags.node_nic = value;
      } else if (name == "model") {
        variant.model = value;
      } else {
        set_part(variant.mapping, name, value);
      }
    }
    return variant;
  });
}

predict::StepPrediction predict_variant(const Variant& variant, const cost::CostModel& cost) {
  const Transformer model = find_transformer(variant.model, shipped_folder() / "models");
  check(variant.mapping, model);
  GpuSteps steps(variant.flags.gpu, variant.flags, cost);
  predict::StepNetwork& network = steps.networks().of(node_nic_of(variant.flags), variant.mapping.gpus_per_node);
  predict::StepPrediction prediction = predict::predict_step(steps.model(), model, variant.mapping, network);
  prediction.efficiency_origin = steps.efficiency_origin();
  prediction.cost_name = fmt::format("{} ({})", cost.sources.empty() ? variant.flags.cost : cost.name, cost.created_by);
  prediction.cost_sources = cost.sources;
  return prediction;
}

void predict_steps(const PredictOptions& options) {
  std::vector<Variant> variants{{"flags", options.step, options.model, options.mapping.mapping()}};
  for (const std::string& parts : options.compare) {
    variants.push_back(variant_of(options, parts));
  }
  std::vector<std::unique_ptr<cost::CostModel>> costs;  // predictions point into them
  std::vector<predict::StepPrediction> steps;
  std::vector<std::string> names;
  for (const Variant& variant : variants) {
    costs.push_back(std::make_unique<cost::CostModel>(read_cost(variant.flags)));
    steps.push_back(predict_variant(variant, *costs.back()));
    names.push_back(variant.name);
    warn_of_substitutes(steps.back().warnings);
  }
  const std::optional<views::Price> price =
      options.cost_per_gpu_hour > 0 ? std::optional(views::Price{options.cost_per_gpu_hour}) : std::nullopt;
  if (options.json) {
    fmt::print("{}", views::to_json(steps, names, price));
  } else if (options.csv) {
    fmt::print("{}", views::to_csv(steps, names, price));
  } else {
    fmt::print("{}", to_text(views::screen_of(steps, names, price), names, options.brief));
  }
}

/// A way to predict that reads some flags only.
struct Way {
  std::string_view flag;
  std::vector<std::string_view> reads;  ///< nothing: every flag but those it leaves
  std::vector<std::string_view> leaves{};

  bool uses(std::string_view name) const {
    const auto holds = [name](const auto& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
    return name == flag || (reads.empty() ? !holds(leaves) : holds(reads));
  }
};

// What the chosen way does not read must not be given: it would be dropped in silence.
void refuse_unused(const CLI::App& command) {
  static const std::vector<Way> ways{
      {"--constants", {"--gpu"}},
      {"--against", {"--cost", "--json"}},
      {"--rows",
       {"--cost", "--machine", "--calibrate", "--inter-node-bandwidth", "--inter-node-latency", "--strict", "--out"}},
      {"--communication",
       {},
       {"--gpu", "--calibrate", "--node-nic", "--compare", "--cost-per-gpu-hour", "--csv", "--brief", "--out"}},
      {"--model", {}, {"--out"}}};
  const auto given = [&](std::string_view flag) { return command.get_option(std::string(flag))->count() > 0; };
  const auto way = std::find_if(ways.begin(), ways.end(), [&](const Way& each) { return given(each.flag); });
  if (given("--json") && given("--csv")) {
    throw CLI::ExcludesError("--json", "--csv");
  }
  if (given("--brief") && (given("--json") || given("--csv"))) {
    throw CLI::ExcludesError("--brief", given("--json") ? "--json" : "--csv");
  }
  for (const CLI::Option* option : command.get_options()) {
    if (way != ways.end() && option->count() > 0 && !way->uses(option->get_name())) {
      throw CLI::ExcludesError(std::string(way->flag), option->get_name());
    }
  }
}

void run(const PredictOptions& options) {
  if (options.constants) {
    print_constants(options.step.gpu);
  } else if (!options.against.empty()) {
    run_against({options.against, options.step.cost, options.json});
  } else if (!options.rows.empty()) {
    predict_rows(options.step, options.rows, options.out);
  } else if (options.communication) {
    predict_communication(options);
  } else {
    predict_steps(options);
  }
}

}  // namespace

void add_predict(CLI::App& app) {
  CLI::App* command = app.add_subcommand("predict", "seconds per training step, from a cost model and a GPU's file");
  auto options = std::make_shared<PredictOptions>();
  command->add_option("--against", options->against,
                      "launch files or folders with replayed steps: prediction and measurement side by side; curves "
                      "come from --cost, or are fitted from the folder's other launches");
  options->step.add_to(*command);
  command->add_option("--model", options->model, "a shipped model's name, or a model file (*.toml)");
  options->mapping.add_to(*command);
  command->add_option("--compare", options->compare,
                      "a second step beside the first: parts that differ, as tp=4,pp=16,dp=2 or cost=FILE, gpu=NAME, "
                      "node_nic=200GB/s (repeats)");
  command->add_option("--rows", options->rows, "predict every row of a table of training runs (*.csv)");
  command->add_option("--out", options->out, "where --rows writes the table with predictions")->capture_default_str();
  command->add_option("--cost-per-gpu-hour", options->cost_per_gpu_hour, "price of one GPU for an hour")
      ->check(finite_range(0, 1e6));
  command->add_flag("--communication", options->communication,
                    "communication alone, nothing overlapped with computation");
  command->add_flag("--brief", options->brief, "without the table of messages");
  command->add_flag("--json", options->json, "print JSON (schema \"hockney step prediction\")");
  command->add_flag("--csv", options->csv, "print the parts as comma-separated values");
  command->add_flag("--constants", options->constants,
                    "print what the step model and the --gpu's file assume, and from where");
  command->callback([options, command] {
    refuse_unused(*command);
    std::vector<const char*> required;
    if (!options->constants && options->against.empty()) {
      required = {"--cost"};
      if (options->rows.empty()) {
        required = {"--cost", "--model", "--mbs", "--gbs"};
      }
    }
    for (const char* name : required) {
      if (command->get_option(name)->count() == 0) {
        throw CLI::RequiredError(name);
      }
    }
    run(*options);
  });
}

}  // namespace hockney::commands
