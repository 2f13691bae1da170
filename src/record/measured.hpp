#pragma once

#include <utility>

#include "record/measurement.hpp"

namespace hockney::inline record {

/// One visit with the summary of it: what console, journal and store take, so that it is summarised once.
struct Measured {
  Measurement visit;
  Summary summary;  ///< summarise(visit); flags, point_id and pass may be set afterwards: nothing is derived from them

  Measured() = default;
  /// Summarises a visit. Throws Failure when it has no samples.
  Measured(Measurement complete) : visit(std::move(complete)), summary(summarise(visit)) {}
};

}  // namespace hockney::inline record
