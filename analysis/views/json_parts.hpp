#pragma once

#include <nlohmann/json.hpp>

#include "predict/network/curve_chooser.hpp"
#include "workload/mapping.hpp"
#include "workload/messages.hpp"

namespace hockney::views {

using Json = nlohmann::ordered_json;

/// A mapping, with its GPUs, nodes and micro-batches per pipeline.
Json json_of(const Mapping& mapping);

/// A message and what answered it: group and fabric class, payload, count per step, seconds of one operation with their
/// interval, and the curves and segments.
Json json_of(const Message& message, const predict::Answer& answer);

}  // namespace hockney::views
