#pragma once

#include <string>

#include "predict/prediction.hpp"

namespace hockney {

/// The prediction as JSON text, schema "hockney prediction" 2.0.0; every unit stands in its key (_s, _bytes,
/// _fraction). Top-level keys: schema, version, transformer, mapping, cost_model, line_rate (null when none was
/// stated), strict, warnings, total, causes, messages, bubble, conventions.
std::string to_json(const Prediction& prediction);

}  // namespace hockney
