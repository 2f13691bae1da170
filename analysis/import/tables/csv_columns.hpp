#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hockney::import {

/// What a column of somebody's table of collectives holds.
enum class CsvRole {
  operation,
  reduction,
  element,
  size,   ///< bytes of nccl-tests' size column; in elements where the heading says so
  count,  ///< elements
  time,
  algbw,
  busbw,
  wrong,
  in_place,
  ranks,
  gpus_per_rank,
  nodes,
  ranks_per_node,
  iterations,
  algorithm,
  protocol,
  machine,  ///< device or instance: rows of different ones are not of one launch
  ignored,  ///< known, and of no use here
  other,
};

/// A column as its heading tells it. `factor` turns a cell into B, us or GB/s; absent where the heading has no unit, or
/// one that people use for two things (MB).
struct CsvColumn {
  std::string heading;
  CsvRole role = CsvRole::other;
  std::optional<double> factor;
  std::string unit;  ///< "mb", "us", "gb/s"; empty when there is none
  bool in_place = false;
};

/// Reads a heading: "size(B)", "message_size", "out algbw(GB/s)", "time_us", "latency (ms)", "num_gpus", "#wrong".
CsvColumn read_csv_heading(std::string_view heading);

/// Reads a header. The second of two columns for the same time or bandwidth is the one in place, as in nccl-tests.
std::vector<CsvColumn> read_csv_header(const std::vector<std::string>& cells);

/// Whether a line's cells can be a header of a table of collectives: a size or count, and a time or a bandwidth.
bool is_csv_header(const std::vector<std::string>& cells);

}  // namespace hockney::import
