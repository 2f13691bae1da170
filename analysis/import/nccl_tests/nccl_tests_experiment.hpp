#pragma once

#include <filesystem>
#include <string>

#include "import/imported.hpp"
#include "import/nccl_tests/nccl_tests_text.hpp"
#include "plan/case.hpp"
#include "record/measurement.hpp"

namespace hockney::import {

/// What a table timed, and how.
struct NcclTestsExperiment {
  Operation operation = Operation::all_reduce;
  /// Whose count, size and busbw the columns show: the operation's own, and those of a message for sendrecv.
  Operation columns = Operation::all_reduce;
  Routing routing;       ///< of sendrecv: a matrix named "ring_shift", without weights
  std::string evidence;  ///< where the operation comes from: "named in the log", "--operation", "from the command line
                         ///< in the log", "from the file name", "from the text above the table", in this order; at last
                         ///< "from busbw above algbw", which only all_reduce has
  Mode mode = Mode::stream;                          ///< graph with -G
  Buffers buffers = Buffers::plain;                  ///< registered with -R 1, symmetric_window with -R 2
  Statistic statistic = Statistic::mean_over_ranks;  ///< nccl-tests' default; -a where the log shows the command line
  Provenance settings;  ///< variables and options that change how NCCL communicates: env.NAME, setting.nccl_tests.-x
};

/// Throws InputError, whose message is the reason to refuse the table: an operation that is not known or not read, rows
/// that name a reduction or a root where the operation has none (or the reverse), and times that are not those of
/// single operations of a plain loop (-m, -z, -C, -a 0, -a 2, runs that are mixed and cannot be told apart).
NcclTestsExperiment experiment_of(const NcclTestsTable& table, const std::filesystem::path& file,
                                  const ImportOptions& options);

}  // namespace hockney::import
