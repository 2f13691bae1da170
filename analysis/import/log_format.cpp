#include "import/log_format.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "import/nccl_tests/nccl_tests_json.hpp"
#include "import/nccl_tests/nccl_tests_launch.hpp"
#include "import/nccl_tests/nccl_tests_layout.hpp"
#include "import/nccl_tests/nccl_tests_text.hpp"
#include "import/nccl_tests/rccl_json.hpp"
#include "import/osu/osu_tests.hpp"
#include "import/osu/osu_text.hpp"
#include "import/published/reference_csv.hpp"
#include "import/published/stated_rate_file.hpp"
#include "import/tables/csv_columns.hpp"
#include "import/tables/csv_table.hpp"
#include "import/tables/measurement_csv.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::ptrdiff_t most_lines = 2'000'000;
constexpr std::size_t shown = 70;  // characters of a line that a message repeats

std::string quoted(std::size_t line, std::string_view text) {
  return fmt::format("line {}: '{}{}'", line, text.substr(0, shown), text.size() > shown ? "..." : "");
}

// Words of programs that people have logs of, and that no importer reads.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> known_programs{{
    {"Intel(R) MPI Benchmarks", "the Intel MPI Benchmarks"},
    {"[P2P (Peer-to-Peer) GPU Bandwidth Latency Test]", "CUDA's p2pBandwidthLatencyTest"},
    {"nvbandwidth Version", "nvbandwidth"},
    {"memcpy CE ", "nvbandwidth"},
    {"memcpy SM ", "nvbandwidth"},
    {"memcpy local ", "nvbandwidth"},
    {"coll_perf", "NCCL Inspector"},
    {"ib_write_bw", "perftest"},
    {"ucx_perftest", "UCX perftest"},
    {"MB_time\"", "Galvatron's profiler"},
    {"_consec_", "Galvatron's profiler (bandwidths without sizes)"},
    {"\"pp_size_", "Galvatron's profiler (bandwidths without sizes)"},
}};

std::optional<std::string_view> known_program(std::string_view text) {
  for (const auto& [words, program] : known_programs) {
    if (text.find(words) != std::string_view::npos) {
      return program;
    }
  }
  return std::nullopt;
}

std::string describe_unknown(std::string_view text) {
  if (const auto program = known_program(text)) {
    return fmt::format("output of {}, which is not read", *program);
  }
  constexpr std::string_view failure = "Test NCCL failure";
  if (text.find(failure) != std::string_view::npos || text.find("minBytes ") != std::string_view::npos) {
    return "a run of nccl-tests without a table: it failed or was cut off";
  }
  if (text.find("|---") != std::string_view::npos || text.find("| ---") != std::string_view::npos ||
      text.find("|:--") != std::string_view::npos) {
    return "Markdown without a table that has a size and a time or a bandwidth in its header";
  }
  return "none of the formats that are read: nccl-tests text or JSON, rccl-tests text, JSON or CSV, OSU text, CSV "
         "with a header that names a size and a time or a bandwidth";
}

DetectedFormat detect_json(std::string_view text) {
  const auto has = [&](std::string_view key) { return text.find(key) != std::string_view::npos; };
  if (has("\"results\"") && has("\"out_of_place\"")) {
    return {LogFormat::nccl_tests_json, "JSON with 'results' and 'out_of_place'"};
  }
  if (has("\"busBw\"") && has("\"time\"")) {
    return {LogFormat::rccl_json, "JSON objects with 'time' and 'busBw'"};
  }
  if (const auto program = known_program(text)) {
    throw InputError(fmt::format("output of {}, which is not read", *program));
  }
  throw InputError(
      "JSON, but neither nccl-tests -J ('results', 'out_of_place') nor rccl-tests -Z json ('time', 'busBw')");
}

bool is_reference_header(const std::vector<std::string>& cells) {
  return std::find(cells.begin(), cells.end(), "payload_bytes") != cells.end() &&
         std::find(cells.begin(), cells.end(), "operation") != cells.end();
}

std::optional<DetectedFormat> detect_by_line(std::string_view text) {
  std::optional<DetectedFormat> nccl;
  for (const LogLine& line : clean_lines(text)) {
    if (read_osu_banner(line.text)) {
      return DetectedFormat{LogFormat::osu, quoted(line.number, line.text)};
    }
    const std::string_view body =
        std::string_view(line.text).substr(std::min(line.text.find_first_not_of("# \t"), line.text.size()));
    if (!nccl && read_nccl_tests_header(words_of(body))) {
      nccl = DetectedFormat{LogFormat::nccl_tests, quoted(line.number, line.text)};
    }
  }
  return nccl;
}

std::string magic_of(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> magics{{{"\x89HDF", "HDF5"},
                                                                                 {"\x1F\x8B", "gzip"},
                                                                                 {"PK\x03\x04", "zip"},
                                                                                 {"PAR1", "Parquet"},
                                                                                 {"\x7F"
                                                                                  "ELF",
                                                                                  "a program"},
                                                                                 {"%PDF", "PDF"}}};
  for (const auto& [begin, name] : magics) {
    if (text.starts_with(begin)) {
      return fmt::format("binary data ({})", name);
    }
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return "text in UTF-16: convert it to UTF-8";
  }
  return text.find('\0') == std::string_view::npos ? std::string{} : "binary data (it has NUL bytes)";
}

ImportedFile import_reference(std::string_view text, const std::filesystem::path& file, const ImportOptions& options) {
  ImportedTable table;
  table.first_line = 1;
  table.last_line = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  table.launch = read_reference_csv(text, file, options);
  table.rows = table.rows_used = table.launch->measurements.size();
  table.title = fmt::format("published figures, {}", table.launch->info.machine);
  ImportedFile result;
  result.name = file.filename().string();
  result.tables.push_back(std::move(table));
  return result;
}

ImportedFile import_nccl_tests_or_refuse(std::string_view text, const std::filesystem::path& file,
                                         const ImportOptions& options) {
  ImportedFile result = import_nccl_tests(text, file, options);
  if (result.tables.empty() && result.refused.empty()) {
    throw InputError(describe_unknown(text));
  }
  return result;
}

}  // namespace

void refuse_unreadable_text(std::string_view text) {
  if (text.find_first_not_of(blanks) == std::string_view::npos) {
    throw InputError(text.empty() ? "empty file" : "nothing but blanks");
  }
  const auto lines = std::count(text.begin(), text.end(), '\n');
  if (lines > most_lines) {
    throw InputError(fmt::format("{} lines; files of more than {} lines are not read", lines, most_lines));
  }
  const std::string magic = magic_of(text);
  if (!magic.empty()) {
    throw InputError(magic);
  }
}

DetectedFormat detect_format(std::string_view text) {
  refuse_unreadable_text(text);
  const std::size_t first = text.find_first_not_of(blanks);
  const std::size_t second = std::min(text.find_first_not_of(blanks, first + 1), text.size() - 1);
  // "[1,0]<stdout>:" and "[host:pid]" begin like an array of JSON
  if (text[first] == '{' || (text[first] == '[' && (text[second] == '{' || text[second] == '['))) {
    return detect_json(text);
  }
  refuse_stated_rate(text);
  const CsvTable reference = read_csv(text, is_reference_header);
  if (!reference.header.cells.empty()) {
    return {LogFormat::reference_csv, fmt::format("line {}: column 'payload_bytes'", reference.header.line)};
  }
  if (auto found = detect_by_line(text)) {
    return *found;
  }
  const CsvTable table = read_csv(text, is_csv_header);
  if (!table.header.cells.empty()) {
    return {LogFormat::csv, fmt::format("line {}: a header with a size and a time or a bandwidth", table.header.line)};
  }
  const NcclTestsLog log = read_nccl_tests_text(text);
  if (!log.tables.empty()) {
    return {LogFormat::nccl_tests,
            fmt::format("line {}: a row in the shape of nccl-tests, no header", log.tables.front().first_line)};
  }
  throw InputError(describe_unknown(text));
}

ImportedFile import_as(LogFormat format, std::string_view text, const std::filesystem::path& file,
                       const ImportOptions& options) {
  switch (format) {
    case LogFormat::nccl_tests:
      return import_nccl_tests_or_refuse(text, file, options);
    case LogFormat::nccl_tests_json:
      return import_nccl_tests_json(text, file, options);
    case LogFormat::rccl_json:
      return import_rccl_json(text, file, options);
    case LogFormat::osu:
      return import_osu_text(text, file, options);
    case LogFormat::reference_csv:
      return import_reference(text, file, options);
    case LogFormat::csv:
      return import_measurement_csv(text, file, options);
  }
  throw Failure("no importer for this format");
}

}  // namespace hockney::import
