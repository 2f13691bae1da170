#pragma once

#include <optional>
#include <string_view>

#include "compare/comparison.hpp"
#include "platform/platform.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// What the sides of a comparison run on, where that is known: with it each side shows its share of the line rate.
struct ComparedPlatforms {
  std::optional<platform::Platform> a;
  std::optional<platform::Platform> b;
};

/// A comparison: schema "hockney comparison" 1.0.0. Table "points" (the main one): per operation, fabric, group and
/// payload both times, the ratio B / A with its 95 % interval over launches, the verdict, both bus bandwidths and
/// shares of line rate; table "segments": ratios of alpha and beta where segments of both sides lie over the same
/// payloads; table "curves" for programs: what each pair is and ran on. Facts count the verdicts. Warnings say what is
/// SIMULATED and the like, and where NO SPREAD allows no verdict; notes what was left out on each side.
render::View comparison_view(const compare::Comparison& comparison, const ComparedPlatforms& platforms);

/// What points with the verdict `no spread` have: "fewer than two launches ...".
std::string_view reason_without_spread(const compare::Comparison& comparison);

/// The same of regressions(): the table "points" with what became slower, and nothing else but warnings.
render::View regressions_view(const compare::Comparison& comparison, const ComparedPlatforms& platforms);

/// The platforms that come with Hockney: schema "hockney platforms" 1.0.0, table "platforms".
render::View platforms_view(const std::vector<platform::Platform>& platforms);

}  // namespace hockney::views
