#pragma once

#include <filesystem>
#include <string_view>

#include "import/imported.hpp"
#include "record/launch.hpp"

namespace hockney {

/// Reads figures that somebody published, retyped into Hockney's own layout (results/reference/README.md): lines
/// "# key: value", then a line of column names, then one point per line.
///
/// Keys, required: machine, source, fabric (a Fabric), transport (the TransportKind that moved the bytes), mode,
/// statistic, iterations (operations behind one number). Optional: url, citation, date, versions, caveats (may repeat).
/// Columns, all required, in any order: operation, ranks, ranks_per_node, element, in_place (true or false),
/// payload_bytes, time_us. Blank lines are skipped. A point that is named again is a further pass.
///
/// The result is one launch of TransportKind::imported points with one sample each; the keys become provenance
/// "reference.KEY". Throws InputError "FILE:LINE: ..." for unknown, missing and repeated keys and columns (naming the
/// nearest known one), values that cannot be, and a file without points. --fabric, --machine and --source of `options`
/// are not needed and not used.
Launch read_reference_csv(std::string_view text, const std::filesystem::path& file, const ImportOptions& options);

}  // namespace hockney
