#pragma once

#include <string>

#include "render/view.hpp"

namespace hockney::render {

/// What people read of a cell: its own text where it has one; else "-" for nothing, yes or no, a number in the column's
/// form (without one, four significant digits), several texts with commas between. Rows within a cell have none.
std::string text_of(const Cell& cell, Form form);

}  // namespace hockney::render
