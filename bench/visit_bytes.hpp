#pragma once

#include <string>
#include <string_view>

#include "record/measurement.hpp"

namespace hockney::bench {

/// A visit as bytes for another rank of the same program: everything but its case, of which only the operations per
/// sample are in it.
std::string to_bytes(const Measurement& visit);

/// The visit of `point` that to_bytes() wrote. Throws Failure for bytes that are no visit.
Measurement from_bytes(std::string_view bytes, const Case& point);

}  // namespace hockney::bench
