#include "transport/host/host_blas.hpp"

#include <climits>
#include <fmt/format.h>

#include "base/error.hpp"

#ifdef HOCKNEY_HAVE_OPENBLAS
#include <cblas.h>
#endif

namespace hockney::transport::host::host_blas {
namespace {

[[maybe_unused]] constexpr const char* no_blas =
    "this build has no BLAS (Debian: libopenblas-serial-dev, then build again)";

[[maybe_unused]] int as_int(std::uint64_t length) {
  if (length > static_cast<std::uint64_t>(INT_MAX)) {
    throw CannotRun(fmt::format("{} rows or columns are more than BLAS counts", length));
  }
  return static_cast<int>(length);
}

}  // namespace

#ifdef HOCKNEY_HAVE_OPENBLAS

std::optional<std::string> description() {
  // "OpenBLAS 0.3.21 DYNAMIC_ARCH NO_AFFINITY Zen SINGLE_THREADED": the version is the second word
  const std::string config = openblas_get_config();
  const std::size_t begin = config.find(' ') + 1;
  openblas_set_num_threads(1);
  const int threads = openblas_get_num_threads();
  return fmt::format("OpenBLAS {} {}, {} thread{}", config.substr(begin, config.find(' ', begin) - begin),
                     openblas_get_corename(), threads, threads == 1 ? "" : "s");
}

std::optional<std::string> refusal(Element element) {
  if (element == Element::float32 || element == Element::float64) {
    return std::nullopt;
  }
  return fmt::format("the host's BLAS multiplies float32 and float64, not {}", name_of(element));
}

void multiply(std::span<const std::byte> a, std::span<const std::byte> b, std::span<std::byte> c, const Matmul& shape,
              Element element) {
  if (const auto reason = refusal(element)) {
    throw CannotRun(*reason);
  }
  openblas_set_num_threads(1);
  const int m = as_int(shape.m);
  const int n = as_int(shape.n);
  const int k = as_int(shape.k);
  const auto transposed = [](bool is) { return is ? CblasTrans : CblasNoTrans; };
  const int row_of_a = shape.transposes_a() ? m : k;
  const int row_of_b = shape.transposes_b() ? k : n;
  const auto product = [&]<class Real>(auto gemm, Real one, Real zero) {
    gemm(CblasRowMajor, transposed(shape.transposes_a()), transposed(shape.transposes_b()), m, n, k, one,
         reinterpret_cast<const Real*>(a.data()), row_of_a, reinterpret_cast<const Real*>(b.data()), row_of_b, zero,
         reinterpret_cast<Real*>(c.data()), n);
  };
  if (element == Element::float32) {
    product(cblas_sgemm, 1.0F, 0.0F);
  } else {
    product(cblas_dgemm, 1.0, 0.0);
  }
}

#else

std::optional<std::string> description() { return std::nullopt; }
std::optional<std::string> refusal(Element) { return no_blas; }
void multiply(std::span<const std::byte>, std::span<const std::byte>, std::span<std::byte>, const Matmul&, Element) {
  throw CannotRun(no_blas);
}

#endif

}  // namespace hockney::transport::host::host_blas
