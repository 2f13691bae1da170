#pragma once

#include <string_view>
#include <tuple>

#include "base/fields.hpp"
#include "record/measurement.hpp"
#include "store/schema.hpp"

namespace hockney::store::schema {

struct DeviceFieldNames {
  std::string_view sm_clock, memory_clock, temperature, power, throttle_reasons;
};

/// A DeviceState, under the names that it has before or after a visit.
constexpr auto device_fields(const DeviceFieldNames& names) {
  return std::tuple{
      field<&DeviceState::sm_clock_mhz>(names.sm_clock, "MHz", "slowest SM clock; 0: not known").since(1),
      field<&DeviceState::memory_clock_mhz>(names.memory_clock, "MHz", "slowest memory clock; 0: not known").since(1),
      field<&DeviceState::temperature_celsius>(names.temperature, "degC", "highest GPU temperature; 0: not known")
          .since(1),
      field<&DeviceState::power_watt>(names.power, "W", "highest power of a GPU; 0: not known").since(1),
      field<&DeviceState::throttle_reasons>(names.throttle_reasons, "1", "bits of NVML's nvmlClocksEventReasons")
          .since(1),
  };
}

/// Of a visit what is neither its case, nor derived, nor an observation.
inline constexpr std::tuple visit_fields{
    field<&VisitRecord::observed>("observed_fabric", "1", "fabric that carried the bytes"),
    field<&VisitRecord::statistic>("statistic", "1", "what a number is, across ranks"),
    field<&VisitRecord::iterations_averaged>("iterations_averaged", "1", "operations averaged by an imported log"),
    field<&VisitRecord::discarded>("n_discarded", "1", "warm-up samples before the first kept"),
    field<&VisitRecord::stop>("stop_reason", "1", "why sampling ended"),
    field<&VisitRecord::verification>("verification", "1", "outcome of checking the result"),
    field<&VisitRecord::flags>("flags", "1", "remarks"),
    field<&VisitRecord::started_utc_ns>("t_utc_ns", "nanoseconds since 1970-01-01 00:00:00", "start of the visit, UTC"),
    field<&VisitRecord::clock_step_s>("clock_step", "s", "step of the clock; 0: not known"),
    field<&VisitRecord::clock_floor_s>("clock_floor", "s",
                                       "two clock readings with nothing between, median; 0: not known")
        .since(1),
};

inline constexpr std::tuple observation_fields{
    field<&Observation::algorithm>("observed_algorithm", "", "algorithm that ran; empty: not told")
        .at_most(observed_name_width)
        .since(1),
    field<&Observation::protocol>("observed_protocol", "", "protocol that ran; empty: not told")
        .at_most(observed_name_width)
        .since(1),
    field<&Observation::channels>("observed_channels", "1", "channels in use; 0: not told").since(1),
    field<&Observation::connections>("observed_connections", "", "kinds of connection in use; empty: not told")
        .at_most(observed_list_width)
        .since(1),
    field<&Observation::adapters>("observed_adapters", "", "network adapters in use by any rank; empty: none, not told")
        .at_most(observed_list_width)
        .since(4),
    field<&Observation::estimate_s>("t_estimate", "s", "the library's own estimate of one operation; 0: not told")
        .since(1),
    field<&Observation::settings>("settings", "", "what was set for this communicator")
        .at_most(observed_list_width)
        .since(1),
};

}  // namespace hockney::store::schema
