#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>
#include <optional>

#include "base/error.hpp"
#include "commands/finite_range.hpp"
#include "commands/flag_value.hpp"
#include "commands/predict/step_flags.hpp"
#include "commands/predict/ways.hpp"
#include "commands/view_output.hpp"
#include "views/message_view.hpp"
#include "vocabulary/group_on_nodes.hpp"

namespace hockney::commands {
namespace {

struct MessageOptions {
  StepFlags step;
  std::string operation;
  std::vector<std::string> payloads;
  std::optional<std::uint32_t> ranks;
  std::optional<std::uint32_t> nodes;
  std::optional<std::uint32_t> ranks_per_node;
  std::uint32_t concurrent = 1;
  ViewOutput output;
};

Operation operation_of(const std::string& word) {
  const auto operation = flag_value("--message", word, parse_name<Operation>);
  if (!is_on_curve(operation)) {
    throw InputError(fmt::format("--message {}: has no curve over its payload", word));
  }
  return operation;
}

PlacedGroup group_of(const MessageOptions& options, Operation operation) {
  if (!options.ranks && !is_point_to_point(operation)) {
    throw InputError("--ranks: expected how many ranks take part");
  }
  PlacedGroup placed;
  placed.group = group_on_nodes(options.ranks.value_or(2), options.nodes, options.ranks_per_node);
  if (!placed.group.is_placed()) {
    throw InputError("--nodes or --ranks-per-node: expected one; other curves answer inside a node than between nodes");
  }
  if (is_point_to_point(operation) && placed.group.ranks != 2) {
    throw InputError(fmt::format("--ranks {}: {} joins two ranks", placed.group.ranks, name_of(operation)));
  }
  placed.at_once = options.concurrent;
  placed.nodes = options.nodes.value_or(placed.group.nodes());
  return placed;
}

void run(MessageOptions options) {
  const cost::CostModel cost = read_cost(options.step);
  options.step.without.emplace_back(name_of(predict::Addition::host_wait));  // that of a step's transfers
  predict::Predictor predictor = predictor_of(options.step, predict::find_gpu(options.step.gpu), cost);
  Message message;
  message.operation = operation_of(options.operation);
  message.placed = group_of(options, message.operation);
  message.count = 1;
  const predict::StepNetwork& network = predictor.network(std::nullopt, message.placed.group.ranks_per_node);
  std::vector<predict::StepLine> lines;
  for (const std::string& payload : options.payloads) {
    message.payload = flag_value("--payload", payload, parse_bytes);
    lines.push_back({message, network.answer(message), {}});
  }
  print(views::message_view(lines, fmt::format("{} ({})", cost.name, cost.created_by)), options.output);
}

}  // namespace

void add_predict_message(CLI::App& predict) {
  auto options = std::make_shared<MessageOptions>();
  CLI::App* command =
      predict.add_subcommand("message", "one operation by itself: its time, and the curve that says so");
  command->add_option("OPERATION,--message", options->operation, "all_reduce, all_to_all, ping_pong ...")->required();
  command->add_option("--payload", options->payloads, "its size, as 64MiB (several: a row for each)")->required();
  command->add_option("--ranks", options->ranks, "how many ranks take part; two of a transfer")->check(whole_range(1));
  command->add_option("--nodes", options->nodes, "on how many nodes they are")->check(whole_range(1));
  command->add_option("--ranks-per-node", options->ranks_per_node, "or how many of them share a node")
      ->check(whole_range(1));
  command
      ->add_option("--concurrent", options->concurrent,
                   "how many such groups run at once on the same nodes, itself too")
      ->check(whole_range(1));
  options->step.add_network_to(*command);
  command->get_option("--cost")->required();
  options->step.add_gpu_to(*command);
  add_view_flags(*command, options->output);
  command->callback([options] { run(*options); });
}

}  // namespace hockney::commands
