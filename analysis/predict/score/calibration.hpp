#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "predict/memory/step_memory.hpp"
#include "predict/score/step_rows.hpp"
#include "predict/step/step_model.hpp"
#include "record/measurement.hpp"

namespace hockney::predict {

/// The efficiency (share of the matrix units' peak) from 1 % to 150 % at which `log_ratio`, which falls as efficiency
/// rises, is 0, by bisection to 1e-12; nothing where it is 0 at none.
std::optional<double> efficiency_where_zero(const std::function<double(double)>& log_ratio);

/// How a row's state is sharded: as the row says, but what ran had room. Where the training state of a replica does not
/// fit the GPU, parameters are taken as sharded (Sharding::full). `stated`: the row's memory as it says.
Sharding sharding_with_room(const StepRow& row, const StepMemory& stated, const Gpu& gpu);

/// From matrix products that were timed: the efficiency with which the geometric mean of KernelClock::gemm() / median
/// measured time over `products` is 1. Every one must be of Operation::matmul. Throws InputError when there is none,
/// and when no efficiency from 1 % to 150 % reaches the measured times: then something else than the GPU sets them.
double efficiency_of_products(std::span<const Measurement> products, const Gpu& gpu, const StepConstants& constants);

/// What sets a GPU's efficiency instead of its file: measured training runs, or matrix products that were timed. Both
/// empty and without a name: nothing does.
struct Calibration {
  std::string name;  ///< the file or campaign
  std::vector<StepRow> rows;
  std::vector<Measurement> products;
};

/// A GPU's efficiency and where it comes from: "0.894 of the peak, from ...".
struct Efficiency {
  double value = 0;
  std::string origin;
  Footing footing = Footing::other;  ///< own, or stand_in, where training runs set it
};

/// That of Stack::efficiency_on(), else the GPU file's; with products efficiency_of_products(); with rows that with
/// which the geometric mean of predicted / measured is 1 over those that ran on the GPU in this precision, where one
/// did and was measured, each in its own way, with joined nodes (join_fabric()) and sharding_with_room(). `network_of`
/// gives the network that times a row. Throws InputError as efficiency_of_products(), with the calibration's name in
/// front.
Efficiency efficiency_of(const Gpu& gpu, const StackRun& run, const StepConstants& constants,
                         const Calibration& calibration, const std::function<StepNetwork&(const StepRow&)>& network_of);

}  // namespace hockney::predict
