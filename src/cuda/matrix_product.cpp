#include "cuda/matrix_product.hpp"

#include <cublasLt.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <optional>
#include <source_location>

#include "base/error.hpp"

namespace hockney::cuda {
namespace {

constexpr Bytes workspace_size = mebibytes(32);  // what PyTorch gives cuBLASLt on Hopper

struct CloseLibrary {
  void operator()(void* library) const { ::dlclose(library); }
};

std::optional<cudaDataType_t> type_of(Element element) {
  switch (element) {
    case Element::bfloat16:
      return CUDA_R_16BF;
    case Element::float16:
      return CUDA_R_16F;
    case Element::float32:
      return CUDA_R_32F;
    default:
      return std::nullopt;
  }
}

}  // namespace

// The functions are those of cublasLt.h; the library is not linked, since it is far larger than all the rest.
struct MatrixProducts::Library {
  std::unique_ptr<void, CloseLibrary> handle;
  decltype(&::cublasLtCreate) create = nullptr;
  decltype(&::cublasLtDestroy) destroy = nullptr;
  decltype(&::cublasLtGetVersion) version = nullptr;
  decltype(&::cublasLtGetStatusString) status_text = nullptr;
  decltype(&::cublasLtMatmul) matmul = nullptr;
  decltype(&::cublasLtMatmulAlgoGetHeuristic) heuristic = nullptr;
  decltype(&::cublasLtMatmulDescCreate) create_operation = nullptr;
  decltype(&::cublasLtMatmulDescDestroy) destroy_operation = nullptr;
  decltype(&::cublasLtMatmulDescSetAttribute) set_operation = nullptr;
  decltype(&::cublasLtMatrixLayoutCreate) create_layout = nullptr;
  decltype(&::cublasLtMatrixLayoutDestroy) destroy_layout = nullptr;
  decltype(&::cublasLtMatmulPreferenceCreate) create_preference = nullptr;
  decltype(&::cublasLtMatmulPreferenceDestroy) destroy_preference = nullptr;
  decltype(&::cublasLtMatmulPreferenceSetAttribute) set_preference = nullptr;
  cublasLtHandle_t lt = nullptr;

  Library() {
    const std::string name = fmt::format("libcublasLt.so.{}", CUBLAS_VER_MAJOR);
    handle.reset(::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!handle) {
      throw CannotRun(fmt::format("{} is not here: {}", name, ::dlerror()));
    }
    find(create, "cublasLtCreate");
    find(destroy, "cublasLtDestroy");
    find(version, "cublasLtGetVersion");
    find(status_text, "cublasLtGetStatusString");
    find(matmul, "cublasLtMatmul");
    find(heuristic, "cublasLtMatmulAlgoGetHeuristic");
    find(create_operation, "cublasLtMatmulDescCreate");
    find(destroy_operation, "cublasLtMatmulDescDestroy");
    find(set_operation, "cublasLtMatmulDescSetAttribute");
    find(create_layout, "cublasLtMatrixLayoutCreate");
    find(destroy_layout, "cublasLtMatrixLayoutDestroy");
    find(create_preference, "cublasLtMatmulPreferenceCreate");
    find(destroy_preference, "cublasLtMatmulPreferenceDestroy");
    find(set_preference, "cublasLtMatmulPreferenceSetAttribute");
    check(create(&lt));
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (lt != nullptr) {
      destroy(lt);
    }
  }

  template <class Function>
  void find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(handle.get(), name));
    if (function == nullptr) {
      throw CannotRun(fmt::format("libcublasLt has no {}", name));
    }
  }

  void check(cublasStatus_t code, std::source_location where = std::source_location::current()) const {
    if (code != CUBLAS_STATUS_SUCCESS) {
      throw Failure(fmt::format("cuBLASLt: {}", status_text(code)), where);
    }
  }
};

/// A shape with its descriptors and algorithm.
///
/// cuBLASLt counts columns first: a matrix that lies row by row is its transpose there. So C^T = B^T A^T is asked for,
/// with B in the first place, and an operand is transposed for cuBLASLt exactly when it lies transposed here.
struct MatrixProducts::Plan {
  const Library& library;
  Matmul shape;
  Element element;
  cublasLtMatmulDesc_t operation = nullptr;
  cublasLtMatrixLayout_t first = nullptr;
  cublasLtMatrixLayout_t second = nullptr;
  cublasLtMatrixLayout_t result = nullptr;
  cublasLtMatmulHeuristicResult_t chosen{};

  Plan(const Library& from, const Matmul& asked, Element type) : library(from), shape(asked), element(type) {
    const auto data_type = type_of(element);
    if (!data_type) {
      throw CannotRun(
          fmt::format("cuBLASLt is asked for bfloat16, float16 and float32 here, not {}", name_of(element)));
    }
    library.check(library.create_operation(&operation, CUBLAS_COMPUTE_32F, CUDA_R_32F));
    transpose(CUBLASLT_MATMUL_DESC_TRANSA, shape.transposes_b());
    transpose(CUBLASLT_MATMUL_DESC_TRANSB, shape.transposes_a());
    first = shape.transposes_b() ? layout(*data_type, shape.k, shape.n) : layout(*data_type, shape.n, shape.k);
    second = shape.transposes_a() ? layout(*data_type, shape.m, shape.k) : layout(*data_type, shape.k, shape.m);
    result = layout(*data_type, shape.n, shape.m);
    choose();
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    for (const cublasLtMatrixLayout_t each : {first, second, result}) {
      if (each != nullptr) {
        library.destroy_layout(each);
      }
    }
    if (operation != nullptr) {
      library.destroy_operation(operation);
    }
  }

  bool is_for(const Matmul& asked, Element type) const { return shape == asked && element == type; }

 private:
  void transpose(cublasLtMatmulDescAttributes_t attribute, bool transposed) const {
    const cublasOperation_t how = transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
    library.check(library.set_operation(operation, attribute, &how, sizeof(how)));
  }

  cublasLtMatrixLayout_t layout(cudaDataType_t type, std::uint64_t rows, std::uint64_t columns) const {
    cublasLtMatrixLayout_t made = nullptr;
    library.check(library.create_layout(&made, type, rows, columns, static_cast<std::int64_t>(rows)));
    return made;
  }

  void choose() {
    cublasLtMatmulPreference_t preference = nullptr;
    library.check(library.create_preference(&preference));
    const std::size_t most = workspace_size.count;
    library.check(library.set_preference(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most, sizeof(most)));
    int found = 0;
    const cublasStatus_t code =
        library.heuristic(library.lt, operation, first, second, result, result, preference, 1, &chosen, &found);
    library.destroy_preference(preference);
    if (code == CUBLAS_STATUS_NOT_SUPPORTED || found == 0) {
      throw CannotRun(
          fmt::format("cuBLASLt has no algorithm for {} x {} x {} of {}", shape.m, shape.n, shape.k, name_of(element)));
    }
    library.check(code);
  }
};

MatrixProducts::MatrixProducts() : library_(std::make_unique<Library>()), workspace_(workspace_size) {}
MatrixProducts::~MatrixProducts() = default;

std::string MatrixProducts::description() const {
  const std::size_t version = library_->version();
  constexpr std::size_t major_unit = 10000;
  constexpr std::size_t minor_unit = 100;
  return fmt::format("cuBLASLt {}.{}.{}", version / major_unit, version / minor_unit % minor_unit,
                     version % minor_unit);
}

void MatrixProducts::queue(const Stream& stream, std::span<const std::byte> a, std::span<const std::byte> b,
                           std::span<std::byte> c, const Matmul& shape, Element element) {
  if (!plan_ || !plan_->is_for(shape, element)) {
    plan_ = std::make_unique<Plan>(*library_, shape, element);
  }
  constexpr float one = 1;
  constexpr float zero = 0;
  library_->check(library_->matmul(library_->lt, plan_->operation, &one, b.data(), plan_->first, a.data(),
                                   plan_->second, &zero, c.data(), plan_->result, c.data(), plan_->result,
                                   &plan_->chosen.algo, workspace_.bytes().data(), workspace_size.count, stream.get()));
}

}  // namespace hockney::cuda
