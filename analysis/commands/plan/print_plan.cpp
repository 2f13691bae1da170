#include "commands/plan/print_plan.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

#include "base/number.hpp"
#include "base/text_table.hpp"
#include "commands/predict/mapping_flags.hpp"
#include "predict/step/message_cells.hpp"
#include "predict/step/step_interval.hpp"
#include "predict/step/step_prediction.hpp"

namespace hockney::commands {
namespace {

double tensor_seconds(const predict::StepTime& time) {
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

/// A group of a step's seconds that has a column.
struct Share {
  std::string_view name;
  double (*seconds)(const predict::StepTime&);
};

constexpr std::array<Share, 6> shares{
    {{"compute", [](const predict::StepTime& time) { return time.compute_s; }},
     {"tensor", tensor_seconds},
     {"transfer", [](const predict::StepTime& time) { return time.exposed(Cause::pipeline); }},
     {"bubble", [](const predict::StepTime& time) { return time.bubble_s(); }},
     {"data",
      [](const predict::StepTime& time) { return time.exposed(Cause::data) + time.exposed(Cause::tied_embedding); }},
     {"optimizer", [](const predict::StepTime& time) { return time.optimizer_s; }}}};

void add_shares(std::vector<std::string>& row, const predict::Candidate& candidate) {
  for (const Share& share : shares) {
    row.push_back(predict::percent(share.seconds(candidate.time) / candidate.time.total_s));
  }
  row.push_back(predict::gibibytes_of(candidate.memory.all()));
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
  std::vector<TextTable::Column> columns;
  for (const Share& share : shares) {
    columns.push_back({fmt::format("{} (%)", share.name)});
  }
  columns.push_back({"memory (GiB)"});
  return columns;
}

void print_best(Planner& planner, const predict::SearchResult& result) {
  std::vector<TextTable::Column> columns{{"#"}};
  const auto append = [&](std::vector<TextTable::Column> more) {
    columns.insert(columns.end(), more.begin(), more.end());
  };
  append(mapping_columns());
  append({{"step (s)"}, {"95 % interval (s)"}});
  append(share_columns());
  append({{"against the first", Align::left}});
  TextTable table(std::move(columns));
  std::vector<predict::StepDraws> draws;
  std::size_t alike = 0;
  constexpr double sure = 0.975;
  for (std::size_t i = 0; i < result.best.size(); ++i) {
    const predict::Candidate& candidate = result.best[i];
    draws.push_back(predict::draw_steps(planner.step, planner.model, candidate.mapping, planner.network));
    const Interval interval = draws.back().interval(predict::step_parts().back(), candidate.time.total_s);
    std::vector<std::string> row{std::to_string(i + 1)};
    add_mapping(row, candidate.mapping);
    row.push_back(significant(candidate.time.total_s));
    row.push_back(fmt::format("{} .. {}", significant(interval.low), significant(interval.high)));
    add_shares(row, candidate);
    const double slower = candidate.time.total_s / result.best.front().time.total_s - 1;
    const bool told_apart = i > 0 && predict::share_faster(draws.front(), draws.back()) >= sure;
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

void print_limits(Planner& planner, const predict::SearchResult& result) {
  const predict::Candidate& best = result.best.front();
  const auto seconds = seconds_by_limit(planner.step, planner.model, best.mapping, planner.network);
  std::vector<std::size_t> order{1, 2, 3, 4};  // computation is not a limit to look for
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return seconds[a] > seconds[b]; });
  fmt::print("\nThe first is computing for {} % of the step. What limits it next:",
             predict::percent(seconds[0] / best.time.total_s));
  for (const std::size_t i : order) {
    fmt::print("{} {} {} %", i == order.front() ? "" : ",", Names<predict::Limit>::table[i].second,
               predict::percent(seconds[i] / best.time.total_s));
  }
  fmt::print(
      ".\nMemory: weights, optimizer state and activations; what CUDA, NCCL and fragmentation take is not in it: leave "
      "room for them with a smaller --memory.\n");
  if (result.beyond_memory) {
    const predict::Candidate& beyond = *result.beyond_memory;
    fmt::print("Without its limit {} would take {} s, {:.1f} % less, but needs {} GiB.\n", to_string(beyond.mapping),
               significant(beyond.time.total_s), (1 - beyond.time.total_s / best.time.total_s) * 100,
               predict::gibibytes_of(beyond.memory.all()));
  }
}

}  // namespace

void print_plan_header(const PlanOptions& options, Planner& planner, const predict::Candidate* fastest) {
  fmt::print("model       {}: {} billion parameters, global batch {}\n", planner.model.name,
             significant(static_cast<double>(planner.model.parameters()) / 1e9), planner.space.base.global_batch);
  fmt::print("GPUs        {} x {} in nodes of {}, {} GiB each\n", planner.space.gpus, planner.step.gpu().name,
             planner.space.base.gpus_per_node, predict::gibibytes_of(planner.space.memory_bytes));
  fmt::print("efficiency  {}\n", planner.steps.efficiency_origin());
  fmt::print("cost model  {} ({}){}\n", planner.cost.name, planner.cost.created_by,
             options.step.node_nic.empty() ? "" : fmt::format(", NICs of a node {}", options.step.node_nic));
  print_plan_warnings(stdout, planner, fastest);
}

void print_plan_warnings(std::FILE* to, Planner& planner, const predict::Candidate* fastest) {
  if (fastest != nullptr) {
    for (const std::string& warning :
         predict::warnings_about_step(planner.step, planner.model, fastest->mapping, planner.network)) {
      fmt::print(to, "WARNING     {}\n", warning);
    }
  }
}

void print_plan(const PlanOptions& options, Planner& planner, const predict::SearchResult& result) {
  print_plan_header(options, planner, &result.best.front());
  fmt::print("searched    {} mappings that divide evenly, {} fit in memory\n", result.tried, result.fitting);
  if (result.unanswered > 0) {
    fmt::print("left out    {} mappings that the cost model has no curves for, the first because: {}\n",
               result.unanswered, result.refusal);
  }
  fmt::print("\n");
  print_best(planner, result);
  print_limits(planner, result);
  fmt::print("The first as a step: hockney predict {} --model {} {}\n", options.step.text(), options.model,
             to_flags(result.best.front().mapping));
}

void print_sweep_csv(const std::vector<Swept>& swept) {
  fmt::print("tp,pp,dp,ep,vp,mbs,recompute,sequence_parallel,distributed_optimizer,step_s,overhead_fraction");
  for (const Share& share : shares) {
    fmt::print(",{}_fraction", share.name);
  }
  fmt::print(",memory_bytes\n");
  for (const Swept& one : swept) {
    if (one.best) {
      const predict::StepTime& time = one.best->time;
      std::vector<std::string> row;
      add_mapping(row, one.best->mapping);
      fmt::print("{},{:.6g},{:.4f}", fmt::join(row, ","), time.total_s, *one.point.overhead);
      for (const Share& share : shares) {
        fmt::print(",{:.4f}", share.seconds(time) / time.total_s);
      }
      fmt::print(",{:.0f}\n", one.best->memory.all());
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
    row.push_back(predict::percent(*one.point.overhead));
    add_shares(row, *one.best);
    table.add(std::move(row));
  }
  fmt::print("{}", table.print());
  fmt::print(
      "Overhead: the share of the step beyond one forward and one backward pass of the slowest stage: communication, "
      "bubble, recomputation, optimizer.\n{} pair{} of sizes left out: nothing divides evenly, fits in memory and has "
      "curves.\n",
      left_out, left_out == 1 ? "" : "s");
}

}  // namespace hockney::commands
