#pragma once

#include "render/html/page.hpp"
#include "views/report/report.hpp"

namespace hockney::views {

/// What, where and when; whether anything is wrong; and the five numbers that matter: best busbw and shortest time
/// inside a node and between nodes, then the predicted overhead, or where there is none by how much launches differ.
render::Headline headline_of(const Report& report);

}  // namespace hockney::views
