#include "predict/network/answer.hpp"

#include <fmt/format.h>

#include "base/seconds.hpp"

namespace hockney::predict {
namespace {

std::string_view reason_of(Addition what) {
  switch (what) {
    case Addition::ring_share:
      return "a ring over nodes reaches a share of the stated rate";
    case Addition::ring_limit:
      return "no ring over nodes is faster than the GPU's file says";
    case Addition::mesh:
      return "links lead to neighbours only, not to a switch";
    case Addition::host_wait:
      break;
  }
  return "the host synchronises after a transfer between stages";
}

}  // namespace

void Answer::add(Addition what, double seconds) {
  for (double* each : {&estimate.value_s, &estimate.low_s, &estimate.high_s}) {
    *each += seconds;
  }
  additions.push_back({what, seconds});
}

std::string describe(const Added& added) {
  return fmt::format("{} of it by {}: {}", to_string(Seconds{added.seconds}), name_of(added.what),
                     reason_of(added.what));
}

}  // namespace hockney::predict
