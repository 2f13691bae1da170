#pragma once

#include <filesystem>
#include <string_view>

#include "import/imported.hpp"
#include "import/nccl_tests/nccl_tests_text.hpp"

namespace hockney::import {

/// Turns one table of `file` into a launch, or says why not. A row becomes one point out of place and one in place,
/// each with one sample: the time column, in seconds, as Statistic::mean_over_ranks (nccl-tests' default; -a is read
/// where the log shows the command line) over `iters` operations in Mode::stream (Mode::graph with -G). Half of the
/// last printed digit is kept as the clock's step. Rows of a size seen before are further passes of its point. Rows
/// that contradict themselves or the rank count are appended to `refused`; a table in which they are the majority is
/// refused as a whole, since nobody can have measured it. Of sendrecv only the out-of-place half is read
/// (operation_of_nccl_test()); rooted operations are read where rank 0 is the root.
ImportedTable import_nccl_tests_table(const NcclTestsTable& table, const std::filesystem::path& file,
                                      const ImportOptions& options, std::vector<RefusedLine>& refused);

/// Every table of a log, separated by separate_rank_counts(), by import_nccl_tests_table. `file` names the log in
/// sources and, where the log does not name its test and `options` does not either, tells it; nothing is read from
/// disk. Does not throw on any log.
ImportedFile import_nccl_tests(NcclTestsLog log, const std::filesystem::path& file, const ImportOptions& options);

}  // namespace hockney::import
