#pragma once

#include <string>

#include "render/html/page.hpp"

namespace hockney::render {

/// Whether this build embeds the library that draws charts (dygraphs): to_html() needs it.
bool has_chart_library();

/// The page as one HTML document that fetches nothing: styles, scripts and data are in it, and its
/// Content-Security-Policy forbids the rest. Throws Failure for a build without has_chart_library(), for a chart whose
/// series contradict themselves and for a heat map that is not rows x columns.
std::string to_html(const Page& page);

}  // namespace hockney::render
