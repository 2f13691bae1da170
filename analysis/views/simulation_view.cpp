#include "views/simulation_view.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/number.hpp"
#include "predict/step/step_warnings.hpp"
#include "render/forms.hpp"
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

render::Table phases_of(const Simulation& simulation) {
  render::Table table{.name = "phases", .title = "simulated: alone, and all at the same time"};
  table.columns = {text_column("phase", "phase"),
                   data_column("simulated"),
                   number_column("alone_s", "alone (ms)", render::milliseconds),
                   number_column("simulated_alone_s", "by SimGrid (ms)", render::milliseconds),
                   number_column("together_s", "together (ms)", render::milliseconds),
                   number_column("slowdown", "slowdown"),
                   text_column("ports", "ports"),
                   data_column("first_port"),
                   number_column("port_bytes", "each carries (GiB)", render::gibibytes),
                   number_column("port_bytes_per_s", "at (GB/s)", render::gigabytes_per_second)};
  for (const SimulatedPhase& each : simulation.phases) {
    const double operations = static_cast<double>(each.phase.message.count);
    table.rows.push_back({each.name, true, each.phase.all_alone_s(), each.simulated_alone_s, each.together_s,
                          each.together_s / each.phase.all_alone_s(), ports_of(each.load), each.load.first_port,
                          each.load.bytes * operations, render::known(each.load.bytes_per_s)});
  }
  return table;
}

render::Table answers_of(const std::vector<predict::StepLine>& lines) {
  render::Table table{.name = "answers", .title = "one operation of each alone, as hockney predict message"};
  table.columns = asked_columns();
  table.columns.push_back(number_column("value_s", "time (us)", render::microseconds));
  append(table.columns, answer_columns());
  for (const predict::StepLine& line : lines) {
    auto& row = table.rows.emplace_back(asked_cells(line.message, line.answer));
    row.emplace_back(line.answer.estimate.value_s);
    append(row, answer_cells(line.answer));
  }
  return table;
}

std::vector<std::string> warnings_of(const Simulation& simulation, const std::vector<predict::StepLine>& lines) {
  constexpr double as_good_as_all = 0.999;
  std::vector<std::string> warnings{
      "SIMULATED: SimGrid shared out the ports of one node, which stands for all; no two phases were measured at the "
      "same time"};
  for (const SimulatedPhase& each : simulation.phases) {
    if (each.load.counted < as_good_as_all) {
      warnings.push_back(fmt::format(
          "MORE THAN A PORT: alone, {} would send {} through each, by the bytes of a ring or of all pairs; {} % of "
          "them "
          "are counted",
          each.name, to_string(BytesPerSecond{each.load.bytes_per_s / each.load.counted}), percent(each.load.counted)));
    }
  }
  append(warnings, predict::warnings_about(lines));
  return warnings;
}

}  // namespace

render::View simulation_view(const Simulation& simulation) {
  std::vector<predict::StepLine> lines;
  double one_by_one = 0;
  double together = 0;
  for (const SimulatedPhase& each : simulation.phases) {
    lines.push_back({each.phase.message, each.answer, {}});
    one_by_one += each.phase.all_alone_s();
    together = std::max(together, each.together_s);
  }
  const simulate::Node& node = simulation.node;
  render::View view{.what = "simulation", .version = "1.0.0", .main_table = "phases"};
  view.facts = {{"cost_model", "cost model", simulation.cost_name},
                {"node.gpus", "GPUs of a node", node.gpus},
                {"node.ports", "ports of a node", node.ports},
                {"node.port_bytes_per_s", "a port carries",
                 render::Cell(node.port_bytes_per_s)
                     .shown_as(fmt::format("{}, {}", to_string(BytesPerSecond{node.port_bytes_per_s}),
                                           simulation.port_rate_origin))},
                {"one_by_one_s", "one by one (ms)", one_by_one, render::milliseconds},
                {"together_s", "together (ms)", together, render::milliseconds}};
  view.warnings = warnings_of(simulation, lines);
  view.tables = {phases_of(simulation), answers_of(lines)};
  view.notes = {
      "together: all start at the same time; phases on one port share it evenly, and what one cannot take the "
      "others get",
      "not in the model: contention inside the fabric, congestion control, links and copies inside a node, "
      "GPUs that phases share"};
  return view;
}

}  // namespace hockney::views
