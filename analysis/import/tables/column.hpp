#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "import/tables/facts.hpp"
#include "import/tables/quantity.hpp"

namespace hockney::import {

/// What a column of somebody's table of collectives holds.
enum class ColumnRole {
  operation,
  reduction,
  element,
  size,          ///< in elements where the heading says so
  count,         ///< elements
  element_size,  ///< bytes of one
  time,
  algbw,
  busbw,
  value,  ///< a time or a bandwidth: its cells or the text above the table tell which
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

/// Which number of many a column shows; of several the first in this order is taken. `total` may be the sum over the
/// iterations.
enum class ColumnStatistic { plain, median, mean, max, min, other, total };

/// What the columns of one curve have in common, beside what their rows say: "NCCL", "8 GPUs", "AllGather", "64 KiB".
struct Series {
  std::string method{};  ///< a library, an algorithm, anything; as it is written
  Facts facts{};         ///< operation and placement
  std::optional<Quantity> size{};
  bool in_place = false;

  /// The same for columns that belong together, in place or not.
  std::string key() const;
};

/// A column as its heading tells it.
struct Column {
  std::string heading;
  ColumnRole role = ColumnRole::other;
  std::optional<Unit> unit{};
  ColumnStatistic statistic = ColumnStatistic::plain;
  double share = 1;                     ///< of a number that counts: half of a round trip's
  bool either_bandwidth = false;        ///< "bandwidth", "BW": algbw or busbw
  std::optional<bool> size_per_rank{};  ///< "KB per rank", "total size"
  NumberStyle numbers{};                ///< of its cells
  Series series{};
};

bool is_value(ColumnRole role);

bool has_role(const std::vector<Column>& columns, ColumnRole role);

/// Whether it holds sizes or counts.
bool is_size(const Column& column);

/// Whether it holds bandwidths.
bool is_rate(const Column& column);

/// Gives it the role of columns in such a unit; bandwidths may be algbw or busbw.
void set_role_by_unit(Column& column, UnitKind kind);

/// Reads a heading: "size(B)", "Msg size (KB)", "out algbw(GB/s)", "time_us", "NCCL Time (ms)", "UCC Ring (us)", "8
/// GPUs", "num_gpus", "#wrong", "t_max[usec]", "time:p50(us)". The text is plain_text().
Column read_heading(std::string_view heading);

/// Reads a header. The second of two columns of the same heading (of pandas "time", "time.1") is the one in place, as
/// in nccl-tests.
std::vector<Column> read_header(const std::vector<std::string>& cells);

/// Whether the columns are those of a table of collectives: a size or count, and a time or a bandwidth.
bool is_header(const std::vector<Column>& columns);

}  // namespace hockney::import
