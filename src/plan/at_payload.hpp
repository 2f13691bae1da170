#pragma once

#include <cstdint>

#include "plan/case.hpp"

namespace hockney::inline plan {

/// What sizes between the octaves are multiples of, in bytes: so they are whole for every element and few ranks.
constexpr std::uint64_t range_grid(double payload_bytes) { return payload_bytes < 256 ? 8 : 16; }

/// The same case at another payload, above 0 B: the nearest one that a range of a plan could have given (on its grid,
/// cut equally), with the operations per sample that go with it. Not for matrix products and steps, whose payload
/// follows from other factors.
Case at_payload(const Case& point, Bytes payload);

}  // namespace hockney::inline plan
