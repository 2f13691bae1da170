#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <nccl.h>
#include <vector>

namespace hockney::gpu_double {

/// How a data type keeps numbers, for references that share nothing with the code under test.
struct NumberFormat {
  ncclDataType_t type;
  const char* name;
  std::size_t size;
  bool is_signed;
  int exponent_bits;  ///< 0: an integer
  int mantissa_bits;

  bool is_integer() const { return exponent_bits == 0; }

  /// For numbers that the format holds exactly and as normal numbers, or 0.
  std::uint64_t encode(double value) const {
    if (is_integer()) {
      return static_cast<std::uint64_t>(static_cast<std::int64_t>(value)) & (~std::uint64_t{0} >> (64 - 8 * size));
    }
    const auto sign = static_cast<std::uint64_t>(std::signbit(value)) << (exponent_bits + mantissa_bits);
    if (value == 0) {
      return sign;
    }
    int exponent = 0;
    const double fraction = std::frexp(std::fabs(value), &exponent) * 2 - 1;
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, mantissa_bits));
    return sign | static_cast<std::uint64_t>(exponent - 1 + bias) << mantissa_bits | mantissa;
  }

  std::vector<std::byte> encode(const std::vector<double>& values) const {
    std::vector<std::byte> bytes(values.size() * size);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint64_t bits = encode(values[i]);
      std::memcpy(bytes.data() + i * size, &bits, size);
    }
    return bytes;
  }
};

inline const std::vector<NumberFormat>& number_formats() {
  static const std::vector<NumberFormat> all{
      {ncclInt8, "int8", 1, true, 0, 0},         {ncclUint8, "uint8", 1, false, 0, 0},
      {ncclInt32, "int32", 4, true, 0, 0},       {ncclUint32, "uint32", 4, false, 0, 0},
      {ncclInt64, "int64", 8, true, 0, 0},       {ncclUint64, "uint64", 8, false, 0, 0},
      {ncclFloat16, "float16", 2, true, 5, 10},  {ncclFloat32, "float32", 4, true, 8, 23},
      {ncclFloat64, "float64", 8, true, 11, 52}, {ncclBfloat16, "bfloat16", 2, true, 8, 7},
      {ncclFloat8e4m3, "e4m3", 1, true, 4, 3},   {ncclFloat8e5m2, "e5m2", 1, true, 5, 2},
  };
  return all;
}

}  // namespace hockney::gpu_double
