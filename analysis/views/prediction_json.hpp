#pragma once

#include <string>

#include "predict/step/prediction.hpp"

namespace hockney::views {

/// The prediction as JSON text, schema "hockney prediction" 2.0.0; every unit stands in its key (_s, _bytes,
/// _fraction). Top-level keys: schema, version, transformer, mapping, cost_model, line_rate (null when none was
/// stated), strict, warnings, total, causes, messages, bubble, conventions.
std::string to_json(const predict::Prediction& prediction);

}  // namespace hockney::views
