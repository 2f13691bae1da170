#pragma once

#include <string>
#include <vector>

#include "import/tables/column.hpp"

namespace hockney::import {

/// Whether a line holds nothing but units, as below the header of nccl-tests: "(B)  (us)  (GB/s)".
bool is_units_line(const std::string& line);

/// Gives the units of such a line to the columns whose headings stand nearest above, in the line `header`.
void give_units(const std::string& line, const std::string& header, std::vector<Column>& columns);

}  // namespace hockney::import
