#include "predict/step/step_interval.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>

#include "base/error.hpp"
#include "record/deviates.hpp"
#include "record/statistics.hpp"

namespace hockney::predict {
namespace {

constexpr std::uint64_t common_origin = 0x636F6D6D6F6EULL;   // "common"
constexpr std::uint64_t mapping_origin = 0x6D617070696EULL;  // "mappin"

template <Cause cause>
double exposed(const StepTime& time) {
  return time.exposed(cause);
}

template <Cause cause>
double hidden(const StepTime& time) {
  return time.hidden(cause);
}

double none(const StepTime&) { return 0; }

double hidden_in_all(const StepTime& time) {
  double sum = 0;
  for (const double seconds : time.hidden_s) {
    sum += seconds;
  }
  return sum;
}

double data_and_embedding(const StepTime& time) {
  return time.exposed(Cause::data) + time.exposed(Cause::tied_embedding);
}

double hidden_data(const StepTime& time) { return time.hidden(Cause::data) + time.hidden(Cause::tied_embedding); }

void scale(StepTime& time, double factor) {
  for (double* seconds :
       {&time.total_s, &time.compute_s, &time.recompute_s, &time.optimizer_s, &time.bubble_compute_s}) {
    *seconds *= factor;
  }
  for (std::size_t i = 0; i < cause_count; ++i) {
    time.exposed_s[i] *= factor;
    time.hidden_s[i] *= factor;
  }
}

template <class Predict>
StepDraws drawn(StepNetwork& network, std::uint64_t draws, Predict predict) {
  StepDraws result;
  result.draws.reserve(draws);
  for (std::uint64_t draw = 1; draw <= draws; ++draw) {
    network.draw(draw);
    result.draws.push_back(predict(draw));
  }
  network.draw(0);
  return result;
}

// 95 % of the values, stretched to hold one.
Interval middle_of(std::span<const double> values, double held) {
  constexpr double low = 0.025;
  constexpr double high = 0.975;
  return {std::min(held, quantile(values, low)), std::max(held, quantile(values, high))};
}

void require_same_draws(const StepDraws& a, const StepDraws& b) {
  if (a.draws.size() != b.draws.size() || a.draws.empty()) {
    throw Failure("steps of different draws were compared");
  }
}

}  // namespace

double doubt_between_mappings(const StepConstants& constants) {
  return std::exp(z95 * std::numbers::sqrt2 * constants.mapping_error) - 1;
}

std::span<const StepPart> step_parts() {
  static constexpr std::array<StepPart, 10> parts{{
      {"compute", [](const StepTime& time) { return time.compute_s; }, none},
      {"tensor", exposed<Cause::tensor>, hidden<Cause::tensor>},
      {"sequence", exposed<Cause::sequence>, hidden<Cause::sequence>},
      {"context", exposed<Cause::context>, hidden<Cause::context>},
      {"expert", exposed<Cause::expert>, hidden<Cause::expert>},
      {"pipeline transfer", exposed<Cause::pipeline>, hidden<Cause::pipeline>},
      {"bubble", [](const StepTime& time) { return time.bubble_s(); }, hidden<Cause::bubble>},
      {"data", data_and_embedding, hidden_data},
      {"optimizer", [](const StepTime& time) { return time.optimizer_s; }, none},
      {"step", [](const StepTime& time) { return time.total_s; }, hidden_in_all},
  }};
  return parts;
}

Interval StepDraws::interval(const StepPart& part, double value) const {
  std::vector<double> values(draws.size());
  std::transform(draws.begin(), draws.end(), values.begin(), part.seconds);
  return middle_of(values, value);
}

Interval ratio_interval(const StepDraws& step, const StepDraws& over, double ratio) {
  require_same_draws(step, over);
  std::vector<double> ratios(step.draws.size());
  for (std::size_t draw = 0; draw < ratios.size(); ++draw) {
    ratios[draw] = step.draws[draw].total_s / over.draws[draw].total_s;
  }
  return middle_of(ratios, ratio);
}

StepDraws draw_steps(const StepModel& step, const Transformer& model, const Mapping& mapping, StepNetwork& network,
                     std::uint64_t draws) {
  const StepConstants& constants = step.constants();
  const std::uint64_t gpu = std::hash<std::string>{}(step.gpu().name);
  const std::uint64_t layout = std::hash<std::string>{}(step.gpu().name + model.name + to_string(mapping));
  return drawn(network, draws, [&](std::uint64_t draw) {
    StepTime time = step.predict(model, mapping, network);
    scale(time, std::exp(step.common_error(model) * deviate_of(common_origin ^ gpu, draw) +
                         constants.mapping_error * deviate_of(mapping_origin ^ layout, draw)));
    return time;
  });
}

Interval propagated_interval(const StepModel& step, const Transformer& model, const Mapping& mapping,
                             StepNetwork& network, const StepTime& time) {
  const double own = z95 * std::hypot(step.common_error(model), step.constants().mapping_error);
  double up = own * own;
  double down = own * own;
  const auto moved = [&](std::uint64_t curve, double deviate) {
    network.shift(curve, deviate);
    return std::log(step.predict(model, mapping, network).total_s / time.total_s);
  };
  for (const std::uint64_t curve : network.unsure_curves()) {
    up += std::pow(moved(curve, z95), 2);
    down += std::pow(moved(curve, -z95), 2);
    network.shift(curve, 0);
  }
  return {time.total_s * std::exp(-std::sqrt(down)), time.total_s * std::exp(std::sqrt(up))};
}

StepDraws draw_communication(const Transformer& model, const Mapping& mapping, CriticalStage critical,
                             StepNetwork& network, std::uint64_t draws) {
  return drawn(network, draws, [&](std::uint64_t) { return communication_of(model, mapping, critical, network); });
}

double share_faster(const StepDraws& a, const StepDraws& b) {
  require_same_draws(a, b);
  std::size_t faster = 0;
  for (std::size_t i = 0; i < a.draws.size(); ++i) {
    faster += a.draws[i].total_s < b.draws[i].total_s ? 1 : 0;
  }
  return static_cast<double>(faster) / static_cast<double>(a.draws.size());
}

}  // namespace hockney::predict
