#include "record/stated_line_rate.hpp"

#include <charconv>
#include <fmt/format.h>
#include <string_view>

#include "base/error.hpp"

namespace hockney::inline record {
namespace {

constexpr const char* fabric_key = "line_rate.fabric";
constexpr const char* bandwidth_key = "line_rate.bandwidth_bytes_per_s";
constexpr const char* latency_key = "line_rate.latency_s";

const std::string& entry(const Launch& launch, const char* key) {
  const auto found = launch.provenance.find(key);
  if (found == launch.provenance.end()) {
    throw InputError(fmt::format("provenance key '{}' is missing beside '{}'", key, fabric_key));
  }
  return found->second;
}

double number_above_zero(const Launch& launch, const char* key) {
  const std::string& text = entry(launch, key);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value > 0)) {
    throw InputError(fmt::format("provenance key '{}' is '{}', expected a number above 0", key, text));
  }
  return value;
}

}  // namespace

std::string to_string(const StatedLineRate& rate) {
  return fmt::format("{} of {}, {} per GPU and direction, latency {}", name_of(rate.fabric), rate.machine,
                     to_string(rate.bandwidth), base::to_string(rate.latency));
}

std::string warning_about(const StatedLineRate& rate) {
  return fmt::format("ESTIMATED FROM LINE RATE: {}; it answers where no curve was measured", to_string(rate));
}

void state(Provenance& provenance, const StatedLineRate& rate) {
  provenance[fabric_key] = name_of(rate.fabric);
  provenance[bandwidth_key] = fmt::format("{}", rate.bandwidth.value);
  provenance[latency_key] = fmt::format("{}", rate.latency.count());
}

std::optional<StatedLineRate> stated_line_rate(const Launch& launch) {
  if (!launch.provenance.contains(fabric_key)) {
    return std::nullopt;
  }
  return StatedLineRate{.fabric = parse_name<Fabric>(entry(launch, fabric_key)),
                        .bandwidth = {number_above_zero(launch, bandwidth_key)},
                        .latency = Seconds{number_above_zero(launch, latency_key)},
                        .machine = launch.info.machine,
                        .source = launch.info.source};
}

}  // namespace hockney::inline record
