#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "platform/platform.hpp"
#include "record/launch.hpp"
#include "render/html/page.hpp"
#include "views/curve_names.hpp"

namespace hockney::views {

/// What the curves of a report lie on: a platform for each machine that has one.
using PlatformsByMachine = std::map<std::string, platform::Platform>;

/// The curves of one operation on top of each other, groups and fabrics by colour: time with 95 % bands, segments
/// (dashed) and their borders (bars); busbw; both with the line rate, where the platform is known; and the residuals
/// fit / measured - 1. Points of `launches` that are not usable() stand beside them as VOID.
/// `curves`: at least one, all of one operation.
render::ChartGroup curve_charts(std::span<const CampaignCurve> curves, const std::vector<const Launch*>& launches,
                                const PlatformsByMachine& platforms);

/// Time of a group while equal groups run at the same time over its time alone, with 95 % bands, for every curve of
/// `curves` that was measured both ways. No panels where there is none.
render::ChartGroup load_charts(std::span<const CampaignCurve> curves);

}  // namespace hockney::views
