#include "element.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <type_traits>

namespace hockney::gpu_double {
namespace {

// Small floats are computed in float and rounded back: exact for one operation.
template <class Value>
constexpr bool is_small_float = std::is_same_v<Value, __half> || std::is_same_v<Value, __nv_bfloat16> ||
                                std::is_same_v<Value, __nv_fp8_e4m3> || std::is_same_v<Value, __nv_fp8_e5m2>;

template <class Value>
constexpr bool is_float = is_small_float<Value> || std::is_floating_point_v<Value>;

template <class Value>
auto widened(Value value) {
  if constexpr (is_small_float<Value>) {
    return static_cast<float>(value);
  } else {
    return value;
  }
}

template <class Value, class Wide>
Value narrowed(Wide value) {
  return static_cast<Value>(value);
}

template <class Value>
Value load(const std::byte* data, std::size_t at) {
  Value value;
  std::memcpy(&value, data + at * sizeof(Value), sizeof(Value));
  return value;
}

template <class Value>
void store(std::byte* data, std::size_t at, Value value) {
  std::memcpy(data + at * sizeof(Value), &value, sizeof(Value));
}

template <class Visit>
auto with_type(ncclDataType_t type, Visit&& visit) {
  switch (type) {
    case ncclInt8:
      return visit(std::int8_t{});
    case ncclUint8:
      return visit(std::uint8_t{});
    case ncclInt32:
      return visit(std::int32_t{});
    case ncclUint32:
      return visit(std::uint32_t{});
    case ncclInt64:
      return visit(std::int64_t{});
    case ncclUint64:
      return visit(std::uint64_t{});
    case ncclFloat16:
      return visit(__half{});
    case ncclFloat32:
      return visit(float{});
    case ncclFloat64:
      return visit(double{});
    case ncclBfloat16:
      return visit(__nv_bfloat16{});
    case ncclFloat8e4m3:
      return visit(__nv_fp8_e4m3{});
    case ncclFloat8e5m2:
      return visit(__nv_fp8_e5m2{});
    default:
      throw std::invalid_argument("no such data type");
  }
}

// Integers wrap around, so they are added and multiplied without sign.
template <class Value>
auto wrapping(Value value) {
  if constexpr (is_float<Value>) {
    return widened(value);
  } else {
    return static_cast<std::uint64_t>(value);
  }
}

template <class Value>
Value combine(ncclRedOp_t op, Value left, Value right) {
  switch (op) {
    case ncclProd:
      return narrowed<Value>(wrapping(left) * wrapping(right));
    case ncclMax:
      return widened(left) < widened(right) ? right : left;
    case ncclMin:
      return widened(right) < widened(left) ? right : left;
    default:
      return narrowed<Value>(wrapping(left) + wrapping(right));
  }
}

}  // namespace

std::size_t size_of(ncclDataType_t type) {
  return with_type(type, []<class Value>(Value) { return sizeof(Value); });
}

void reduce_into(ncclDataType_t type, ncclRedOp_t op, std::byte* accumulated, const std::byte* input,
                 std::size_t count) {
  with_type(type, [&]<class Value>(Value) {
    for (std::size_t i = 0; i < count; ++i) {
      store(accumulated, i, combine(op, load<Value>(accumulated, i), load<Value>(input, i)));
    }
  });
}

void prepare_average(ncclDataType_t type, std::byte* data, std::size_t count, int ranks) {
  with_type(type, [&]<class Value>(Value) {
    if constexpr (is_float<Value>) {
      using Wide = decltype(widened(Value{}));
      const Wide share = widened(narrowed<Value>(Wide{1} / static_cast<Wide>(ranks)));
      for (std::size_t i = 0; i < count; ++i) {
        store(data, i, narrowed<Value>(widened(load<Value>(data, i)) * share));
      }
    }
  });
}

void finish_average(ncclDataType_t type, std::byte* data, std::size_t count, int ranks) {
  with_type(type, [&]<class Value>(Value) {
    if constexpr (!is_float<Value>) {
      for (std::size_t i = 0; i < count; ++i) {
        store(data, i, static_cast<Value>(load<Value>(data, i) / static_cast<Value>(ranks)));
      }
    }
  });
}

}  // namespace hockney::gpu_double
