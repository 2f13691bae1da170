#pragma once

#include <string>

#include "record/measurement.hpp"

namespace hockney::inline record {

/// Whether a visit counts.
struct Usability {
  std::string reason;  ///< why it does not; empty where it does

  explicit operator bool() const { return reason.empty(); }
};

/// The one rule for what is fitted, compared and calibrated on. A visit does not count when
///   void_fabric, void_pin   another fabric, algorithm or protocol than the requested one ran;
///   pin_unproven            an algorithm or protocol is pinned, and nothing told what ran: such a point is there to
///                           answer for just that one;
///   wrong_result            verification found wrong data (the flag, or Verification::failed);
///   gate_timeout            some operation began before all were queued;
///   it has no samples, or a time that is not a number above 0.
/// The reason begins with the flag's name where a flag says it.
Usability usable(const Measurement& visit);

/// The same as far as the record tells without the samples.
Usability usable(const VisitRecord& visit);

}  // namespace hockney::inline record
