#include "cost/curve_parts.hpp"

#include "record/statistics.hpp"

namespace hockney::cost {

ErrorQuantiles quantiles_of(std::span<const double> errors) {
  constexpr double high = 0.95;
  if (errors.empty()) {
    return {};
  }
  return {median(errors), quantile(errors, high), static_cast<std::uint32_t>(errors.size())};
}

}  // namespace hockney::cost
