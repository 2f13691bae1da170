#pragma once

#include <string>
#include <vector>

#include "import/tables/sheet.hpp"

namespace hockney::import {

/// Whether the table is of the Intel MPI Benchmarks: "#repetitions", "t_max[usec]".
bool is_imb(const std::vector<Column>& columns);

/// The columns of a sheet with the roles and units that their cells and the text above tell. Of several times of a row
/// (median, mean, max, percentiles) the first in this order stays; of IMB t_max, and t_avg as a curve of its own.
/// `notes` gets a line for each choice.
std::vector<Column> settle_columns(const Sheet& sheet, std::vector<std::string>& notes);

}  // namespace hockney::import
