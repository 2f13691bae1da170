#include "predict/step/known_error.hpp"

#include <algorithm>

namespace hockney::predict {
namespace {

const KnownError& known_of(StepKind kind) {
  return *std::find_if(known_errors.begin(), known_errors.end(),
                       [kind](const KnownError& known) { return known.kind == kind; });
}

}  // namespace

StepKind kind_of(const Transformer& model, Sharding sharding) {
  if (model.experts > 0) {
    return StepKind::experts;
  }
  return sharding >= Sharding::gradients ? StepKind::sharded : StepKind::dense;
}

double known_error(StepKind kind, Footing footing) {
  const auto place = static_cast<std::size_t>(std::max(footing, Footing::own)) - 1;
  return known_of(kind).log_error[place];
}

std::string_view kind_name(StepKind kind) { return known_of(kind).name; }

}  // namespace hockney::predict
