#pragma once

#include <span>

#include "predict/compute/gpu.hpp"
#include "predict/step/run_way.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// What the step model and a GPU's file assume, and from where: schema "hockney constants" 1.0.0.
/// `stacks`: the programs whose own shares are told, too.
render::View constants_view(const predict::Gpu& gpu, std::span<const predict::Stack> stacks);

}  // namespace hockney::views
