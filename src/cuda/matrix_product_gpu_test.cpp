#include <array>
#include <gtest/gtest.h>
#include <vector>

#include "base/error.hpp"
#include "cuda/device.hpp"
#include "cuda/matrix_product.hpp"
#include "pattern/product_data.hpp"

namespace hockney::cuda {
namespace {

class OnTheGpu : public testing::Test {
 protected:
  void SetUp() override {
    if (is_emulated()) {
      GTEST_SKIP() << "the test double of CUDA has no cuBLASLt";
    }
    try {
      products_ = std::make_unique<MatrixProducts>();
    } catch (const CannotRun& error) {
      GTEST_SKIP() << error.what();
    }
  }

  std::uint64_t wrong(const Matmul& shape, Element element) {
    const pattern::ProductData data(shape);
    const auto a = data.a(element);
    const auto b = data.b(element);
    DeviceBuffer on_gpu_a(Bytes{a.size()});
    DeviceBuffer on_gpu_b(Bytes{b.size()});
    DeviceBuffer on_gpu_c(size_of(element) * (shape.m * shape.n));
    copy(stream_, a, on_gpu_a.bytes());
    copy(stream_, b, on_gpu_b.bytes());
    fill_bytes(stream_, on_gpu_c.bytes(), 0xFF);
    products_->queue(stream_, on_gpu_a.bytes(), on_gpu_b.bytes(), on_gpu_c.bytes(), shape, element);
    std::vector<std::byte> c(on_gpu_c.bytes().size());
    copy(stream_, on_gpu_c.bytes(), c);
    stream_.synchronise();
    return data.count_wrong(c, element);
  }

  Stream stream_;
  std::unique_ptr<MatrixProducts> products_;
};

TEST_F(OnTheGpu, MultipliesEveryPassExactly) {
  for (const Element element : {Element::bfloat16, Element::float16, Element::float32}) {
    for (const MatmulPass pass : {MatmulPass::forward, MatmulPass::data_gradient, MatmulPass::weight_gradient}) {
      for (const auto& [m, n, k] : {std::array<std::uint64_t, 3>{64, 128, 256}, {2048, 1536, 12288}, {48, 80, 4096}}) {
        EXPECT_EQ(wrong({m, n, k, pass, {}}, element), 0U) << name_of(element) << " " << name_of(pass) << " " << m;
      }
    }
  }
}

TEST_F(OnTheGpu, RefusesOtherElements) {
  EXPECT_THROW(products_->queue(stream_, {}, {}, {}, {16, 16, 16, MatmulPass::forward, {}}, Element::int8), CannotRun);
}

}  // namespace
}  // namespace hockney::cuda
