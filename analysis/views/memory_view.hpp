#pragma once

#include <string>

#include "predict/compute/gpu.hpp"
#include "predict/memory/memory_score.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// How many mappings of a table the memory model tells rightly: schema "hockney memory exam" 2.0.0, with the tables
/// "rows" (not on a terminal), "scores" by model and sequence, and "skipped"; a terminal also lists the rows that it
/// misses.
render::View memory_view(const predict::MemoryRows& table, const predict::Gpu& gpu);

}  // namespace hockney::views
