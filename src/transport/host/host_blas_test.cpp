#include "transport/host/host_blas.hpp"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "pattern/product_data.hpp"

namespace hockney::transport::host {
namespace {

std::vector<double> numbers(const std::vector<std::byte>& bytes) {
  std::vector<double> values(bytes.size() / sizeof(double));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// The product, by the definition, of operands as they lie in memory.
std::vector<double> multiplied(const Matmul& shape, const std::vector<double>& a, const std::vector<double>& b,
                               std::uint64_t first_term = 0, std::uint64_t terms_left_out = 0) {
  std::vector<double> c(shape.m * shape.n);
  for (std::uint64_t i = 0; i < shape.m; ++i) {
    for (std::uint64_t j = 0; j < shape.n; ++j) {
      for (std::uint64_t l = 0; l < shape.k; ++l) {
        if (l >= first_term && l < first_term + terms_left_out) {
          continue;
        }
        c[i * shape.n + j] += (shape.transposes_a() ? a[l * shape.m + i] : a[i * shape.k + l]) *
                              (shape.transposes_b() ? b[j * shape.k + l] : b[l * shape.n + j]);
      }
    }
  }
  return c;
}

std::vector<std::byte> bytes_of(const std::vector<double>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(double));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

TEST(ProductData, IsWhatMultiplyingGives) {
  for (const MatmulPass pass : {MatmulPass::forward, MatmulPass::data_gradient, MatmulPass::weight_gradient}) {
    for (const std::uint64_t k : {1U, 31U, 64U, 96U, 500U}) {
      const Matmul shape{7, 11, k, pass, {}};
      const pattern::ProductData data(shape);
      auto c = multiplied(shape, numbers(data.a(Element::float64)), numbers(data.b(Element::float64)));
      EXPECT_EQ(data.count_wrong(bytes_of(c), Element::float64), 0U) << name_of(pass) << " " << k;
      EXPECT_EQ(c[3 * 11 + 4], data.result(3, 4));
      std::swap(c[5], c[6]);
      c[70] += 1;
      EXPECT_GE(data.count_wrong(bytes_of(c), Element::float64), 1U);
    }
  }
}

TEST(ProductData, ShowsABlockOfTermsThatWasLeftOut) {
  const Matmul shape{3, 5, 1024, MatmulPass::forward, {}};
  const pattern::ProductData data(shape);
  const auto a = numbers(data.a(Element::float64));
  const auto b = numbers(data.b(Element::float64));
  for (std::uint64_t length = 32; length <= 512; length *= 2) {
    for (std::uint64_t first = 0; first < shape.k; first += length) {
      EXPECT_EQ(data.count_wrong(bytes_of(multiplied(shape, a, b, first, length)), Element::float64), 15U)
          << first << " " << length;
    }
  }
}

TEST(ProductData, StaysExactInEveryElementType) {
  for (const std::uint64_t k : {1U, 1536U, 2048U, 2049U, 12288U, 53248U}) {
    const pattern::ProductData data({64, 64, k, MatmulPass::forward, {}});
    for (std::uint64_t i = 0; i < 64; ++i) {
      EXPECT_LT(std::abs(data.result(i, 63 - i)), 256) << k;
      EXPECT_NE(data.result(i, i), 0) << k;
    }
  }
}

TEST(ProductData, HasTheBitsOfTheElementType) {
  const Matmul shape{1, 1, 1, MatmulPass::forward, {}};
  const pattern::ProductData data(shape);
  const double value = data.result(0, 0);
  const auto first_bits = [&](Element element) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, data.a(element).data(), sizeof(bits));
    return bits;
  };
  const double a = numbers(data.a(Element::float64)).front();
  const std::uint16_t negative = a < 0 ? 0x8000 : 0;
  EXPECT_EQ(first_bits(Element::float16), (std::abs(a) == 1 ? 0x3C00 : 0x4000) | negative);
  EXPECT_EQ(first_bits(Element::bfloat16), (std::abs(a) == 1 ? 0x3F80 : 0x4000) | negative);
  EXPECT_EQ(value, a * numbers(data.b(Element::float64)).front());
  EXPECT_THROW(data.a(Element::int8), Failure);
}

TEST(HostBlas, MultipliesEveryPassExactly) {
  if (!host_blas::description()) {
    EXPECT_THROW(host_blas::multiply({}, {}, {}, {}, Element::float32), CannotRun);
    GTEST_SKIP() << *host_blas::refusal(Element::float32);
  }
  EXPECT_NE(host_blas::description()->find("1 thread"), std::string::npos) << *host_blas::description();
  for (const Element element : {Element::float32, Element::float64}) {
    for (const MatmulPass pass : {MatmulPass::forward, MatmulPass::data_gradient, MatmulPass::weight_gradient}) {
      const Matmul shape{33, 65, 129, pass, {}};
      const pattern::ProductData data(shape);
      const auto a = data.a(element);
      const auto b = data.b(element);
      std::vector<std::byte> c(shape.m * shape.n * size_of(element).count, std::byte{0xFF});
      EXPECT_EQ(data.count_wrong(c, element), shape.m * shape.n);
      host_blas::multiply(a, b, c, shape, element);
      EXPECT_EQ(data.count_wrong(c, element), 0U) << name_of(element) << " " << name_of(pass);
    }
  }
  EXPECT_TRUE(host_blas::refusal(Element::bfloat16).has_value());
}

}  // namespace
}  // namespace hockney::transport::host
