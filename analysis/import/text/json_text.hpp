#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hockney::import {

/// What can be kept of a JSON text that ends in the middle: its aborted writer left whole elements of one array.
struct SalvagedJson {
  std::string text;          ///< closed again after the last whole element
  std::size_t elements = 0;  ///< whole elements of the array
};

/// Cuts a truncated JSON object after the last whole element of the array under its key `array`, and closes what is
/// open there. Without one whole element the text is empty. Linear in the text, which need not be JSON.
SalvagedJson salvage_json(std::string_view text, std::string_view array);

/// The deepest nesting of brackets outside strings, stopping at `limit`.
std::size_t json_depth(std::string_view text, std::size_t limit);

struct JsonWithoutEnvironment {
  std::string text;
  std::size_t removed = 0;  ///< variables whose values were removed
};

/// The same text without the values of environment variables: of the arrays ["NAME=VALUE", ...] and the objects
/// {"NAME": "VALUE"} under any key "env" or "environment", only variables that is_allowed_environment() names keep
/// theirs; others become "NAME=(removed)". Where such a dump cannot be read, or is cut off, all of it is removed.
JsonWithoutEnvironment without_environment(std::string_view text);

}  // namespace hockney::import
