// How fast steps are predicted and mappings searched, on one core: the search of a planner is worth nothing when it is
// slow. Curves are made up (no file is read), the models and GPUs are those that come with Hockney.
#include <benchmark/benchmark.h>
#include <filesystem>
#include <vector>

#include "base/shipped.hpp"
#include "predict/compute/gpu.hpp"
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
