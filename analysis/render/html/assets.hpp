#pragma once

#include <string_view>

namespace hockney::render {

// What the build embeds into the program (scripts/cmake/HockneyEmbed.cmake): the chart library's script, which is empty
// where its package was not found, and this folder's report.css and report.js.
extern const std::string_view chart_library_script;
extern const std::string_view report_style;
extern const std::string_view report_script;

}  // namespace hockney::render
