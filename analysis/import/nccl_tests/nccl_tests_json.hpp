#pragma once

#include <filesystem>
#include <string_view>

#include "import/imported.hpp"

namespace hockney::import {

/// Reads one JSON file of nccl-tests (-J), schema version 1 to 3, as written or re-serialised, and makes one launch of
/// it, as import_nccl_tests_table() does of a table. Ranks are the entries of config.devices (config.ngpus is per
/// thread); where a file lists one device per process, nthreads x ngpus ranks are counted for each if busbw says so. A
/// file that an aborted run left unfinished gives its whole results.
///
/// "nan", null and absent numbers are no numbers. Where a result has times of single iterations (*_per_iter.times_us),
/// they are its samples, Statistic::max_over_ranks; else its sample is the mean, Statistic::mean_over_ranks. The file
/// does not name its collective: it comes from args[0], else the file name, else --operation. Of its environment only
/// the allow-list enters provenance and ImportedFile::text. Throws InputError, whose message is the reason, for a text
/// that is no such JSON.
ImportedFile import_nccl_tests_json(std::string_view text, const std::filesystem::path& file,
                                    const ImportOptions& options);

}  // namespace hockney::import
