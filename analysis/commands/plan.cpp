#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <optional>
#include <utility>

#include "commands/commands.hpp"
#include "commands/mapping_flags.hpp"
#include "commands/plot_plan.hpp"
#include "commands/step_inputs.hpp"
#include "config/shipped.hpp"
#include "errors/error.hpp"
#include "predict/mapping_search.hpp"
#include "predict/step_interval.hpp"
#include "predict/step_screen.hpp"
#include "table/text_table.hpp"
#include "units/number.hpp"

namespace hockney {
namespace {

struct PlanOptions {
  StepFlags step;
  std::string model;
  std::int64_t gpus = 0;
  std::int64_t gpus_per_node = 8;
  std::int64_t global_batch = 0;
  std::int64_t context = 1;
  std::int64_t gradient_bytes = 4;
  std::int64_t best = 10;
  std::string memory;
  std::vector<std::string> sweeps;
  std::string plot;
  bool flash_attention = false;
  bool overlap_gradients = false;
  bool overlap_transfers = false;
  bool csv = false;
};

constexpr double gibibyte = 1024.0 * 1024 * 1024;

// Vendors' GB of a GPU's memory: 80GB is taken as 80e9 B, which is on the safe side.
double memory_of(const PlanOptions& options, const Gpu& gpu) {
  if (options.memory.empty()) {
    return static_cast<double>(gpu.memory.count);
  }
  const auto [value, unit] = split_number(options.memory, "memory such as 80GB or 80GiB");
  if (unit == "GB" && value > 0) {
    return value * 1e9;
  }
  return static_cast<double>(parse_bytes(options.memory).count);
}

std::uint64_t number_in(const std::string& sweep, std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || value == 0) {
    throw InputError(fmt::format("--sweep {}: '{}', expected numbers of 1 or more: tp=1,2,4 or pp=1..64", sweep, word));
  }
  return value;
}

// "1,2,4" as it stands; "1..64" by doubling.
std::vector<std::uint64_t> values_in(const std::string& sweep, std::string_view list) {
  std::vector<std::uint64_t> values;
  if (const std::size_t dots = list.find(".."); dots != std::string_view::npos) {
    const std::uint64_t last = number_in(sweep, list.substr(dots + 2));
    for (std::uint64_t value = number_in(sweep, list.substr(0, dots)); value <= last; value *= 2) {
      values.push_back(value);
    }
    return values;
  }
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    values.push_back(number_in(sweep, list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return values;
}

void set_sweeps(SearchSpace& space, const std::vector<std::string>& sweeps) {
  for (const std::string& sweep : sweeps) {
    const std::size_t equals = std::min(sweep.find('='), sweep.size());
    const std::string name = sweep.substr(0, equals);
    if (name != "tp" && name != "pp") {
      throw InputError(fmt::format("--sweep {}: expected tp=... or pp=...", sweep));
    }
    (name == "tp" ? space.tensor : space.pipeline) =
        values_in(sweep, std::string_view(sweep).substr(std::min(equals + 1, sweep.size())));
  }
}

SearchSpace space_of(const PlanOptions& options, const Gpu& gpu) {
  for (const auto& [flag, value] :
       {std::pair{"--gpus", options.gpus}, std::pair{"--gpus-per-node", options.gpus_per_node},
        std::pair{"--gbs", options.global_batch}, std::pair{"--cp", options.context},
        std::pair{"--best", options.best}}) {
    if (value < 1) {
      throw InputError(fmt::format("{}: {} given, expected 1 or more", flag, value));
    }
  }
  SearchSpace space;
  space.gpus = static_cast<std::uint64_t>(options.gpus);
  space.memory_bytes = memory_of(options, gpu);
  space.base.global_batch = static_cast<std::uint64_t>(options.global_batch);
  space.base.gpus_per_node = static_cast<std::uint64_t>(options.gpus_per_node);
  space.base.context = static_cast<std::uint64_t>(options.context);
  space.base.gradient_bytes = static_cast<std::uint64_t>(options.gradient_bytes);
  space.base.flash_attention = options.flash_attention;
  space.base.overlap_gradients = options.overlap_gradients;
  space.base.overlap_transfers = options.overlap_transfers;
  space.base.scatter_gather = true;
  return space;
}

/// Everything a search reads, kept alive together.
struct Planner {
  explicit Planner(const PlanOptions& options)
      : model(find_transformer(options.model, shipped_folder() / "models")),
        cost(read_cost(options.step)),
        steps(options.step.gpu, options.step, cost),
        step(steps.model()),
        space(space_of(options, step.gpu())),
        network(steps.networks().of(node_nic_of(options.step), space.base.gpus_per_node)) {}

  Transformer model;
  CostModel cost;
  GpuSteps steps;
  const StepModel& step;
  SearchSpace space;
  StepNetwork& network;
};

std::string percent(double part, double whole) { return fmt::format("{:.1f}", part / whole * 100); }

double tensor_seconds(const StepTime& time) {
  return time.exposed(Cause::tensor) + time.exposed(Cause::sequence) + time.exposed(Cause::context) +
         time.exposed(Cause::expert);
}

void add_mapping(std::vector<std::string>& row, const Mapping& mapping) {
  for (const std::uint64_t size :
       {mapping.tensor, mapping.pipeline, mapping.data, mapping.expert, mapping.virtual_stages, mapping.micro_batch}) {
    row.push_back(std::to_string(size));
  }
  row.emplace_back(name_of(mapping.recompute));
  row.emplace_back(mapping.sequence_parallel ? "yes" : "no");
  row.emplace_back(mapping.distributed_optimizer ? "yes" : "no");
}

void add_shares(std::vector<std::string>& row, const Candidate& candidate) {
  const StepTime& time = candidate.time;
  row.push_back(percent(time.compute_s, time.total_s));
  row.push_back(percent(tensor_seconds(time), time.total_s));
  row.push_back(percent(time.exposed(Cause::pipeline), time.total_s));
  row.push_back(percent(time.bubble_s(), time.total_s));
  row.push_back(percent(time.exposed(Cause::data) + time.exposed(Cause::tied_embedding), time.total_s));
  row.push_back(percent(time.optimizer_s, time.total_s));
  row.push_back(significant(candidate.memory.all() / gibibyte, 3));
}

std::vector<TextTable::Column> mapping_columns() {
  return {{"tp"},
          {"pp"},
          {"dp"},
          {"ep"},
          {"v"},
          {"mbs"},
          {"recompute", Align::left},
          {"sp", Align::left},
          {"dist", Align::left}};
}

std::vector<TextTable::Column> share_columns() {
  return {{"compute (%)"}, {"tensor (%)"}, {"transfer (%)"}, {"bubble (%)"},
          {"data (%)"},    {"optim. (%)"}, {"memory (GiB)"}};
}

void print_best(Planner& planner, const SearchResult& result) {
  std::vector<TextTable::Column> columns{{"#"}};
  const auto append = [&](std::vector<TextTable::Column> more) {
    columns.insert(columns.end(), more.begin(), more.end());
  };
  append(mapping_columns());
  append({{"step (s)"}, {"95 % interval (s)"}});
  append(share_columns());
  append({{"against the first", Align::left}});
  TextTable table(std::move(columns));
  std::vector<StepDraws> draws;
  std::size_t alike = 0;
  constexpr double sure = 0.975;
  for (std::size_t i = 0; i < result.best.size(); ++i) {
    const Candidate& candidate = result.best[i];
    draws.push_back(draw_steps(planner.step, planner.model, candidate.mapping, planner.network));
    const Interval interval = draws.back().interval(step_parts().back(), candidate.time.total_s);
    std::vector<std::string> row{std::to_string(i + 1)};
    add_mapping(row, candidate.mapping);
    row.push_back(significant(candidate.time.total_s));
    row.push_back(fmt::format("{} .. {}", significant(interval.low), significant(interval.high)));
    add_shares(row, candidate);
    const double slower = candidate.time.total_s / result.best.front().time.total_s - 1;
    const bool told_apart = i > 0 && share_faster(draws.front(), draws.back()) >= sure;
    alike += i > 0 && !told_apart ? 1 : 0;
    row.push_back(i == 0 ? "" : fmt::format("+{:.1f} %{}", slower * 100, told_apart ? "" : ", within the uncertainty"));
    table.add(std::move(row));
  }
  fmt::print("{}", table.print());
  if (alike > 0) {
    fmt::print(
        "The first cannot be told apart from {} of the others: their difference is smaller than the uncertainty.\n",
        alike);
  }
}

void print_limits(Planner& planner, const SearchResult& result) {
  const Candidate& best = result.best.front();
  const auto seconds = seconds_by_limit(planner.step, planner.model, best.mapping, planner.network);
  std::vector<std::size_t> order{1, 2, 3, 4};  // computation is not a limit to look for
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return seconds[a] > seconds[b]; });
  fmt::print("\nThe first is computing for {} % of the step. What limits it next:",
             percent(seconds[0], best.time.total_s));
  for (const std::size_t i : order) {
    fmt::print("{} {} {} %", i == order.front() ? "" : ",", Names<Limit>::table[i].second,
               percent(seconds[i], best.time.total_s));
  }
  fmt::print(
      ".\nMemory: weights, optimizer state and activations; what CUDA, NCCL and fragmentation take is not in it.\n");
  if (result.beyond_memory) {
    const Candidate& beyond = *result.beyond_memory;
    fmt::print("Without its limit {} would take {} s, {:.1f} % less, but needs {} GiB.\n", to_string(beyond.mapping),
               significant(beyond.time.total_s), (1 - beyond.time.total_s / best.time.total_s) * 100,
               significant(beyond.memory.all() / gibibyte, 3));
  }
}

void print_header(const PlanOptions& options, const Planner& planner, const SearchResult& result) {
  fmt::print("model       {}: {} billion parameters, global batch {}\n", planner.model.name,
             significant(static_cast<double>(planner.model.parameters()) / 1e9), planner.space.base.global_batch);
  fmt::print("GPUs        {} x {} in nodes of {}, {} GiB each; efficiency {}\n", planner.space.gpus,
             planner.step.gpu().name, planner.space.base.gpus_per_node,
             significant(planner.space.memory_bytes / gibibyte, 3), planner.steps.efficiency_origin());
  fmt::print("cost model  {} ({}){}\n", planner.cost.name, planner.cost.created_by,
             options.step.node_nic.empty() ? "" : fmt::format(", NICs of a node {}", options.step.node_nic));
  fmt::print("searched    {} mappings that divide evenly, {} fit in memory\n\n", result.tried, result.fitting);
}

SearchResult search_one(Planner& planner, std::uint64_t tensor, std::uint64_t pipeline) {
  SearchSpace space = planner.space;
  space.tensor = {tensor};
  space.pipeline = {pipeline};
  return search_mappings(planner.step, planner.model, space, planner.network, 1);
}

double overhead_of(const Candidate& candidate) { return 1 - candidate.time.compute_s / candidate.time.total_s; }

/// The fastest mapping that fits of one pair of sizes.
struct Swept {
  OverheadPoint point;
  std::optional<Candidate> best;
};

std::vector<Swept> sweep(Planner& planner) {
  const auto all = [](const std::vector<std::uint64_t>& asked) {
    return asked.empty() ? std::vector<std::uint64_t>{1, 2, 4, 8, 16, 32, 64} : asked;
  };
  std::vector<Swept> swept;
  for (const std::uint64_t tensor : all(planner.space.tensor)) {
    for (const std::uint64_t pipeline : all(planner.space.pipeline)) {
      SearchResult result = search_one(planner, tensor, pipeline);
      Swept& one = swept.emplace_back(Swept{{tensor, pipeline, std::nullopt}, std::nullopt});
      if (!result.best.empty()) {
        one.best = std::move(result.best.front());
        one.point.overhead = overhead_of(*one.best);
      }
    }
  }
  return swept;
}

void print_sweep_csv(const std::vector<Swept>& swept) {
  fmt::print("tp,pp,dp,ep,vp,mbs,recompute,sequence_parallel,distributed_optimizer,step_s,overhead_fraction\n");
  for (const Swept& one : swept) {
    if (one.best) {
      std::vector<std::string> row;
      add_mapping(row, one.best->mapping);
      fmt::print("{},{:.6g},{:.4f}\n", fmt::join(row, ","), one.best->time.total_s, *one.point.overhead);
    }
  }
}

void print_sweep(const std::vector<Swept>& swept) {
  std::vector<TextTable::Column> columns = mapping_columns();
  columns.insert(columns.end(), {{"step (s)"}, {"overhead (%)"}});
  for (const TextTable::Column& column : share_columns()) {
    columns.push_back(column);
  }
  TextTable table(columns);
  std::size_t left_out = 0;
  for (const Swept& one : swept) {
    if (!one.best) {
      ++left_out;
      continue;
    }
    std::vector<std::string> row;
    add_mapping(row, one.best->mapping);
    row.push_back(significant(one.best->time.total_s));
    row.push_back(percent(*one.point.overhead, 1));
    add_shares(row, *one.best);
    table.add(std::move(row));
  }
  fmt::print("{}", table.print());
  fmt::print(
      "Overhead: the share of the step in which the slowest stage does not compute. {} pair{} of sizes left out: "
      "nothing divides evenly or fits in memory.\n",
      left_out, left_out == 1 ? "" : "s");
}

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

void run(const PlanOptions& options) {
  Planner planner(options);
  set_sweeps(planner.space, options.sweeps);
  if (!options.sweeps.empty()) {
    const std::vector<Swept> swept = sweep(planner);
    options.csv ? print_sweep_csv(swept) : print_sweep(swept);
    if (!options.plot.empty()) {
      draw(options, planner, swept);
    }
    return;
  }
  const SearchResult result = search_mappings(planner.step, planner.model, planner.space, planner.network,
                                              static_cast<std::size_t>(options.best));
  if (result.best.empty()) {
    throw InputError(fmt::format("no mapping of {} on {} GPUs: {} divide evenly, none fits in {} GiB",
                                 planner.model.name, options.gpus, result.tried,
                                 significant(planner.space.memory_bytes / gibibyte, 3)));
  }
  print_header(options, planner, result);
  print_best(planner, result);
  print_limits(planner, result);
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
  command->callback([options] { run(*options); });
}

}  // namespace hockney
