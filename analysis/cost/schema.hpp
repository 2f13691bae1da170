#pragma once

#include <string_view>

/// What a *.cost.json file says of itself. A reader accepts every file of its own major version that has no key it does
/// not know; a new key is a new minor version.
namespace hockney::cost_schema {

inline constexpr std::string_view name = "hockney cost model";
inline constexpr std::string_view version = "1.2.0";
inline constexpr std::string_view major = "1.";
inline constexpr std::string_view without_routing = "1.0.";  ///< versions that lack what 1.1.0 brought
inline constexpr std::string_view without_group_laws = "1.1.";  ///< likewise 1.2.0

}  // namespace hockney::cost_schema
