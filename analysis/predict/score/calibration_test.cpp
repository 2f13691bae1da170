#include "predict/score/calibration.hpp"

#include <gtest/gtest.h>
#include <vector>

#include "base/error.hpp"
#include "predict/compute/gemm.hpp"
#include "predict/compute/synthetic_gpu.hpp"

namespace hockney::predict {
namespace {

// Products timed by a clock of a known efficiency, times a factor.
std::vector<Measurement> products_at(double efficiency, double factor = 1) {
  const Gpu gpu = synthetic::round_gpu();
  const StepConstants constants;
  const KernelClock clock(gpu, constants, efficiency, 2);
  std::vector<Measurement> products;
  for (const std::uint64_t width : {4096U, 12288U}) {
    Measurement product;
    product.point.become(Operation::matmul);
    product.point.element = Element::bfloat16;
    product.point.own = Matmul{.m = 8192, .n = width, .k = 12288, .pass = MatmulPass::forward, .layer = {}};
    product.rank_columns = 1;
    product.elapsed = {factor * clock.gemm({8192, static_cast<double>(width), 12288})};
    products.push_back(product);
  }
  return products;
}

TEST(EfficiencyOfProducts, IsThatOfTheClockThatTimedThem) {
  for (const double efficiency : {0.5, 0.8}) {
    EXPECT_NEAR(efficiency_of_products(products_at(efficiency), synthetic::round_gpu(), StepConstants{}), efficiency,
                1e-4);
  }
}

TEST(EfficiencyOfProducts, IsRefusedWhereNoneExplainsTheTimes) {
  EXPECT_THROW(efficiency_of_products(products_at(0.8, 1000), synthetic::round_gpu(), StepConstants{}), InputError);
  EXPECT_THROW(efficiency_of_products({}, synthetic::round_gpu(), StepConstants{}), InputError);
}

}  // namespace
}  // namespace hockney::predict
