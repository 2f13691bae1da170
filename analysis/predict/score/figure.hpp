#pragma once

#include <array>
#include <string_view>

#include "base/names.hpp"
#include "workload/mapping.hpp"
#include "workload/transformer.hpp"

namespace hockney::predict {

/// What a table may publish in place of the seconds of a step, by its column.
enum class Figure { seconds, milliseconds, tokens_per_gpu, tokens, sequences, tflops_per_gpu, flops_utilisation };

struct FigureNames {
  static constexpr std::string_view what = "published figure";
  static constexpr std::array<NamedValue<Figure>, 7> table{{{Figure::seconds, "measured_s"},
                                                            {Figure::milliseconds, "measured_ms"},
                                                            {Figure::tokens_per_gpu, "tokens_per_s_per_gpu"},
                                                            {Figure::tokens, "tokens_per_s"},
                                                            {Figure::sequences, "sequences_per_s"},
                                                            {Figure::tflops_per_gpu, "tflops_per_gpu"},
                                                            {Figure::flops_utilisation, "mfu"}}};
};
FigureNames names_of(Figure);

/// Seconds of a step from a figure above 0, of the model FLOPs of model_flops(). A utilisation above 1.5 is in %;
/// `peak_flops_per_s`: of one GPU, what it is of.
double seconds_from(Figure figure, double value, const Transformer& model, const Mapping& mapping,
                    double peak_flops_per_s);

}  // namespace hockney::predict
