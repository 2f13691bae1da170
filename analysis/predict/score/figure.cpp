#include "predict/score/figure.hpp"

#include "base/error.hpp"
#include "predict/step/step_prediction.hpp"

namespace hockney::predict {

double seconds_from(Figure figure, double value, const Transformer& model, const Mapping& mapping,
                    double peak_flops_per_s) {
  const double sequences = static_cast<double>(mapping.global_batch);
  const double tokens = sequences * static_cast<double>(model.sequence);
  const double gpus = static_cast<double>(mapping.gpus());
  const double flops = model_flops(model, mapping) / gpus;
  constexpr double milli = 1e-3;
  constexpr double tera = 1e12;
  constexpr double most_share = 1.5;
  constexpr double percent = 100;
  switch (figure) {
    case Figure::seconds:
      return value;
    case Figure::milliseconds:
      return value * milli;
    case Figure::tokens_per_gpu:
      return tokens / gpus / value;
    case Figure::tokens:
      return tokens / value;
    case Figure::sequences:
      return sequences / value;
    case Figure::tflops_per_gpu:
      return flops / (value * tera);
    case Figure::flops_utilisation:
      return flops / (peak_flops_per_s * (value > most_share ? value / percent : value));
  }
  throw Failure("no such figure");
}

}  // namespace hockney::predict
