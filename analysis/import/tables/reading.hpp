#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "import/tables/sheet.hpp"

namespace hockney::import {

/// Numbers of one side (out of place, in place) of a row: in us and GB/s where heading or cell has a unit, else as they
/// are.
struct SideValues {
  std::optional<Quantity> time{};
  std::optional<Quantity> algbw{};
  std::optional<Quantity> busbw{};
  std::string wrong{};
  std::string unread{};  ///< "column 'NCCL (us)' is '-'": the last cell of a time or bandwidth that is no number
};

/// What a row says of one curve: a row of a table with a column per library or per number of ranks is several.
struct Reading {
  std::size_t line = 0;
  std::size_t series = 0;  ///< index in Readings::series
  std::string operation{};
  std::string reduction{};
  std::string element{};
  std::optional<Quantity> size{};  ///< unit bytes, or elements
  std::optional<double> count{};   ///< elements
  std::optional<std::uint32_t> element_bytes{};
  std::optional<std::uint32_t> ranks{}, gpus_per_rank{}, nodes{}, ranks_per_node{}, iterations{};
  std::optional<bool> in_place{};  ///< a column of 0 and 1: the row's first side is of that kind
  std::string algorithm{};
  std::string protocol{};
  std::string label{};    ///< cells of columns whose rows are not of one launch when they differ
  SideValues side[2];     ///< out of place, in place
  std::string refusal{};  ///< why nothing was read of the row; empty otherwise
};

/// A sheet in long form.
struct Readings {
  std::vector<Column> columns;  ///< with the roles and units that their cells tell
  std::vector<Series> series;
  std::vector<Reading> rows;  ///< of one row of the sheet one after the other, in the order of `series`
  std::vector<std::string> notes;
};

/// Reads the rows of a sheet, by settle_columns(). The half step of a column's numbers is that of its finest cell, for
/// programs that write numbers drop trailing zeros; digits beyond the twelfth are noise of binary fractions.
Readings read_rows(const Sheet& sheet);

}  // namespace hockney::import
