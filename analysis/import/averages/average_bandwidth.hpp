#pragma once

#include <filesystem>
#include <string_view>

#include "import/imported.hpp"
#include "import/text/log_text.hpp"

namespace hockney::import {

/// Whether a line begins an average that is told in prose: "The average bandwidth of all_reduce with a 4.0GB payload
/// (5 trials, 16 ranks):".
bool announces_average_bandwidth(std::string_view line);

/// Reads such averages, as all_reduce_bench.py of github.com/stas00/ml-engineering prints them, each with the two lines
/// " algbw: 11.396 GBps (91.2 Gbps)" and " busbw: 21.368 GBps ..." below: one point of the time payload / algbw, the
/// mean over the trials. GB and GBps are 10^9. An average whose busbw / algbw is not that of its ranks is refused by
/// line. Nothing is read from disk. Throws InputError, whose message is the reason, for a text without an average.
ImportedFile import_average_bandwidths(const LogText& text, const std::filesystem::path& file,
                                       const ImportOptions& options);

}  // namespace hockney::import
