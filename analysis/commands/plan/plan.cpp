#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "commands/commands.hpp"
#include "commands/finite_range.hpp"
#include "commands/plan/plot_plan.hpp"
#include "commands/plan/search_flags.hpp"
#include "commands/predict/mapping_flags.hpp"
#include "commands/predict/step_flags.hpp"
#include "commands/view_output.hpp"
#include "predict/step/step_prediction.hpp"
#include "render/forms.hpp"
#include "render/plot/gnuplot.hpp"
#include "views/plan_view.hpp"

namespace hockney::commands {
namespace {

struct PlanOptions {
  StepFlags step;
  SearchFlags search;
  std::string model;
  std::uint64_t best = 10;
  std::string plot;
  ViewOutput output;
};

/// Everything that a search reads, kept alive together.
struct Planner {
  explicit Planner(const PlanOptions& options)
      : model(find_transformer(options.model)),
        gpu(predict::find_gpu(options.step.gpu)),
        costs(options.step),
        cost(costs.of(gpu)),
        usual(usual_run(options.step, gpu.name)),
        predictor(predictor_of(options.step, gpu, cost, usual.run)),
        space(options.search.space(gpu, usual)),
        node_nic(node_nic_of(options.step)),
        network(joined_network()) {}

  predict::StepNetwork& joined_network() {
    join_fabric(gpu, space.base, node_nic);
    return predictor.network(node_nic, space.base.gpus_per_node);
  }

  Transformer model;
  predict::Gpu gpu;
  CostModels costs;
  const cost::CostModel& cost;
  UsualRun usual;
  predict::Predictor predictor;
  predict::SearchSpace space;
  std::optional<double> node_nic;
  predict::StepNetwork& network;
};

views::PlanHead head_of(const PlanOptions& options, Planner& planner, const predict::Candidate* best) {
  views::PlanHead head{
      planner.model, planner.space, planner.predictor.step().gpu().name, planner.predictor.efficiency_origin(), {}, {}};
  head.cost_model =
      fmt::format("{} ({}){}", planner.cost.name, planner.cost.created_by,
                  options.step.node_nic.empty() ? "" : fmt::format(", NICs of a node {}", options.step.node_nic));
  if (best != nullptr) {
    head.warnings =
        predict::warnings_about_step(planner.predictor.step(), planner.model, best->mapping, planner.network);
    if (const auto warning = planner.predictor.assumed_nic(best->mapping, planner.node_nic)) {
      head.warnings.push_back(*warning);
    }
  }
  return head;
}

void draw(const PlanOptions& options, const Planner& planner, const std::vector<predict::Swept>& swept) {
  PlanPicture picture;
  picture.file = options.plot;
  picture.title =
      fmt::format("{} on {} x {}", planner.model.name, planner.space.gpus, planner.predictor.step().gpu().name);
  picture.subtitles = {fmt::format("cost model {}, nodes of {}, global batch {}; predicted, best mapping that fits",
                                   planner.cost.name, planner.space.base.gpus_per_node,
                                   planner.space.base.global_batch)};
  if (!planner.cost.line_rates.empty() || !options.step.node_nic.empty() || !options.step.bandwidth.empty()) {
    picture.remarks = {"between nodes estimated from line rate, not measured"};
  }
  options.search.sweeps.empty() ? draw_overhead_map(swept, picture) : draw_overhead_lines(swept, picture);
  fmt::print(options.output.is_text() ? stdout : stderr, "\ndrawn: {}\n", options.plot);
}

std::vector<predict::Swept> sweep(Planner& planner) {
  return predict::sweep_mappings(planner.predictor.step(), planner.model, planner.space, planner.network);
}

void print_sweep(const PlanOptions& options, Planner& planner, const std::vector<predict::Swept>& swept) {
  const predict::Candidate* best = nullptr;
  for (const predict::Swept& one : swept) {
    if (one.best && (best == nullptr || one.best->ranked_s < best->ranked_s)) {
      best = &*one.best;
    }
  }
  print(views::sweep_view(head_of(options, planner, best), swept), options.output);
}

// The same step on the mesh as behind the switch, pair of sizes by pair of sizes.
std::vector<views::WithoutSwitch> without_switch(Planner& behind, Planner& on_mesh) {
  const std::vector<predict::Swept> switched = sweep(behind);
  const std::vector<predict::Swept> meshed = sweep(on_mesh);
  std::vector<views::WithoutSwitch> rows;
  for (std::size_t i = 0; i < switched.size(); ++i) {
    if (switched[i].best && meshed[i].best) {
      const predict::StepTime same =
          on_mesh.predictor.step().predict(on_mesh.model, switched[i].best->mapping, on_mesh.network);
      rows.push_back({*switched[i].best, same.total_s, *meshed[i].best});
    }
  }
  return rows;
}

void print_mesh(const PlanOptions& options) {
  PlanOptions with_switch = options;
  with_switch.step.mesh.clear();
  Planner behind(with_switch);
  Planner on_mesh(options);
  const std::vector<views::WithoutSwitch> rows = without_switch(behind, on_mesh);
  if (rows.empty()) {
    throw InputError(fmt::format("no mapping of {} on {} GPUs fits", behind.model.name, behind.space.gpus));
  }
  print(views::mesh_view(head_of(options, on_mesh, &rows.front().on_mesh), options.step.mesh, rows), options.output);
}

predict::SearchResult search(const PlanOptions& options, Planner& planner) {
  predict::SearchResult result =
      predict::search_mappings(planner.predictor.step(), planner.model, planner.space, planner.network, options.best);
  if (result.best.empty() && result.unanswered > 0) {
    throw InputError(result.refusal);
  }
  if (result.best.empty()) {
    throw InputError(fmt::format("no mapping of {} on {} GPUs: {} divide evenly, none fits in {} GiB",
                                 planner.model.name, planner.space.gpus, result.tried,
                                 render::gibibytes(planner.space.memory_bytes)));
  }
  return result;
}

void print_plan(const PlanOptions& options, Planner& planner) {
  views::Plan plan{search(options, planner), {}, {}, {}};
  const predict::StepModel& step = planner.predictor.step();
  const predict::Candidate& first = plan.result.best.front();
  plan.ranked = predict::ranked(step, planner.model, plan.result.best, planner.network);
  plan.limits_s = predict::seconds_by_limit(step, planner.model, first.mapping, planner.network);
  Mapping as_said = first.mapping;
  as_said.gpus_per_node = options.search.gpus_per_node;  // that of nodes, whatever fabric joins them
  plan.command = fmt::format("hockney predict {} --model {} {}", options.step.text(), options.model,
                             to_flags(as_said, planner.usual.mapping));
  print(views::plan_view(head_of(options, planner, &first), plan), options.output);
}

void run(const PlanOptions& options) {
  if (!options.plot.empty()) {
    render::require_picture_file(options.plot);
  }
  if (!options.step.mesh.empty()) {
    print_mesh(options);
    return;
  }
  Planner planner(options);
  const bool sweeps = !options.search.sweeps.empty();
  std::vector<predict::Swept> swept;
  if (sweeps || !options.plot.empty()) {
    swept = sweep(planner);
  }
  sweeps ? print_sweep(options, planner, swept) : print_plan(options, planner);
  if (!options.plot.empty()) {
    draw(options, planner, swept);
  }
}

}  // namespace

void add_plan(CLI::App& app) {
  CLI::App* command = app.add_subcommand("plan", "the best mappings of a model that fit in memory");
  auto options = std::make_shared<PlanOptions>();
  options->step.add_network_to(*command);
  options->step.add_gpu_to(*command);
  options->step.add_run_to(*command);
  options->step.add_node_nic_to(*command);
  options->step.add_calibrate_to(*command);
  command->add_option("--model", options->model, "a shipped model's name, or a model file (*.toml)")->required();
  options->search.add_to(*command);
  CLI::Option* best =
      command->add_option("--best", options->best, "mappings to print")->check(whole_range(1))->capture_default_str();
  command->get_option("--sweep")->excludes(best);
  command->add_option("--plot", options->plot,
                      "draw the overhead (.svg or .png): a heat map over tp and pp; with --sweep lines over pp");
  command->get_option("--mesh")
      ->description("compare with nodes without a switch, pair of tp and pp by pair: links to neighbours (8 or 2x4)")
      ->excludes("--plot");
  add_view_flags(*command, options->output);
  command->callback([options] { run(*options); });
}

}  // namespace hockney::commands
