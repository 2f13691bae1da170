#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/names.hpp"
#include "import/imported.hpp"
#include "import/nccl_tests/nccl_tests_text.hpp"
#include "import/tables/sheet.hpp"
#include "import/text/log_text.hpp"

namespace hockney::import {

/// What `hockney import` reads.
enum class LogFormat {
  nccl_tests,       ///< text of nccl-tests and rccl-tests
  nccl_tests_json,  ///< nccl-tests -J
  json,             ///< objects with a size and a time: rccl-tests -Z json, nccom-test, anybody's
  osu,              ///< text of the OSU micro-benchmarks
  reference_csv,    ///< Hockney's own layout, results/reference/README.md
  csv,              ///< tables of collectives, whoever wrote them: CSV, Markdown, IMB, nccom-test, rccl-tests -Z csv
  average,          ///< averages told in prose, as all_reduce_bench.py does
};

struct LogFormatNames {
  static constexpr std::string_view what = "log format";
  static constexpr std::array<NamedValue<LogFormat>, 7> table{{{LogFormat::nccl_tests, "nccl-tests"},
                                                               {LogFormat::nccl_tests_json, "nccl-tests-json"},
                                                               {LogFormat::json, "json"},
                                                               {LogFormat::osu, "osu"},
                                                               {LogFormat::reference_csv, "reference-csv"},
                                                               {LogFormat::csv, "csv"},
                                                               {LogFormat::average, "average"}}};
};
LogFormatNames names_of(LogFormat);

/// What a text was taken for, and by which words of it.
struct DetectedFormat {
  LogFormat format = LogFormat::nccl_tests;
  std::string evidence{};                    ///< "line 2: '# OSU MPI-CUDA Allreduce Latency Test v5.7'"
  std::optional<NcclTestsLog> nccl_tests{};  ///< the text of nccl-tests, where detecting it took reading it
  std::optional<Sheets> sheets{};            ///< likewise of tables
};

/// Takes a text for one of the formats by what is in it, never by its name. Throws InputError, whose message is the
/// reason, for what is none of them; programs whose output is known but not read are named. Linear in the text.
DetectedFormat detect_format(const LogText& text);

/// Reads a text as what it was taken for. `file` names the log in sources; nothing is read from disk. The notes of the
/// text become notes of every table. Throws InputError, whose message is the reason, when the text is not of that
/// format at all.
ImportedFile import_as(const DetectedFormat& detected, const LogText& text, const std::filesystem::path& file,
                       const ImportOptions& options);

}  // namespace hockney::import
