#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "import/tables/csv_columns.hpp"
#include "import/tables/csv_table.hpp"
#include "import/text/printed_number.hpp"

namespace hockney::import {

/// Numbers of one side (out of place, in place) of a row, in the units of their headings.
struct CsvResult {
  std::optional<PrintedNumber> time;
  std::optional<PrintedNumber> algbw;
  std::optional<PrintedNumber> busbw;
  std::string wrong;
};

/// The cells of a row by role. Empty texts and absent numbers: no such column, or a cell that is no number.
struct CsvValues {
  std::size_t line = 0;
  std::string operation;
  std::string reduction;
  std::string element;
  std::optional<double> size;   ///< in the unit of its heading
  std::optional<double> count;  ///< elements
  std::optional<std::uint32_t> ranks, gpus_per_rank, nodes, ranks_per_node, iterations;
  std::optional<bool> in_place;  ///< a column of 0 and 1: the row's first side is of that kind
  std::string algorithm;
  std::string protocol;
  std::string label;  ///< cells of columns whose rows are not of one launch when they differ
  CsvResult side[2];  ///< out of place, in place
};

/// The rows of a table by role. The step of a column's numbers is that of its finest cell, for programs that write
/// numbers drop trailing zeros; digits beyond the twelfth are noise of binary fractions.
std::vector<CsvValues> read_csv_values(const CsvTable& table, const std::vector<CsvColumn>& columns);

}  // namespace hockney::import
