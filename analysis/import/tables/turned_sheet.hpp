#pragma once

#include "import/tables/sheet.hpp"

namespace hockney::import {

/// Whether all columns but the first are of one size each: "Collective | 1 MB | 16 MB".
bool has_columns_of_sizes(const std::vector<Column>& columns);

/// Turns a table with a column for each size, the rows of which are what others have as columns ("Time (us) | 45.2 |
/// 181.4"), into one with a row for each size. Leaves other tables alone.
void turn_columns_of_sizes(Sheet& sheet);

/// Puts the cells of columns of units ("unit", "size_unit") behind the numbers of the nearest column to their left that
/// they can be of.
void join_units(Sheet& sheet);

}  // namespace hockney::import
