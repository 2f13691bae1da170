#include "predict/calibration.hpp"

#include <cmath>
#include <fmt/format.h>

#include "errors/error.hpp"

namespace hockney {
namespace {

constexpr double least_efficiency = 0.01;
constexpr double most_efficiency = 1.5;
constexpr int bisections = 40;

}  // namespace

double calibrated_efficiency(std::span<const TrainingRow> rows, const Gpu& gpu, const StepConstants& constants,
                             const std::function<StepNetwork&(const TrainingRow&)>& network_of) {
  const auto log_ratio = [&](double efficiency) {
    const StepModel step(gpu, constants, efficiency);
    double sum = 0;
    std::size_t measured = 0;
    for (const TrainingRow& row : rows) {
      if (row.measured_s) {
        sum += std::log(step.predict(row.model, row.mapping, network_of(row)).total_s / *row.measured_s);
        ++measured;
      }
    }
    if (measured == 0) {
      throw InputError("calibration: no row has a measured_s");
    }
    return sum;
  };
  double low = least_efficiency;
  double high = most_efficiency;
  if (log_ratio(low) < 0 || log_ratio(high) > 0) {
    throw InputError(
        fmt::format("calibration: no efficiency between {} and {} of the {}'s peak explains the measured "
                    "times; expected rows whose time is mostly computation on that GPU",
                    low, high, gpu.name));
  }
  for (int i = 0; i < bisections; ++i) {
    const double middle = (low + high) / 2;
    (log_ratio(middle) > 0 ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace hockney
