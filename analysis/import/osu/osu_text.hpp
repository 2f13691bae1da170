#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "import/imported.hpp"
#include "import/osu/osu_tests.hpp"
#include "import/text/log_text.hpp"

namespace hockney::import {

/// One row: the message size and the cells to the right of it.
struct OsuRow {
  std::size_t line = 0;
  std::uint64_t size_bytes = 0;
  std::vector<std::string> cells;
};

/// One table of an OSU micro-benchmark: one banner, one datatype.
struct OsuTable {
  OsuBanner banner;
  std::string datatype;  ///< "MPI_CHAR"; empty where no "# Datatype:" line stands
  std::string buffers;   ///< "Send Buffer on DEVICE (D) and Receive Buffer on HOST (H)"; else empty
  std::string command;   ///< the last command line with an osu_ program above the banner
  std::string heading;   ///< the last line of text above the banner that is no command: what an author wrote
  std::vector<std::string> columns;  ///< headings to the right of "Size": "Avg Latency(us)", "Iterations"
  std::size_t first_line = 0;
  std::size_t last_line = 0;
  std::vector<OsuRow> rows;
};

/// What a log holds. Every line that looks like data is in a table's rows or in `refused`.
struct OsuLog {
  std::vector<OsuTable> tables;
  std::vector<RefusedLine> refused;
};

/// Reads the text output of the OSU micro-benchmarks, 5.x to 7.x, MPI, NCCL and RCCL, with prose
/// and several tables. Never throws on any text.
OsuLog read_osu_text(const LogText& text);

/// read_osu_text(), then every table as a launch of its own, or the reason why not. A row becomes one point of one
/// sample: the average over ranks (Statistic::mean_over_ranks) of the mean over the row's iterations, or the message
/// size divided by the bandwidth (MB/s = 1e6 B/s). Sizes become Hockney's payload: of allgather, gather, scatter and
/// alltoall the size times the ranks. A log does not name its ranks: they come from --ranks, else from the command line
/// of mpirun or srun above the banner. Nothing is read from disk. Throws InputError when there is no table.
ImportedFile import_osu_text(const LogText& text, const std::filesystem::path& file, const ImportOptions& options);

}  // namespace hockney::import
