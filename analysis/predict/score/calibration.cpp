#include "predict/score/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "base/error.hpp"
#include "predict/compute/gemm.hpp"
#include "predict/step/step_prediction.hpp"
#include "record/statistics.hpp"

namespace hockney::predict {
namespace {

constexpr double least_efficiency = 0.01;
constexpr double most_efficiency = 1.5;
constexpr int bisections = 40;

double some_efficiency(const std::function<double(double)>& log_ratio, const Gpu& gpu) {
  if (const auto efficiency = efficiency_where_zero(log_ratio)) {
    return *efficiency;
  }
  throw InputError(
      fmt::format("calibration: no efficiency between {} and {} of the {}'s peak explains the measured times; expected "
                  "times that are mostly computation on that GPU",
                  least_efficiency, most_efficiency, gpu.name));
}

// What nothing but files says.
Efficiency usual_efficiency(const Gpu& gpu, const StackRun& run) {
  if (const auto known = run.stack == nullptr ? std::nullopt : run.stack->efficiency_on(gpu, run.way.precision)) {
    return {known->efficiency,
            fmt::format("from {} on {} in {}: {}", known->stack, known->gpu, name_of(known->precision), known->origin)};
  }
  return {gpu.efficiency, fmt::format("from the GPU's file: {}", gpu.calibrated_on)};
}

// The efficiency of measured rows.
double calibrated_efficiency(std::span<const StepRow> rows, const Gpu& gpu, const StepConstants& constants,
                             const std::function<StepNetwork&(const StepRow&)>& network_of) {
  const auto log_ratio = [&](double efficiency) {
    double sum = 0;
    for (const StepRow& row : rows) {
      const StepModel step(gpu, constants, efficiency, row.way);
      sum += std::log(step.predict(row.model, row.mapping, network_of(row)).total_s / *row.measured_s);
    }
    return sum;
  };
  return some_efficiency(log_ratio, gpu);
}

}  // namespace

std::optional<double> efficiency_where_zero(const std::function<double(double)>& log_ratio) {
  double low = least_efficiency;
  double high = most_efficiency;
  if (log_ratio(low) < 0 || log_ratio(high) > 0) {
    return std::nullopt;
  }
  for (int i = 0; i < bisections; ++i) {
    const double middle = (low + high) / 2;
    (log_ratio(middle) > 0 ? low : high) = middle;
  }
  return (low + high) / 2;
}

Sharding sharding_with_room(const StepRow& row, const StepMemory& stated, const Gpu& gpu) {
  const bool has_room = stated.state() <= static_cast<double>(row.gpu_memory.value_or(gpu.memory).count);
  return has_room ? row.way.sharding : std::max(row.way.sharding, Sharding::full);
}

double efficiency_of_products(std::span<const Measurement> products, const Gpu& gpu, const StepConstants& constants) {
  if (products.empty()) {
    throw InputError("calibration: no matrix product was measured");
  }
  std::vector<double> measured;
  for (const Measurement& product : products) {
    measured.push_back(median(product.completion_times()));
  }
  const auto log_ratio = [&](double efficiency) {
    double sum = 0;
    for (std::size_t i = 0; i < products.size(); ++i) {
      const Case& point = products[i].point;
      const KernelClock clock(gpu, constants, efficiency, size_of(point.element).count);
      sum += std::log(clock.gemm({static_cast<double>(point.matmul().m), static_cast<double>(point.matmul().n),
                                  static_cast<double>(point.matmul().k)}) /
                      measured[i]);
    }
    return sum;
  };
  return some_efficiency(log_ratio, gpu);
}

Efficiency efficiency_of(const Gpu& gpu, const StackRun& run, const StepConstants& constants,
                         const Calibration& calibration,
                         const std::function<StepNetwork&(const StepRow&)>& network_of) try {
  const Footing footing = run.footing_on(gpu);
  const auto with_origin = [](double value, Footing of, const std::string& origin) {
    return Efficiency{value, fmt::format("{:.3f} of the peak, {}", value, origin), of};
  };
  const Efficiency usual = usual_efficiency(gpu, run);
  if (calibration.name.empty()) {
    return with_origin(usual.value, footing, usual.origin);
  }
  if (!calibration.products.empty()) {
    return with_origin(efficiency_of_products(calibration.products, gpu, constants), footing,
                       fmt::format("from {} matrix products of {}", calibration.products.size(), calibration.name));
  }
  std::vector<StepRow> rows = calibration.rows;
  std::erase_if(rows, [&](const StepRow& row) {
    return row.gpu != gpu.name || row.way.precision != run.way.precision || !row.measured_s;
  });
  if (rows.empty()) {
    return with_origin(usual.value, footing,
                       fmt::format("no measured row of {} ran on it in {}; {}", calibration.name,
                                   name_of(run.way.precision), usual.origin));
  }
  for (StepRow& row : rows) {
    join_fabric(gpu, row.mapping, row.node_nic_bytes_per_s);
    row.way.sharding = sharding_with_room(row, memory_of(row.way, row.model, row.mapping), gpu);
  }
  return with_origin(
      calibrated_efficiency(rows, gpu, constants, network_of),
      run.stands_in() ? Footing::stand_in : std::min(footing, Footing::own),
      fmt::format("calibrated on {} row{} of {}", rows.size(), rows.size() == 1 ? "" : "s", calibration.name));
} catch (const InputError& error) {
  throw InputError(fmt::format("{}: {}", calibration.name, error.what()));
}

}  // namespace hockney::predict
