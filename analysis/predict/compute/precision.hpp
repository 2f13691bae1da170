#pragma once

#include <array>
#include <string_view>

#include "base/names.hpp"

namespace hockney::predict {

/// The numbers that the products of linear layers are made of. Attention, logits, norms and what GPUs send each other
/// stay 2 bytes wide, 4 with tf32.
enum class Precision { bf16, fp16, fp8, fp8_tensorwise, fp8_rowwise, mxfp8, nvfp4, tf32 };

struct PrecisionNames {
  static constexpr std::string_view what = "precision";
  static constexpr std::array<NamedValue<Precision>, 8> table{{{Precision::bf16, "bf16"},
                                                               {Precision::fp16, "fp16"},
                                                               {Precision::fp8, "fp8"},
                                                               {Precision::fp8_tensorwise, "fp8 tensorwise"},
                                                               {Precision::fp8_rowwise, "fp8 rowwise"},
                                                               {Precision::mxfp8, "mxfp8"},
                                                               {Precision::nvfp4, "nvfp4"},
                                                               {Precision::tf32, "tf32"}}};
};
PrecisionNames names_of(Precision);

/// What a table's or a user's words say: "BF16", "bf16-mixed", "FP8 (CS)", "FP8-MX", "NVFP4" ... Scales per tensor,
/// delayed or current, are those of fp8. Throws InputError for others, with the nearest known one.
Precision parse_precision(std::string_view words);

/// Bits of an operand, scales left out: 32, 16, 8 or 4.
constexpr unsigned operand_bits(Precision precision) {
  return precision == Precision::tf32                                   ? 32
         : precision == Precision::bf16 || precision == Precision::fp16 ? 16
         : precision == Precision::nvfp4                                ? 4
                                                                        : 8;
}

/// Bytes of an operand with its scales: one 8-bit scale per 32 elements of mxfp8 and per 16 of nvfp4 (OCP Microscaling
/// Formats 1.0; NVIDIA, Transformer Engine documentation).
constexpr double operand_bytes(Precision precision) {
  return precision == Precision::mxfp8   ? 1 + 1.0 / 32
         : precision == Precision::nvfp4 ? 0.5 + 1.0 / 16
                                         : operand_bits(precision) / 8.0;
}

/// Bytes that are read and written to make an operand of a 2-byte element, once as it is and once transposed for the
/// weight gradient's product; 0 where there is nothing to convert.
constexpr double quantise_bytes(Precision precision) {
  return operand_bits(precision) >= 16 ? 0 : 2 + 2 * operand_bytes(precision);
}

}  // namespace hockney::predict
