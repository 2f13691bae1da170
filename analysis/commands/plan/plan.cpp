#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "commands/commands.hpp"
#include "commands/plan/planner.hpp"
#include "commands/plan/plot_plan.hpp"
#include "commands/plan/print_plan.hpp"
#include "predict/step/message_cells.hpp"
#include "render/plot/gnuplot.hpp"

namespace hockney::commands {
namespace {

void draw(const PlanOptions& options, const Planner& planner, const std::vector<Swept>& swept) {
  std::vector<OverheadPoint> points;
  for (const Swept& one : swept) {
    points.push_back(one.point);
  }
  PlanPicture picture;
  picture.file = options.plot;
  picture.title = fmt::format("{} on {} x {}", planner.model.name, planner.space.gpus, planner.step.gpu().name);
  picture.subtitles = {fmt::format("cost model {}, nodes of {}, global batch {}; predicted, fastest mapping that fits",
                                   planner.cost.name, planner.space.base.gpus_per_node,
                                   planner.space.base.global_batch)};
  if (!planner.cost.line_rates.empty() || !options.step.node_nic.empty() || !options.step.bandwidth.empty()) {
    picture.remarks = {"between nodes estimated from line rate, not measured"};
  }
  options.sweeps.empty() ? draw_overhead_map(points, picture) : draw_overhead_lines(points, picture);
  fmt::print(options.csv ? stderr : stdout, "\ndrawn: {}\n", options.plot);
}

void print_swept(const PlanOptions& options, Planner& planner) {
  const std::vector<Swept> swept = sweep(planner);
  const predict::Candidate* fastest = nullptr;
  for (const Swept& one : swept) {
    if (one.best && (fastest == nullptr || one.best->time.total_s < fastest->time.total_s)) {
      fastest = &*one.best;
    }
  }
  if (options.csv) {
    print_sweep_csv(swept);
    print_plan_warnings(stderr, planner, fastest);
  } else {
    print_plan_header(options, planner, fastest);
    fmt::print("\n");
    print_sweep(swept);
  }
  if (!options.plot.empty()) {
    draw(options, planner, swept);
  }
}

void run(const PlanOptions& options) {
  if (!options.plot.empty()) {
    render::require_picture_file(options.plot);
  }
  Planner planner(options);
  if (!options.sweeps.empty()) {
    print_swept(options, planner);
    return;
  }
  const predict::SearchResult result = predict::search_mappings(
      planner.step, planner.model, planner.space, planner.network, static_cast<std::size_t>(options.best));
  if (result.best.empty() && result.unanswered > 0) {
    throw InputError(result.refusal);
  }
  if (result.best.empty()) {
    throw InputError(fmt::format("no mapping of {} on {} GPUs: {} divide evenly, none fits in {} GiB",
                                 planner.model.name, options.gpus, result.tried,
                                 predict::gibibytes_of(planner.space.memory_bytes)));
  }
  print_plan(options, planner, result);
  if (!options.plot.empty()) {
    draw(options, planner, sweep(planner));
  }
}

}  // namespace

void add_plan(CLI::App& app) {
  CLI::App* command = app.add_subcommand("plan", "the fastest mappings of a model that fit in memory");
  auto options = std::make_shared<PlanOptions>();
  options->step.add_to(*command);
  command->get_option("--cost")->required();
  command->add_option("--model", options->model, "a shipped model's name, or a model file (*.toml)")->required();
  command->add_option("--gpus", options->gpus, "GPUs in all")->required();
  command->add_option("--gpus-per-node", options->gpus_per_node, "GPUs that share a node")->capture_default_str();
  command->add_option("--gbs", options->global_batch, "sequences per step")->required();
  command->add_option("--memory", options->memory, "of one GPU (80GB, 80GiB); the GPU file's without it");
  command->add_option("--best", options->best, "mappings to print")->capture_default_str();
  command->add_option("--cp", options->context, "context-parallel size of all mappings")->capture_default_str();
  command->add_option("--gradient-bytes", options->gradient_bytes, "bytes of a reduced gradient: 2 or 4")
      ->capture_default_str();
  command->add_option("--sweep", options->sweeps,
                      "tp=1,2,4 or pp=1..64 (doubling): the fastest mapping of every pair of sizes, and its overhead");
  command->add_option("--plot", options->plot,
                      "draw the overhead (.svg or .png): a heat map over tp and pp; with --sweep lines over pp");
  command->add_flag("--flash-attention", options->flash_attention, "fused attention");
  command->add_flag("--overlap-gradients", options->overlap_gradients, "reduce gradients beside the last backward");
  command->add_flag("--overlap-transfers", options->overlap_transfers, "transfers beside computation (interleaved)");
  command->add_flag("--csv", options->csv, "with --sweep: comma-separated values");
  command->callback([options, command] {
    if (options->csv && options->sweeps.empty()) {
      throw CLI::RequiresError("--csv", "--sweep");
    }
    if (!options->sweeps.empty() && command->get_option("--best")->count() > 0) {
      throw CLI::ExcludesError("--sweep", "--best");
    }
    run(*options);
  });
}

}  // namespace hockney::commands
