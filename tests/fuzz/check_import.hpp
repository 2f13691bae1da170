#pragma once

#include "fuzz_target.hpp"
#include "import/imported.hpp"
#include "import/imported_points.hpp"

namespace hockney::fuzz {

/// What must hold of any log that was read: its lines add up, and every time can be that of an operation.
inline void check_import(const import::ImportedFile& file) {
  constexpr double us_per_s = 1e6;
  const import::ImportTotals sum = import::totals(file);
  require(sum.data_lines == sum.used + sum.size_zero + sum.refused, "data lines = used + of size 0 + refused");
  for (const import::ImportedTable& table : file.tables) {
    require(table.rows == table.rows_used + table.rows_of_size_zero + table.rows_refused, "rows of a table");
    require(table.launch.has_value() == table.refusal.empty(), "a table is used or refused");
    if (!table.launch) {
      continue;
    }
    require(table.launch->measurements.size() >= table.rows_used, "a used row has a point");
    for (const Measurement& point : table.launch->measurements) {
      require(!point.elapsed.empty(), "a point has a time");
      for (const double time : point.elapsed) {
        require(import::is_time_us(time * us_per_s * (1 + 1e-9)) || import::is_time_us(time * us_per_s * (1 - 1e-9)),
                "times from 1 ps to 11 days");
      }
    }
  }
  import::report(file);
}

/// Reads a text three times with `read(options)`: nothing stated, the ranks per node, the ranks and nodes.
template <class Read>
void check_with_options(Read&& read) {
  import::ImportOptions options;
  allow_input_errors([&] { check_import(read(options)); });
  options.ranks_per_node = 8;
  allow_input_errors([&] { check_import(read(options)); });
  options = {};
  options.ranks = 8;
  options.nodes = 1;
  allow_input_errors([&] { check_import(read(options)); });
}

}  // namespace hockney::fuzz
