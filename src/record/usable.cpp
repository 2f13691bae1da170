#include "record/usable.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace hockney::inline record {
namespace {

bool has_usable_times(const Measurement& visit) {
  const std::vector<double> times = visit.completion_times();
  return !times.empty() && std::all_of(times.begin(), times.end(), [](double t) { return std::isfinite(t) && t > 0; });
}

}  // namespace

Usability usable(const VisitRecord& visit) {
  if (visit.flags.has(Flag::void_fabric)) {
    return {
        fmt::format("void_fabric: {} requested, {} observed", name_of(visit.point.fabric), name_of(visit.observed))};
  }
  if (visit.flags.has(Flag::void_pin)) {
    return {fmt::format("void_pin: algorithm '{}', protocol '{}' pinned; '{}', '{}' ran", visit.point.algorithm,
                        visit.point.protocol, visit.observation.algorithm, visit.observation.protocol)};
  }
  if (visit.flags.has(Flag::pin_unproven)) {
    return {fmt::format("pin_unproven: algorithm '{}', protocol '{}' pinned; '{}', '{}' is all that was told",
                        visit.point.algorithm, visit.point.protocol, visit.observation.algorithm,
                        visit.observation.protocol)};
  }
  if (visit.flags.has(Flag::wrong_result)) {
    return {"wrong_result: verification found wrong data"};
  }
  if (visit.verification == Verification::failed) {
    return {"verification failed"};
  }
  if (visit.flags.has(Flag::gate_timeout)) {
    return {"gate_timeout: the gate opened before everything was queued"};
  }
  return {};
}

Usability usable(const Measurement& visit) {
  const Usability record = usable(static_cast<const VisitRecord&>(visit));
  return {!record || has_usable_times(visit) ? record.reason : "no samples, or a time that is not above 0"};
}

}  // namespace hockney::inline record
