#pragma once

#include <filesystem>
#include <string_view>

#include "import/imported.hpp"
#include "record/launch.hpp"

namespace hockney::import {

/// Reads figures that somebody published, retyped into Hockney's own layout (results/reference/README.md): lines
/// "# key: value" (ReferenceKeys), then a line of column names, then one point per line.
///
/// Columns, in any order: operation, ranks, ranks_per_node, element, in_place (true or false), payload_bytes; one of
/// time_us, algbw_gb_per_s, busbw_gb_per_s, whichever was published; and optionally stride and concurrent, where
/// several groups ran at once, and algorithm and protocol, where the publisher pinned them. Blank lines are skipped. A
/// point that is named again is a further pass.
///
/// The result is one launch of TransportKind::imported points with one sample each; the keys become provenance
/// "reference.KEY". A file that states a line rate gives a launch without points that stated_line_rate() reads. The
/// launch's UUID follows from the campaign, the file's name and its text, and its start and end from the key `date`, so
/// that the same file always gives the same launch.
///
/// Throws InputError "FILE:LINE: ..." for unknown, missing and repeated keys and columns (naming the nearest known
/// one), values that cannot be, and a file of measurements without points. `options.machine` replaces the file's
/// machine where it is not empty; --fabric and --source are not needed and not used.
Launch read_reference_csv(std::string_view text, const std::filesystem::path& file, const ImportOptions& options);

}  // namespace hockney::import
