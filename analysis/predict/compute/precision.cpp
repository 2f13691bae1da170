#include "predict/compute/precision.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hockney::predict {
namespace {

// Beside the names of the precisions.
constexpr std::array<NamedValue<Precision>, 24> other_words{{{Precision::bf16, "bfloat16"},
                                                             {Precision::bf16, "bf16mixed"},
                                                             {Precision::bf16, "bf16true"},
                                                             {Precision::bf16, "mixedbf16"},
                                                             {Precision::fp16, "float16"},
                                                             {Precision::fp16, "half"},
                                                             {Precision::fp16, "fp16mixed"},
                                                             {Precision::fp16, "16mixed"},
                                                             {Precision::fp8, "float8"},
                                                             {Precision::fp8, "fp8cs"},
                                                             {Precision::fp8, "fp8ds"},
                                                             {Precision::fp8, "fp8hybrid"},
                                                             {Precision::fp8, "fp8e4m3"},
                                                             {Precision::fp8, "fp8currentscaling"},
                                                             {Precision::fp8, "fp8delayedscaling"},
                                                             {Precision::fp8, "fp8delayed"},
                                                             {Precision::fp8, "fp8sc"},
                                                             {Precision::fp8, "fp8blockwise"},
                                                             {Precision::fp8_tensorwise, "float8tensorwise"},
                                                             {Precision::fp8_rowwise, "float8rowwise"},
                                                             {Precision::mxfp8, "fp8mx"},
                                                             {Precision::nvfp4, "fp4"},
                                                             {Precision::tf32, "fp32"},
                                                             {Precision::tf32, "float32"}}};

}  // namespace

Precision parse_precision(std::string_view words) {
  const std::string meant = letters_and_digits(words);
  const auto is_meant = [&](const auto& each) { return letters_and_digits(each.second) == meant; };
  const auto& names = PrecisionNames::table;
  if (const auto named = std::find_if(names.begin(), names.end(), is_meant); named != names.end()) {
    return named->first;
  }
  const auto other = std::find_if(other_words.begin(), other_words.end(), is_meant);
  return other == other_words.end() ? parse_name<Precision>(words) : other->first;
}

}  // namespace hockney::predict
