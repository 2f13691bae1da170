#include "predict/calibration.hpp"

#include <gtest/gtest.h>
#include <vector>

#include "compute/gemm.hpp"
#include "errors/error.hpp"

namespace hockney {
namespace {

Gpu made_up() {
  Gpu gpu;
  gpu.name = "made up";
  gpu.matrix_flops_per_s = 300e12;
  gpu.multiprocessors = 100;
  gpu.memory_bytes_per_s = 2e12;
  gpu.l2_bytes_per_s = 7e12;
  return gpu;
}

// Products timed by a clock of a known efficiency, times a factor.
std::vector<Measurement> products_at(double efficiency, double factor = 1) {
  const Gpu gpu = made_up();
  const StepConstants constants;
  const KernelClock clock(gpu, constants, efficiency, 2);
  std::vector<Measurement> products;
  for (const std::uint64_t width : {4096U, 12288U}) {
    Measurement product;
    product.point.operation = Operation::matmul;
    product.point.element = Element::bfloat16;
    product.point.matmul.m = 8192;
    product.point.matmul.n = width;
    product.point.matmul.k = 12288;
    product.rank_columns = 1;
    product.elapsed = {factor * clock.gemm({8192, static_cast<double>(width), 12288})};
    products.push_back(product);
  }
  return products;
}

TEST(EfficiencyOfProducts, IsThatOfTheClockThatTimedThem) {
  for (const double efficiency : {0.5, 0.8}) {
    EXPECT_NEAR(efficiency_of_products(products_at(efficiency), made_up(), StepConstants{}), efficiency, 1e-4);
  }
}

TEST(EfficiencyOfProducts, IsRefusedWhereNoneExplainsTheTimes) {
  EXPECT_THROW(efficiency_of_products(products_at(0.8, 1000), made_up(), StepConstants{}), InputError);
  EXPECT_THROW(efficiency_of_products({}, made_up(), StepConstants{}), InputError);
}

}  // namespace
}  // namespace hockney
