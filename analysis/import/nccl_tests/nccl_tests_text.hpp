#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "import/imported.hpp"
#include "import/nccl_tests/nccl_tests_layout.hpp"
#include "import/text/log_text.hpp"

namespace hockney::import {

/// One "# Rank ..." line.
struct NcclTestsRank {
  std::uint32_t rank = 0;
  std::uint32_t group = 0;  ///< NCCL_TESTS_SPLIT: ranks of different groups have communicators of their own
  std::string host;
  std::string bus;  ///< PCI address, "0000:0f:00" or the older "0x0f"
  std::string gpu;  ///< model name; empty where the log has none
};

/// What a log says around a table, before or after its rows.
struct NcclTestsPreamble {
  std::string test;          ///< "all_reduce" from "Collective test starting: all_reduce_perf"; empty before 2025-06
  std::string command_test;  ///< the one test that command lines since the last table name; empty without, or several
  bool several_commands = false;  ///< command lines since the last table name different tests
  std::string heading_test;       ///< the one test that the last heading or short line naming any names
  std::string title;              ///< the headings above (Markdown's, or text above rows that begin again)
  std::string version;            ///< of nccl-tests; empty before 2.17
  std::string nccl_version;       ///< empty when not printed
  std::string options;            ///< the line "nThread 1 nGpus 8 minBytes ..."
  std::string command;            ///< the last command line with a *_perf program
  std::uint32_t threads = 0, gpus_per_thread = 0;
  std::uint32_t iterations = 0;  ///< "iters:"; 0 when not stated
  std::uint32_t aggregated = 1;  ///< "agg iters:" (-m)
  std::uint32_t graph = 0;       ///< "graph:" (-G)
  bool blocking = false;         ///< "Blocking Enabled" (-z)
  Provenance environment;        ///< variables set above the table or on its command line (environment_in())
  std::vector<NcclTestsRank> ranks;

  /// Takes what another preamble says about command lines, and the variables that it names and this one does not.
  void take_command(const NcclTestsPreamble& other);
};

/// One table of nccl-tests.
struct NcclTestsTable {
  NcclTestsPreamble preamble;
  NcclTestsLayout layout;
  bool has_header = true;       ///< false: an excerpt, columns assumed from the rows' shape
  bool repeats_header = false;  ///< two headers without a row between them: rows of two runs may be mixed
  bool wrapped = false;         ///< the header goes over several lines, and so do rows
  std::string mixed;            ///< why rows of two runs are mixed and cannot be told apart; empty when they are not
  bool complete = false;        ///< the footer was seen
  std::size_t first_line = 0;
  std::size_t last_line = 0;
  std::vector<NcclTestsRow> rows;
  std::vector<std::string> notes;
};

/// What a log holds. Every line that looks like data is in a table's rows or in `refused`.
struct NcclTestsLog {
  std::vector<NcclTestsTable> tables;
  std::vector<RefusedLine> refused;
};

/// Reads the text output of nccl-tests and rccl-tests, 2017 (v1) to 2025 (2.19), also with -S and -I, in logs with
/// NCCL_DEBUG messages between and inside rows, prose around tables and several tables. A row that
/// such a message cut is put together again when its parts fill the layout exactly and size / time is the printed
/// algbw (proves_itself()), or where the header is wrapped as well; of a row that stays cut, the out-of-place half is
/// used on the former condition. A whole row behind other output in its line is read. Where text stands between rows
/// and sizes begin again below it, a table of its own begins. Rows of two runs that wrote into one file at the same
/// time become tables of their own (separate_runs()). Never throws on any text.
NcclTestsLog read_nccl_tests_text(const LogText& text);

/// Takes what a line outside of rows says. Returns whether the line stands before a table's header, so
/// that an open table has ended.
bool read_nccl_tests_preamble(std::string_view text, NcclTestsPreamble& preamble);

}  // namespace hockney::import
