#include "views/plan_view.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/number.hpp"
#include "render/forms.hpp"

namespace hockney::views {
namespace {

using predict::Candidate;
using predict::StepTime;
using render::Cell;
using render::Table;

double tensor_seconds(const StepTime& time) {
  return time.exposed(Cause::tensor) + time.exposed(Cause::sequence) + time.exposed(Cause::context) +
         time.exposed(Cause::expert);
}

/// A group of a step's seconds that has a column.
struct Share {
  std::string_view name;
  double (*seconds)(const StepTime&);
};

constexpr std::array<Share, 6> shares{
    {{"compute", [](const StepTime& time) { return time.compute_s; }},
     {"tensor", tensor_seconds},
     {"transfer", [](const StepTime& time) { return time.exposed(Cause::pipeline); }},
     {"bubble", [](const StepTime& time) { return time.bubble_s(); }},
     {"data", [](const StepTime& time) { return time.exposed(Cause::data) + time.exposed(Cause::tied_embedding); }},
     {"optimizer", [](const StepTime& time) { return time.optimizer_s; }}}};

void append(auto& all, auto more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<render::Column> mapping_columns() {
  using namespace render;
  return {number_column("tp", "tp"),
          number_column("pp", "pp"),
          number_column("dp", "dp"),
          number_column("ep", "ep"),
          number_column("vp", "v"),
          number_column("mbs", "mbs"),
          text_column("recompute", "recompute"),
          text_column("sequence_parallel", "sp"),
          text_column("distributed_optimizer", "dist"),
          number_column("step_s", "step (s)")};
}

std::vector<Cell> mapping_cells(const Candidate& candidate) {
  const Mapping& mapping = candidate.mapping;
  return {mapping.tensor,        mapping.pipeline,          mapping.data,
          mapping.expert,        mapping.virtual_stages,    mapping.micro_batch,
          mapping.recompute,     mapping.sequence_parallel, mapping.distributed_optimizer,
          candidate.time.total_s};
}

std::vector<render::Column> share_columns() {
  std::vector<render::Column> columns;
  for (const Share& share : shares) {
    columns.push_back(render::number_column(fmt::format("{}_fraction", share.name), fmt::format("{} (%)", share.name),
                                            render::percentage));
  }
  columns.push_back(render::number_column("memory_bytes", "memory (GiB)", render::gibibytes));
  return columns;
}

std::vector<Cell> share_cells(const Candidate& candidate) {
  std::vector<Cell> cells;
  for (const Share& share : shares) {
    cells.emplace_back(share.seconds(candidate.time) / candidate.time.total_s);
  }
  cells.emplace_back(candidate.memory.all());
  return cells;
}

render::View headed(const PlanHead& head, std::string what, std::string main_table) {
  render::View view{.what = std::move(what), .version = "1.0.0", .main_table = std::move(main_table)};
  view.facts = {{"model", "model",
                 Cell(head.model.name)
                     .shown_as(fmt::format("{}: {} billion parameters, global batch {}", head.model.name,
                                           significant(static_cast<double>(head.model.parameters()) / 1e9),
                                           head.space.base.global_batch))},
                {"gpus", "GPUs",
                 Cell(head.space.gpus)
                     .shown_as(fmt::format("{} x {} in nodes of {}, {} GiB each", head.space.gpus, head.gpu,
                                           head.space.base.gpus_per_node, render::gibibytes(head.space.memory_bytes)))},
                {"gpu", "", head.gpu},
                {"global_batch_sequences", "", head.space.base.global_batch},
                {"gpus_per_node", "", head.space.base.gpus_per_node},
                {"memory_per_gpu_bytes", "", head.space.memory_bytes},
                {"efficiency_origin", "efficiency", head.efficiency_origin},
                {"cost_model", "cost model", head.cost_model}};
  view.warnings = head.warnings;
  return view;
}

Table ranked_table(const std::vector<predict::Ranked>& ranked) {
  Table table{.name = "mappings", .title = "best mappings that fit"};
  table.columns = {render::number_column("rank", "#")};
  append(table.columns, mapping_columns());
  append(table.columns, std::vector{render::data_column("low_s"), render::data_column("high_s"),
                                    render::number_column("", "95 % interval (s)")});
  append(table.columns, share_columns());
  append(table.columns,
         std::vector{render::text_column("slower_fraction", "against the first"), render::data_column("told_apart")});
  for (const predict::Ranked& one : ranked) {
    const bool is_first = table.rows.empty();
    const std::string against =
        fmt::format("{:+.1f} %{}", one.slower_fraction * 100, one.told_apart ? "" : ", within the uncertainty");
    std::vector<Cell>& row = table.rows.emplace_back();
    row.emplace_back(table.rows.size());
    append(row, mapping_cells(one.candidate));
    append(row, std::vector<Cell>{
                    one.interval_s.low, one.interval_s.high,
                    fmt::format("{} .. {}", significant(one.interval_s.low), significant(one.interval_s.high))});
    append(row, share_cells(one.candidate));
    append(row, std::vector<Cell>{Cell(one.slower_fraction).shown_as(is_first ? "" : against), one.told_apart});
  }
  return table;
}

std::string limits_of(const Plan& plan) {
  const auto& seconds = plan.limits_s;
  const double total_s = plan.result.best.front().time.total_s;
  std::vector<std::size_t> order{1, 2, 3, 4};  // computation is not a limit to look for
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return seconds[a] > seconds[b]; });
  std::string text = fmt::format("The first is computing for {} % of the step. What limits it next:",
                                 render::percentage(seconds[0] / total_s));
  for (const std::size_t i : order) {
    text += fmt::format("{} {} {} %", i == order.front() ? "" : ",", Names<predict::Limit>::table[i].second,
                        render::percentage(seconds[i] / total_s));
  }
  return text + ".";
}

void add_notes(std::vector<std::string>& notes, const Plan& plan) {
  const auto alike = std::count_if(plan.ranked.begin() + 1, plan.ranked.end(),
                                   [](const predict::Ranked& one) { return !one.told_apart; });
  if (alike > 0) {
    notes.push_back(fmt::format(
        "The first cannot be told apart from {} of the others: their difference is smaller than the uncertainty.",
        alike));
  }
  notes.push_back(limits_of(plan));
  notes.emplace_back(
      "Memory: weights, optimizer state and activations; what CUDA, NCCL and fragmentation take is not in it: leave "
      "room for them with a smaller --memory.");
  if (const auto& beyond = plan.result.beyond_memory) {
    notes.push_back(fmt::format("Without its limit {} would take {} s, {:.1f} % less, but needs {} GiB.",
                                to_string(beyond->mapping), significant(beyond->time.total_s),
                                (1 - beyond->time.total_s / plan.result.best.front().time.total_s) * 100,
                                render::gibibytes(beyond->memory.all())));
  }
  notes.push_back("The first as a step: " + plan.command);
}

}  // namespace

render::View plan_view(const PlanHead& head, const Plan& plan) {
  render::View view = headed(head, "plan", "mappings");
  const predict::SearchResult& result = plan.result;
  view.facts.push_back(
      {"tried", "searched",
       Cell(result.tried)
           .shown_as(fmt::format("{} mappings that divide evenly, {} fit in memory", result.tried, result.fitting))});
  view.facts.push_back({"fitting", "", result.fitting});
  view.facts.push_back({"unanswered", "", result.unanswered});
  if (result.unanswered > 0) {
    view.facts.push_back({"", "left out",
                          fmt::format("{} mappings that the cost model has no curves for, the first because: {}",
                                      result.unanswered, result.refusal)});
  }
  view.facts.push_back({"command", "", plan.command});
  view.tables.push_back(ranked_table(plan.ranked));
  add_notes(view.notes, plan);
  return view;
}

render::View sweep_view(const PlanHead& head, const std::vector<predict::Swept>& swept) {
  render::View view = headed(head, "plan sweep", "sweep");
  Table table{.name = "sweep", .title = "best mapping of each pair of sizes"};
  table.columns = mapping_columns();
  table.columns.push_back(render::number_column("overhead_fraction", "overhead (%)", render::percentage));
  append(table.columns, share_columns());
  for (const predict::Swept& one : swept) {
    if (one.best) {
      std::vector<Cell>& row = table.rows.emplace_back(mapping_cells(*one.best));
      row.emplace_back(*one.overhead());
      append(row, share_cells(*one.best));
    }
  }
  const std::size_t left_out = swept.size() - table.rows.size();
  view.tables.push_back(std::move(table));
  view.notes = {
      "Overhead: the share of the step beyond one forward and one backward pass of the slowest stage: communication, "
      "bubble, recomputation, optimizer.",
      fmt::format("{} pair{} of sizes left out: nothing divides evenly, fits in memory and has curves.", left_out,
                  left_out == 1 ? "" : "s")};
  return view;
}

namespace {

constexpr double near_best = 0.05;

double switch_s(const WithoutSwitch& row) { return row.behind_switch.time.total_s; }
double mesh_s(const WithoutSwitch& row) { return row.on_mesh.time.total_s; }

const WithoutSwitch& fastest(const std::vector<WithoutSwitch>& rows, double (*seconds)(const WithoutSwitch&)) {
  return *std::min_element(rows.begin(), rows.end(), [&](const WithoutSwitch& one, const WithoutSwitch& other) {
    return seconds(one) < seconds(other);
  });
}

std::size_t near_fastest(const std::vector<WithoutSwitch>& rows, double (*seconds)(const WithoutSwitch&)) {
  const double limit = seconds(fastest(rows, seconds)) * (1 + near_best);
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [&](const WithoutSwitch& row) { return seconds(row) <= limit; }));
}

void add_worth(render::View& view, const std::vector<WithoutSwitch>& rows) {
  const WithoutSwitch& behind = fastest(rows, switch_s);
  const WithoutSwitch& on_mesh = fastest(rows, mesh_s);
  const double best = switch_s(behind);
  const auto add = [&](const char* key, const char* label, double value, std::string text) {
    view.facts.push_back({key, label, Cell(value).shown_as(std::move(text))});
  };
  const auto slower = [&](double seconds) { return fmt::format("+{} %", percent(seconds / best - 1)); };
  add("switch_best_s", "best behind the switch", best,
      fmt::format("{} s: {}", significant(best), to_string(behind.behind_switch.mapping)));
  add("same_on_mesh_s", "the same on the mesh", behind.same_on_mesh_s,
      fmt::format("{} s, {}", significant(behind.same_on_mesh_s), slower(behind.same_on_mesh_s)));
  add("mesh_best_s", "best on the mesh", mesh_s(on_mesh),
      fmt::format("{} s, {}: {}", significant(mesh_s(on_mesh)), slower(mesh_s(on_mesh)),
                  to_string(on_mesh.on_mesh.mapping)));
  view.facts.push_back(
      {"switch_near_best", "within 5 % of its best",
       Cell(near_fastest(rows, switch_s))
           .shown_as(fmt::format("{} of {} pairs of tp and pp behind the switch, {} on the mesh",
                                 near_fastest(rows, switch_s), rows.size(), near_fastest(rows, mesh_s)))});
  view.facts.push_back({"mesh_near_best", "", near_fastest(rows, mesh_s)});
}

}  // namespace

render::View mesh_view(const PlanHead& head, const std::string& mesh, const std::vector<WithoutSwitch>& rows) {
  render::View view = headed(head, "plan mesh", "mesh");
  view.facts.push_back(
      {"mesh_sizes", "mesh", Cell(mesh).shown_as(mesh + ", the same links per GPU, to its neighbours")});
  add_worth(view, rows);
  Table table{.name = "mesh", .title = "best mapping of each pair of sizes, with and without the switch"};
  table.columns = mapping_columns();
  table.columns.push_back(render::number_column("same_on_mesh_s", "same on mesh (s)"));
  table.columns.push_back(render::number_column("slower_fraction", "slower (%)", render::percentage));
  table.columns.push_back(render::number_column("mesh_best_s", "mesh's own best (s)"));
  for (const WithoutSwitch& row : rows) {
    std::vector<Cell>& cells = table.rows.emplace_back(mapping_cells(row.behind_switch));
    append(cells, std::vector<Cell>{row.same_on_mesh_s, row.same_on_mesh_s / switch_s(row) - 1, mesh_s(row)});
  }
  view.tables.push_back(std::move(table));
  view.notes = {
      "Mesh: what curves behind a switch say beyond their latency, times how much longer its links are busy; "
      "shortest ways, the best order of a ring. Between nodes nothing changes: a lower bound of the cost."};
  return view;
}

}  // namespace hockney::views
