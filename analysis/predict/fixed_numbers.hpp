#pragma once

#include <span>
#include <string_view>

namespace hockney::predict {

/// A number of the models that is published, counted or assumed.
struct FixedNumber {
  std::string_view name;
  double value = 0;
  std::string_view unit;
  std::string_view origin;
};

/// Those beside StepConstants and MemoryConstants. Bytes per element of each kernel are in layer_compute.hpp.
std::span<const FixedNumber> fixed_numbers();

}  // namespace hockney::predict
