#pragma once

#include "predict/compute/gpu.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// What the step model and a GPU's file assume, and from where: schema "hockney constants" 1.0.0.
render::View constants_view(const predict::Gpu& gpu);

}  // namespace hockney::views
