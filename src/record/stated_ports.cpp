#include "record/stated_ports.hpp"

#include <charconv>
#include <fmt/format.h>

#include "base/error.hpp"

namespace hockney::inline record {
namespace {

constexpr const char* fabric_key = "ports.fabric";
constexpr const char* count_key = "ports.count";
constexpr const char* rate_key = "ports.bytes_per_s";

template <class Number>
Number above_zero(const Provenance& provenance, const char* key) {
  const auto found = provenance.find(key);
  const std::string text = found == provenance.end() ? "" : found->second;
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value > 0)) {
    throw InputError(fmt::format("provenance key '{}' is '{}', expected a number above 0", key, text));
  }
  return value;
}

}  // namespace

void state(Provenance& provenance, const InterNodePorts& ports) {
  provenance[fabric_key] = name_of(ports.fabric);
  provenance[count_key] = fmt::format("{}", ports.count);
  provenance[rate_key] = fmt::format("{}", ports.rate.value);
}

std::optional<InterNodePorts> stated_ports(const Provenance& provenance) {
  const auto fabric = provenance.find(fabric_key);
  if (fabric == provenance.end()) {
    return std::nullopt;
  }
  return InterNodePorts{.fabric = parse_name<Fabric>(fabric->second),
                        .count = above_zero<std::uint32_t>(provenance, count_key),
                        .rate = {above_zero<double>(provenance, rate_key)}};
}

}  // namespace hockney::inline record
