#pragma once

#include <string_view>

/// What a *.cost.json file says of itself. A reader accepts every file of its own major version that has no key it does
/// not know; a new key is a new minor version.
namespace hockney::cost::schema {

inline constexpr std::string_view name = "hockney cost model";
inline constexpr std::string_view version = "1.4.0";
inline constexpr std::string_view major = "1.";
/// The shape of a curve (case_fields) has the same minor versions as launch files.
inline constexpr unsigned with_borders = 2;  ///< minor version that brought labels, borders, stability, more validation

}  // namespace hockney::cost::schema
