#include "views/simulation_view.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "base/number.hpp"
#include "predict/step/step_warnings.hpp"
#include "render/forms.hpp"
#include "simulate/moments.hpp"
#include "views/message_cells.hpp"
#include "views/summary_columns.hpp"

namespace hockney::views {
namespace {

using render::Cell;
using render::data_column;
using render::number_column;
using render::text_column;

Cell ports_of(const simulate::Load& load) {
  return load.ports == 0
             ? Cell(load.ports).shown_as("none")
             : Cell(load.ports).shown_as(fmt::format("{} .. {}", load.first_port, load.first_port + load.ports - 1));
}

render::Column in_step(const Simulation& simulation, render::Column of_step) {
  return simulation.step ? of_step : data_column(of_step.key);
}

render::Table phases_of(const Simulation& simulation) {
  render::Table table{.name = "phases",
                      .title = simulation.step ? "simulated: each alone, and with what runs at the same time"
                                               : "simulated: alone, and all at the same time"};
  table.columns = {in_step(simulation, text_column("moment", "moment")),
                   in_step(simulation, text_column("cause", "cause")),
                   in_step(simulation, text_column("purpose", "message")),
                   text_column("phase", "phase"),
                   data_column("simulated"),
                   number_column("alone_s", "alone (ms)", render::milliseconds),
                   number_column("simulated_alone_s", "by SimGrid (ms)", render::milliseconds),
                   number_column("together_s", "together (ms)", render::milliseconds),
                   number_column("slowdown", "slowdown"),
                   data_column("chain_end_s"),
                   text_column("ports", "ports"),
                   data_column("first_port"),
                   number_column("port_bytes", "each carries (GiB)", render::gibibytes),
                   number_column("port_bytes_per_s", "at (GB/s)", render::gigabytes_per_second)};
  for (const SimulatedMoment& moment : simulation.moments) {
    for (const SimulatedPhase& each : moment.phases) {
      const Message& message = each.phase.message;
      const double operations = static_cast<double>(message.count) * moment.per_step;
      const double alone_s = each.phase.all_alone_s();
      table.rows.push_back({moment.name, simulation.step ? Cell(message.cause) : Cell(), message.purpose, each.name,
                            true, alone_s * moment.per_step, each.simulated_alone_s * moment.per_step,
                            each.together_s * moment.per_step, each.together_s / alone_s, each.chain_end_s,
                            ports_of(each.load), each.load.first_port, each.load.bytes * operations,
                            render::known(each.load.bytes_per_s)});
    }
  }
  return table;
}

render::Table moments_of(const Simulation& simulation) {
  render::Table table{.name = "moments", .title = "chains of one moment, their computation too"};
  table.columns = {text_column("moment", "moment"), data_column("simulated"), number_column("per_step", "per step"),
                   number_column("one_by_one_s", "one by one (ms)", render::milliseconds),
                   number_column("together_s", "together (ms)", render::milliseconds)};
  for (const SimulatedMoment& moment : simulation.moments) {
    if (moment.name != simulate::by_itself) {
      table.rows.push_back({moment.name, true, moment.per_step, moment.one_by_one_s, moment.together_s});
    }
  }
  return table;
}

bool is_alike(const Message& one, const Message& other) {
  return one.operation == other.operation && one.placed == other.placed && one.payload == other.payload;
}

// Each operation once.
render::Table answers_of(const std::vector<predict::StepLine>& lines) {
  render::Table table{.name = "answers", .title = "one operation of each alone, as hockney predict message"};
  table.columns = asked_columns();
  table.columns.push_back(number_column("value_s", "time (us)", render::microseconds));
  append(table.columns, answer_columns());
  std::vector<const Message*> answered;
  for (const predict::StepLine& line : lines) {
    const Message& message = line.message;
    if (std::any_of(answered.begin(), answered.end(), [&](const Message* each) { return is_alike(*each, message); })) {
      continue;
    }
    answered.push_back(&message);
    auto& row = table.rows.emplace_back(asked_cells(message, line.answer));
    row.emplace_back(line.answer.estimate.value_s);
    append(row, answer_cells(line.answer));
  }
  return table;
}

std::vector<std::string> warnings_of(const Simulation& simulation) {
  constexpr double as_good_as_all = 0.999;
  std::vector<std::string> warnings{
      "SIMULATED: SimGrid shared out the ports of one node, which stands for all; no two phases were measured at the "
      "same time"};
  std::set<std::string> named;
  for (const SimulatedMoment& moment : simulation.moments) {
    for (const SimulatedPhase& each : moment.phases) {
      if (each.load.counted < as_good_as_all && named.insert(operation_text(each.phase.message)).second) {
        warnings.push_back(fmt::format(
            "MORE THAN A PORT: alone, {} would send {} through each, by the bytes of a ring or of all pairs; {} % of "
            "them are counted",
            operation_text(each.phase.message), to_string(BytesPerSecond{each.load.bytes_per_s / each.load.counted}),
            percent(each.load.counted)));
      }
    }
  }
  append(warnings, predict::warnings_about(simulation.lines));
  return warnings;
}

void add_step_facts(std::vector<render::Fact>& facts, const Simulation& simulation) {
  const predict::StepPrediction& step = *simulation.step;
  double together_s = 0;
  for (const SimulatedMoment& moment : simulation.moments) {
    for (const SimulatedPhase& each : moment.phases) {
      together_s += each.together_s * moment.per_step;
    }
  }
  facts.insert(facts.begin(), {{"model", "model", to_string(step.model)},
                               {"mapping", "mapping", to_string(step.mapping)},
                               {"gpu", "GPU", step.gpu.name}});
  if (!simulation.others.empty()) {
    facts.push_back({"others", "another job, all the time", simulation.others});
  }
  facts.push_back({"predicted_s", "communication of a step, alone (ms)", step.time.total_s, render::milliseconds});
  facts.push_back({"together_s", "with what runs at once (ms)", together_s, render::milliseconds});
}

void add_hand_facts(std::vector<render::Fact>& facts, const SimulatedMoment& moment) {
  facts.push_back({"one_by_one_s", "one by one (ms)", moment.one_by_one_s, render::milliseconds});
  facts.push_back({"together_s", "together (ms)", moment.together_s, render::milliseconds});
}

}  // namespace

std::string operation_text(const Message& message) {
  const Group& group = message.placed.group;
  return fmt::format("{}:{}:{}/{}", name_of(message.operation), compact(message.payload), group.ranks,
                     group.ranks_per_node);
}

render::View simulation_view(const Simulation& simulation) {
  const simulate::Node& node = simulation.node;
  render::View view{.what = "simulation", .version = "1.1.0", .main_table = "phases"};
  view.facts = {{"cost_model", "cost model", simulation.cost_name},
                {"node.gpus", "GPUs of a node", node.gpus},
                {"node.ports", "ports of a node", node.ports},
                {"node.port_bytes_per_s", "a port carries",
                 render::Cell(node.port_bytes_per_s)
                     .shown_as(fmt::format("{}, {}", to_string(BytesPerSecond{node.port_bytes_per_s}),
                                           simulation.port_rate_origin))}};
  view.warnings = warnings_of(simulation);
  view.tables = {phases_of(simulation)};
  if (simulation.step) {
    add_step_facts(view.facts, simulation);
    view.tables.push_back(moments_of(simulation));
  } else {
    add_hand_facts(view.facts, simulation.moments.front());
  }
  view.tables.push_back(answers_of(simulation.lines));
  view.notes = {
      "together: all of a moment start at the same time; phases on one port share it evenly, and what one cannot take "
      "the others get",
      "not in the model: contention inside the fabric, congestion control, links and copies inside a node, "
      "GPUs that phases share"};
  return view;
}

}  // namespace hockney::views
