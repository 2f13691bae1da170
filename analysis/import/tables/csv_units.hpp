#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "import/tables/csv_columns.hpp"
#include "import/tables/csv_values.hpp"
#include "vocabulary/operation.hpp"

namespace hockney::import {

/// What turns the numbers of a table into B, us and GB/s.
struct CsvUnits {
  double size = 1;
  double time = 1;
  double bandwidth = 1;
  bool has_time = true;  ///< false: the time is size / algbw
  std::vector<std::string> notes;
};

/// A table whose program is known by its headings: they lack units that its source code tells.
struct CsvDialect {
  std::string program;  ///< "rccl-tests", "aiconfigurator"; empty: nobody known
  bool size_in_elements = false;
  std::optional<double> time;  ///< us per unit of the time column
  bool one_node = false;       ///< the program runs within one node only
};

/// rccl-tests -Z csv ("numCycle,collective,...,inplace,time,algbw,busbw,#wrong": us), and aiconfigurator's collector
/// ("nccl_dtype,num_gpus,message_size,...,latency": elements, ms, one process with a thread per GPU).
CsvDialect csv_dialect(const std::vector<CsvColumn>& columns);

/// The GB/s that size / time is, when the numbers are in these units; nothing when one is missing.
std::optional<double> rate_of(double size_bytes, const CsvResult& result, const CsvUnits& units);

/// Whether printed bandwidth can be `rate_gb_s`, both rounded: within 1 % or the last digit.
bool agrees(double rate_gb_s, PrintedNumber printed, double unit);

/// Settles units that the headings do not state: by size / time = bandwidth where a table has all three, else by sizes
/// that are powers of two (so MB is 2^20 B). Says so in `notes`. Throws InputError, whose message is the reason to
/// refuse, when that leaves several.
CsvUnits settle_csv_units(const std::vector<CsvColumn>& columns, std::span<const CsvValues> rows,
                          const CsvDialect& dialect);

}  // namespace hockney::import
