// How fast steps are predicted and mappings searched, on one core: the search of a planner is worth nothing when it is
// slow. Curves are made up (no file is read), the models and GPUs are those that come with Hockney.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "base/shipped.hpp"
#include "predict/compute/gpu.hpp"
#include "predict/score/predicted_rows.hpp"
#include "predict/score/row_predictors.hpp"
#include "predict/search/mapping_search.hpp"
#include "predict/step/step_interval.hpp"
#include "workload/transformer.hpp"

namespace {

using namespace hockney;

cost::CostCurve curve(Operation operation, double beta_s_per_byte) {
  cost::CostCurve made;
  made.shape.become(operation);
  made.shape.transport = TransportKind::scripted;
  made.shape.fabric = Fabric::nvswitch;
  made.shape.group = {8, 8, 1, 1};
  made.machine = "made up";
  for (std::uint64_t i = 0; i < 4; ++i) {
    cost::AlphaBeta segment;
    segment.from = kibibytes(1ULL << (6 * i));
    segment.to = kibibytes(1ULL << (6 * i + 5));
    segment.alpha_s = 30e-6 * static_cast<double>(i + 1);
    segment.beta_s_per_byte = beta_s_per_byte;
    made.segments.push_back(segment);
  }
  return made;
}

cost::CostModel node() {
  cost::CostModel model;
  model.name = "made up";
  model.curves = {curve(Operation::all_reduce, 1 / 130e9), curve(Operation::all_gather, 1 / 250e9),
                  curve(Operation::reduce_scatter, 1 / 250e9), curve(Operation::all_to_all, 1 / 250e9)};
  return model;
}

struct Setup {
  Transformer model = find_transformer("gpt3-175b", shipped_folder() / "models");
  predict::Gpu gpu = predict::find_gpu("a100-80g", shipped_folder() / "gpus");
  predict::StepConstants constants;
  predict::StepModel step{gpu, constants, gpu.efficiency};
  cost::CostModel cost = node();
  predict::StepNetwork network{cost, constants, {predict::NicRate{25e9, Seconds{5e-6}}, {}, false, {}}};

  predict::SearchSpace space() const {
    predict::SearchSpace space;
    space.gpus = 1024;
    space.base.global_batch = 1536;
    space.memory_bytes = 80e9;
    return space;
  }
};

std::vector<Mapping> mappings() {
  std::vector<Mapping> all;
  for (const std::uint64_t tensor : {1U, 2U, 4U, 8U}) {
    for (const std::uint64_t pipeline : {1U, 2U, 4U, 8U, 16U}) {
      for (const std::uint64_t micro_batch : {1U, 2U, 4U}) {
        for (const bool sequence_parallel : {false, true}) {
          Mapping mapping;
          mapping.tensor = tensor;
          mapping.pipeline = pipeline;
          mapping.data = 1024 / (tensor * pipeline);
          mapping.micro_batch = micro_batch;
          mapping.global_batch = 12288;
          mapping.sequence_parallel = sequence_parallel;
          mapping.recompute = Recompute::selective;
          all.push_back(mapping);
        }
      }
    }
  }
  return all;
}

void step_predictions(benchmark::State& state) {
  Setup setup;
  const std::vector<Mapping> all = mappings();
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(setup.step.predict(setup.model, all[next], setup.network));
    next = (next + 1) % all.size();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(step_predictions);

void step_with_interval(benchmark::State& state) {
  Setup setup;
  const Mapping mapping = mappings().back();
  for (auto _ : state) {
    benchmark::DoNotOptimize(predict::draw_steps(setup.step, setup.model, mapping, setup.network));
  }
}
BENCHMARK(step_with_interval)->Unit(benchmark::kMillisecond);

cost::CostModel unsure_node() {
  cost::CostModel model = node();
  for (cost::CostCurve& made : model.curves) {
    for (cost::AlphaBeta& segment : made.segments) {
      constexpr double share = 0.1;
      segment.alpha_interval_s = {segment.alpha_s * (1 - share), segment.alpha_s * (1 + share)};
      segment.beta_interval_s_per_byte = {segment.beta_s_per_byte * (1 - share), segment.beta_s_per_byte * (1 + share)};
    }
  }
  return model;
}

// As `predict --rows` tells a row. The counter: how far its ends lie from those of 20,000 draws, in widths of the
// interval, at most over the mappings.
void propagated_interval(benchmark::State& state) {
  Setup setup;
  const cost::CostModel cost = unsure_node();
  predict::StepNetwork network(cost, setup.constants, {predict::NicRate{25e9, Seconds{5e-6}}, {}, false, {}});
  const std::vector<Mapping> all = mappings();
  const auto interval_of = [&](const Mapping& mapping) {
    const predict::StepTime time = network.remember([&] { return setup.step.predict(setup.model, mapping, network); });
    return predict::propagated_interval(setup.step, setup.model, mapping, network, time);
  };
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(interval_of(all[next]));
    next = (next + 1) % all.size();
  }
  state.SetItemsProcessed(state.iterations());
  double furthest = 0;
  for (std::size_t i = 0; i < all.size(); i += 7) {
    constexpr std::uint64_t many = 20000;
    const double total = setup.step.predict(setup.model, all[i], network).total_s;
    const Interval drawn = predict::draw_steps(setup.step, setup.model, all[i], network, many)
                               .interval(predict::step_parts().back(), total);
    const Interval told = interval_of(all[i]);
    furthest = std::max({furthest, std::abs(told.low - drawn.low) / (drawn.high - drawn.low),
                         std::abs(told.high - drawn.high) / (drawn.high - drawn.low)});
  }
  state.counters["furthest_end_in_widths"] = furthest;
}
BENCHMARK(propagated_interval)->Iterations(20000);

// A table as a planner writes it: every row another mapping.
std::string table_of(std::size_t rows) {
  std::string text =
      "source,name,layers,hidden,heads,sequence,vocabulary,tp,pp,dp,mbs,gbs,recompute,sequence_parallel,gpu,"
      "gpus_per_node,node_nic_bytes_per_s\n";
  const std::vector<Mapping> all = mappings();
  for (std::size_t i = 0; i < rows; ++i) {
    const Mapping& mapping = all[i % all.size()];
    text +=
        fmt::format("planner,gpt3-175b,96,12288,96,2048,51200,{},{},{},{},{},{},{},a100-80g,8,2e+11\n", mapping.tensor,
                    mapping.pipeline, mapping.data, mapping.micro_batch, mapping.global_batch * (1 + i / all.size()),
                    name_of(mapping.recompute), mapping.sequence_parallel ? 1 : 0);
  }
  return text;
}

// `predict --rows` from the text of a table to the text of a table, but for reading and writing files.
template <predict::RowDetail detail>
void rows_to_rows(benchmark::State& state) {
  const cost::CostModel cost = unsure_node();
  constexpr std::size_t count = 20000;
  const std::string text = table_of(count);
  for (auto _ : state) {
    predict::RowPredictors predictors(
        [](const std::string& name) { return predict::find_gpu(name, shipped_folder() / "gpus"); },
        [&](const predict::Gpu&) -> const cost::CostModel& { return cost; }, {}, {});
    predict::StepRows table = predict::parse_step_rows(text, "table");
    const std::vector<predict::PredictedRow> rows = predict::predict_rows(table, predictors, detail);
    benchmark::DoNotOptimize(predict::with_predictions(table, rows));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}
BENCHMARK(rows_to_rows<predict::RowDetail::intervals>)->Name("rows_with_intervals")->Unit(benchmark::kMillisecond);
BENCHMARK(rows_to_rows<predict::RowDetail::seconds>)->Name("rows_without_intervals")->Unit(benchmark::kMillisecond);

// Everything but reading files: curves are compiled anew every time.
void plan_of_175b_on_1024_gpus(benchmark::State& state) {
  Setup setup;
  std::uint64_t tried = 0;
  for (auto _ : state) {
    predict::StepNetwork network(setup.cost, setup.constants, {predict::NicRate{25e9, Seconds{5e-6}}, {}, false, {}});
    const predict::SearchResult result = predict::search_mappings(setup.step, setup.model, setup.space(), network, 10);
    for (const predict::Candidate& candidate : result.best) {
      benchmark::DoNotOptimize(predict::draw_steps(setup.step, setup.model, candidate.mapping, network));
    }
    tried = result.tried;
  }
  state.counters["mappings"] = static_cast<double>(tried);
}
BENCHMARK(plan_of_175b_on_1024_gpus)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
