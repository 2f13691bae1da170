#pragma once

#include <string>

#include "render/html/page.hpp"

namespace hockney::render {

/// A group of charts as JSON for report.js, safe within a script element. Values have five significant digits,
/// positions on the x axis ten; what is not finite is null. Throws Failure for series whose columns have different
/// lengths.
std::string chart_data(const ChartGroup& group);

}  // namespace hockney::render
