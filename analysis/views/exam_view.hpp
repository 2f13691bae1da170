#pragma once

#include "predict/score/exam.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// How far predictions of published steps are off: schema "hockney exam" 2.1.0, with the tables "families", "rows" (not
/// on a terminal), "calibrations" and "skipped".
render::View exam_view(const predict::ExamResult& result);

}  // namespace hockney::views
