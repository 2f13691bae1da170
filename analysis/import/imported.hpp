#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/launch.hpp"
#include "vocabulary/fabric.hpp"
#include "vocabulary/operation.hpp"

namespace hockney::import {

/// What the user states about logs that the logs do not state themselves. Where a log speaks, it has the word, except
/// for `ranks`, which is the user's answer to a log that contradicts itself.
struct ImportOptions {
  std::optional<Operation> operation;           ///< for logs that do not name the test
  std::optional<std::uint32_t> ranks;           ///< overrides the rank list; rows that contradict it are refused
  std::optional<std::uint32_t> nodes;           ///< for logs without a rank list
  std::optional<std::uint32_t> ranks_per_node;  ///< likewise
  std::optional<bool> size_per_rank;            ///< a size is one rank's block of an operation that has blocks
  std::optional<Fabric> fabric;                 ///< no text log says which fabric carried the bytes
  std::string machine;                          ///< empty: the pattern of the log's host names
  std::string source;                           ///< citation, stored beside the file name
  std::string campaign;                         ///< LaunchInfo::campaign
  std::string importer;                         ///< "hockney 0.1.0", for LaunchInfo::producer
};

/// A line that looks like data and was not used.
struct RefusedLine {
  std::size_t line = 0;  ///< from 1
  std::string reason;
};

/// What became of one table of a log. rows == rows_used + rows_of_size_zero + rows_refused.
struct ImportedTable {
  std::size_t first_line = 0;
  std::size_t last_line = 0;
  std::string title;             ///< operation, group and element type, and where each was read from
  std::optional<Launch> launch;  ///< absent when the whole table was refused
  std::string refusal;           ///< why; empty when launch is present
  std::vector<std::string> notes;
  std::size_t rows = 0;
  std::size_t rows_used = 0;
  std::size_t rows_of_size_zero = 0;
  std::size_t rows_refused = 0;
};

/// What became of one file.
struct ImportedFile {
  std::string name;
  std::vector<ImportedTable> tables;
  std::vector<RefusedLine> refused;      ///< rows of used tables, and lines that belong to no table, in line order
  std::size_t lines_outside_tables = 0;  ///< how many of `refused` belong to no table
  std::optional<std::string> text{};     ///< what may be kept of the text, where that is not all of it
  std::string text_note{};               ///< then: what was removed
};

/// Sums over tables, or over files.
struct ImportTotals {
  std::size_t tables = 0;
  std::size_t tables_used = 0;
  std::size_t data_lines = 0;  ///< == used + size_zero + refused
  std::size_t used = 0;
  std::size_t size_zero = 0;
  std::size_t refused = 0;

  ImportTotals& operator+=(const ImportTotals& other);
};

ImportTotals totals(const ImportedFile& file);

/// "tables: 3, 2 used; data lines: 12 = 9 used + 2 of size 0 + 1 refused".
std::string to_string(const ImportTotals& totals);

/// The report of one file for a terminal: a line per file, table, note and refusal ("FILE:LINE: refused: REASON");
/// neighbouring lines refused for the same reason share a line. Each line is ended by '\n'.
std::string report(const ImportedFile& file);

}  // namespace hockney::import
