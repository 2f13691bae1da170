#pragma once

#include <string_view>

/// What a *.cost.json file says of itself. A reader accepts every file of its own major version that has no key it does
/// not know; a new key is a new minor version.
namespace hockney::cost::schema {

inline constexpr std::string_view name = "hockney cost model";
inline constexpr std::string_view version = "1.2.0";
inline constexpr std::string_view major = "1.";
inline constexpr unsigned with_routing = 1;  ///< minor version that brought reduction, buffers, cache and routing
inline constexpr unsigned with_borders = 2;  ///< minor version that brought labels, borders, stability, more validation

}  // namespace hockney::cost::schema
