#pragma once

#include <filesystem>

#include "import/imported.hpp"
#include "import/tables/csv_table.hpp"
#include "import/text/log_text.hpp"

namespace hockney::import {

/// Reads a table of collectives that somebody wrote as delimited text: at least a column of sizes (or counts) and one
/// of times or bandwidths, recognised by their headings and units (csv_columns.hpp). Read this way are the CSV output
/// of rccl-tests, aiconfigurator's nccl_perf, vTrain's look-up tables, NCCL's tuner tables, and others like them.
///
/// Rows of different devices or settings become launches of their own. Operation: the column, else --operation, else
/// the file name. Ranks: the column, else --ranks, else what busbw and time imply. Nodes: the columns, else --nodes or
/// --ranks-per-node. Sizes are those of nccl-tests, Hockney's payload. Rows whose size / time or busbw contradicts
/// their other numbers are refused, and the whole table when most do. Throws InputError, whose message is the reason,
/// for a text without such a header.
ImportedFile import_measurement_csv(const LogText& text, const std::filesystem::path& file,
                                    const ImportOptions& options);

/// The same for a table that was read already.
ImportedFile import_csv_table(const CsvTable& table, const std::filesystem::path& file, const ImportOptions& options);

}  // namespace hockney::import
