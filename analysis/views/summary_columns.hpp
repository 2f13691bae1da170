#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "record/measurement.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// The columns of a Summary: every field for programs, by its key in summary_fields; a terminal shows those named,
/// times in us, rates in GB/s.
std::vector<render::Column> summary_columns(std::initializer_list<std::string_view> shown);

/// The cells under them.
std::vector<render::Cell> summary_cells(const Summary& summary);

/// Appends columns to columns, or cells to cells.
template <class Value>
void append(std::vector<Value>& to, std::vector<Value> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace hockney::views
