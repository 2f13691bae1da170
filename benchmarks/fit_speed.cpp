// What the fit costs: one curve, and as many curves as a shelf of published logs holds with every validation.
#include <benchmark/benchmark.h>
#include <cmath>
#include <random>
#include <vector>

#include "cost/cost_model.hpp"
#include "fit/segments/choose_segments.hpp"
#include "fit/segments/fit_curve.hpp"
#include "fit/validate/validate.hpp"

namespace hockney {
namespace {

constexpr fit::SegmentOptions options{.most_segments = 7};

// LL, LL128, Simple and a ring's plateau, with the noise of a loop mean and a disturbed size here and there.
std::vector<cost::CurvePoint> make_curve(std::uint64_t seed, std::size_t sizes, double octaves) {
  constexpr double noise = 0.02;
  constexpr double disturbed_share = 0.03;
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::vector<cost::CurvePoint> points;
  for (std::size_t i = 0; i < sizes; ++i) {
    const double m = std::round(1024 * std::exp2(octaves * (static_cast<double>(i) / static_cast<double>(sizes)))) +
                     static_cast<double>(i);
    const double law = m < 6e4 ? 6e-6 + m / 4e9 : m < 4e6 ? 9e-6 + m / 60e9 : m < 2e8 ? 40e-6 + m / 150e9 : m / 190e9;
    const double disturbance = uniform(generator) < disturbed_share ? 1.5 : 1;
    points.push_back(
        {{static_cast<std::uint64_t>(m)}, law * disturbance * std::exp(noise * normal(generator)), 0.03, {}});
  }
  return points;
}

// As many curves of the same lengths as the published logs that the method was checked on: 81 octave grids and 30 of
// about a hundred sizes.
std::vector<std::vector<cost::CurvePoint>> make_shelf(std::size_t shelves) {
  std::vector<std::vector<cost::CurvePoint>> curves;
  for (std::uint64_t shelf = 0; shelf < shelves; ++shelf) {
    for (std::uint64_t i = 0; i < 81; ++i) {
      curves.push_back(make_curve(1000 * shelf + i, 18 + i % 14, 20));
    }
    for (std::uint64_t i = 0; i < 30; ++i) {
      curves.push_back(make_curve(1000 * shelf + 500 + i, 103, 10));
    }
  }
  return curves;
}

void fit_one_curve(benchmark::State& state) {
  const auto points = make_curve(1, static_cast<std::size_t>(state.range(0)), 24);
  for (auto _ : state) {
    benchmark::DoNotOptimize(fit::fit_curve(points, options));
  }
}

void validate_one_curve(benchmark::State& state) {
  const auto points = make_curve(1, static_cast<std::size_t>(state.range(0)), 24);
  for (auto _ : state) {
    benchmark::DoNotOptimize(fit::validate(points, options));
  }
}

void fit_and_validate_shelf(benchmark::State& state) {
  const auto curves = make_shelf(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    for (const auto& points : curves) {
      const fit::SegmentBegins found = fit::choose_segments(points, options);
      benchmark::DoNotOptimize(fit::describe_segments(points, found, options));
      benchmark::DoNotOptimize(summarise(fit::prediction_errors(points, found, options)));
    }
  }
  state.counters["curves"] = static_cast<double>(curves.size());
}

void answer_one_payload(benchmark::State& state) {
  cost::CostCurve curve;
  curve.points = make_curve(1, 31, 24);
  curve.segments = fit::fit_curve(curve.points, options).segments;
  std::uint64_t payload = 2048;
  for (auto _ : state) {
    payload = payload < 8'000'000'000 ? payload * 5 / 4 : 2048;
    benchmark::DoNotOptimize(curve.time_at({payload}));
  }
}

BENCHMARK(fit_one_curve)->Arg(31)->Arg(103)->Unit(benchmark::kMicrosecond);
BENCHMARK(validate_one_curve)->Arg(31)->Arg(103)->Unit(benchmark::kMicrosecond);
BENCHMARK(fit_and_validate_shelf)->Arg(1)->Arg(4)->Unit(benchmark::kMillisecond);
BENCHMARK(answer_one_payload);

}  // namespace
}  // namespace hockney

BENCHMARK_MAIN();
