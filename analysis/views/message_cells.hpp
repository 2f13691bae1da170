#pragma once

#include <vector>

#include "predict/network/answer.hpp"
#include "render/view.hpp"
#include "workload/messages.hpp"

namespace hockney::views {

// What every table of messages shows of one and of what answered for it: columns, and the cells under them.

/// Operation, group, where it is placed, fabric, payload.
std::vector<render::Column> asked_columns();
std::vector<render::Cell> asked_cells(const Message& message, const predict::Answer& answer);

/// Basis of the interval, who answered, additions, curves with the segment that was read, what is to be doubted. Curves
/// and remarks are footnotes on a terminal.
std::vector<render::Column> answer_columns();
std::vector<render::Cell> answer_cells(const predict::Answer& answer);

}  // namespace hockney::views
