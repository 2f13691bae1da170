#pragma once

#include <filesystem>

#include "import/imported.hpp"
#include "import/tables/sheet.hpp"
#include "import/text/log_text.hpp"

namespace hockney::import {

/// Reads the tables of collectives in a text, whoever wrote them (read_sheets(): CSV, TSV, Markdown, LaTeX, columns
/// between blanks): at least a column of sizes (or counts) and one of times or bandwidths, recognised by headings,
/// units, cells and the text above. Programs whose tables are known: program_of().
///
/// A curve for each library, number of ranks, operation or size that has a column of its own; rows of different devices
/// or settings, and columns of different libraries (software_of(): "method"), become launches of their own. Operation,
/// ranks, nodes and element type: the row, else the heading of the column, else --operation, --ranks, --nodes, else the
/// text above the table, which goes before the flags where the tables of a file say different things; operation at last
/// from the file name, ranks from what busbw and time imply. Payload: Hockney's, as nccl-tests has it. Rows whose size
/// / time or busbw contradicts their other numbers, or is more than any link has, are refused, and the whole table when
/// most do. Throws InputError, whose message is the reason, for a text without such a table.
ImportedFile import_tables(const LogText& text, const std::filesystem::path& file, const ImportOptions& options);

/// The same for tables that were found already.
ImportedFile import_sheets(const Sheets& sheets, const std::filesystem::path& file, const ImportOptions& options);

}  // namespace hockney::import
