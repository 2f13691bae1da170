#include "import/log_format.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "import/averages/average_bandwidth.hpp"
#include "import/nccl_tests/nccl_tests_header.hpp"
#include "import/nccl_tests/nccl_tests_json.hpp"
#include "import/nccl_tests/nccl_tests_launch.hpp"
#include "import/nccl_tests/nccl_tests_text.hpp"
#include "import/osu/osu_tests.hpp"
#include "import/osu/osu_text.hpp"
#include "import/published/reference_csv.hpp"
#include "import/published/stated_rate_file.hpp"
#include "import/tables/cells.hpp"
#include "import/tables/import_tables.hpp"
#include "import/tables/json_sheets.hpp"
#include "import/tables/reading.hpp"
#include "import/tables/table_units.hpp"

namespace hockney::import {
namespace {

constexpr std::size_t shown = 70;  // characters of a line that a message repeats

std::string quoted(std::size_t line, std::string_view text) {
  return fmt::format("line {}: '{}{}'", line, text.substr(0, shown), text.size() > shown ? "..." : "");
}

// Words of programs that people have logs of, and that no importer reads.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> known_programs{{
    {"[P2P (Peer-to-Peer) GPU Bandwidth Latency Test]", "CUDA's p2pBandwidthLatencyTest"},
    {"nvbandwidth Version", "nvbandwidth"},
    {"memcpy CE ", "nvbandwidth"},
    {"memcpy SM ", "nvbandwidth"},
    {"memcpy local ", "nvbandwidth"},
    {"coll_perf", "NCCL Inspector"},
    {"ib_write_bw", "perftest"},
    {"#iterations", "perftest"},
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

// "[1,0]<stdout>:" and "[host:pid]" begin like an array of JSON
bool begins_json(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = std::min(text.find_first_not_of(blanks), text.size() - 1);
  const std::size_t second = std::min(text.find_first_not_of(blanks, first + 1), text.size() - 1);
  return text[first] == '{' || (text[first] == '[' && (text[second] == '{' || text[second] == '['));
}

std::string describe_unknown(std::string_view text) {
  if (const auto program = known_program(text)) {
    return fmt::format("output of {}, which is not read", *program);
  }
  constexpr std::string_view failure = "Test NCCL failure";
  if (text.find(failure) != std::string_view::npos || text.find("minBytes ") != std::string_view::npos) {
    return "a run of nccl-tests without a table: it failed or was cut off";
  }
  if (begins_json(text)) {
    return "JSON, but neither nccl-tests -J ('results', 'out_of_place') nor objects with a size and a time or a "
           "bandwidth, as of rccl-tests -Z json and nccom-test";
  }
  if (text.find("|---") != std::string_view::npos || text.find("| ---") != std::string_view::npos ||
      text.find("|:--") != std::string_view::npos) {
    return "Markdown without a table that has a size and a time or a bandwidth in its header";
  }
  return "none of the formats that are read: nccl-tests text or JSON, rccl-tests text, JSON or CSV, OSU, IMB and "
         "nccom-test text, tables with a header that names a size and a time or a bandwidth";
}

// Why a text has no table, by the first line that nearly is one.
std::string first_stray(const Sheets& found) {
  return fmt::format("no table; line {}: {}", found.stray.front().line, found.stray.front().reason);
}

std::optional<DetectedFormat> detect_json(std::string_view text) {
  const auto has = [&](std::string_view key) { return text.find(key) != std::string_view::npos; };
  if (has("\"results\"") && has("\"out_of_place\"")) {
    return DetectedFormat{LogFormat::nccl_tests_json, "JSON with 'results' and 'out_of_place'"};
  }
  Sheets found = read_json_sheets(text);
  if (found.sheets.empty() && !found.stray.empty()) {
    throw InputError(first_stray(found));
  }
  if (found.sheets.empty()) {
    return std::nullopt;
  }
  const std::size_t line = found.sheets.front().header_line;
  return DetectedFormat{LogFormat::json, fmt::format("line {}: an object with a size and a time or a bandwidth", line),
                        std::nullopt, std::move(found)};
}

bool is_reference_header(std::string_view line) {
  const auto cells = cells_of_line(line, ',');
  return std::find(cells.begin(), cells.end(), "payload_bytes") != cells.end() &&
         std::find(cells.begin(), cells.end(), "operation") != cells.end();
}

// nccom-test's header is one of nccl-tests by its words.
bool is_nccom_header(std::string_view line) { return line.find("count(elems)") != std::string_view::npos; }

std::optional<DetectedFormat> detect_by_line(const LogText& text) {
  std::optional<DetectedFormat> nccl;
  for (std::size_t i = 0; i < text.lines.size(); ++i) {
    const LogLine& line = text.lines[i];
    if (is_reference_header(line.text)) {
      return DetectedFormat{LogFormat::reference_csv, fmt::format("line {}: column 'payload_bytes'", line.number)};
    }
    if (read_osu_banner(line.text)) {
      return DetectedFormat{LogFormat::osu, quoted(line.number, line.text)};
    }
    if (!nccl && !is_nccom_header(line.text) && find_nccl_tests_header(text.lines, i)) {
      nccl = DetectedFormat{LogFormat::nccl_tests, quoted(line.number, line.text)};
    }
  }
  return nccl;
}

// The format of a text with at least one table.
DetectedFormat format_of_sheets(const LogText& text, Sheets found) {
  const Sheet& first = found.sheets.front();
  const auto header = std::find_if(text.lines.begin(), text.lines.end(),
                                   [&](const LogLine& line) { return line.number == first.header_line; });
  if (const auto program = header == text.lines.end() ? std::nullopt : known_program(header->text)) {
    throw InputError(fmt::format("output of {}, which is not read", *program));
  }
  const std::string program = program_of(first.columns).name;
  std::string evidence = fmt::format("line {}: a header {}", first.header_line,
                                     program.empty() ? "with a size and a time or a bandwidth" : "of " + program);
  return {LogFormat::csv, std::move(evidence), std::nullopt, std::move(found)};
}

// "1,024", "64M", "28,71": the reader of tables knows them, the one of nccl-tests does not.
bool has_rows_in_another_style(const NcclTestsLog& log) {
  std::size_t rows = 0;
  for (const NcclTestsTable& table : log.tables) {
    rows += table.rows.size();
  }
  return rows < log.refused.size();
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

ImportedFile import_nccl_tests_or_refuse(const DetectedFormat& detected, const LogText& text,
                                         const std::filesystem::path& file, const ImportOptions& options) {
  ImportedFile result =
      import_nccl_tests(detected.nccl_tests ? *detected.nccl_tests : read_nccl_tests_text(text), file, options);
  if (result.tables.empty() && result.refused.empty()) {
    throw InputError(describe_unknown(text.decoded));
  }
  return result;
}

ImportedFile read_as(const DetectedFormat& detected, const LogText& text, const std::filesystem::path& file,
                     const ImportOptions& options) {
  if (detected.sheets) {
    return import_sheets(*detected.sheets, file, options);
  }
  switch (detected.format) {
    case LogFormat::nccl_tests:
      return import_nccl_tests_or_refuse(detected, text, file, options);
    case LogFormat::nccl_tests_json:
      return import_nccl_tests_json(text.decoded, file, options);
    case LogFormat::json:
      return import_sheets(read_json_sheets(text.decoded), file, options);
    case LogFormat::osu:
      return import_osu_text(text, file, options);
    case LogFormat::reference_csv:
      return import_reference(text.decoded, file, options);
    case LogFormat::csv:
      return import_tables(text, file, options);
    case LogFormat::average:
      return import_average_bandwidths(text, file, options);
  }
  throw Failure("no importer for this format");
}

}  // namespace

DetectedFormat detect_format(const LogText& text) {
  if (auto json = begins_json(text.decoded) ? detect_json(text.decoded) : std::nullopt) {
    return std::move(*json);
  }
  refuse_stated_rate(text.decoded);
  if (auto found = detect_by_line(text)) {
    if (found->format != LogFormat::nccl_tests) {
      return std::move(*found);
    }
    found->nccl_tests = read_nccl_tests_text(text);
    Sheets sheets = has_rows_in_another_style(*found->nccl_tests) ? read_sheets(text.lines) : Sheets{};
    return sheets.sheets.empty() ? std::move(*found) : format_of_sheets(text, std::move(sheets));
  }
  const auto average = std::find_if(text.lines.begin(), text.lines.end(),
                                    [](const LogLine& line) { return announces_average_bandwidth(line.text); });
  if (average != text.lines.end()) {
    return {LogFormat::average, quoted(average->number, average->text)};
  }
  Sheets sheets = read_sheets(text.lines);
  if (!sheets.sheets.empty()) {
    return format_of_sheets(text, std::move(sheets));
  }
  NcclTestsLog log = read_nccl_tests_text(text);
  if (!log.tables.empty()) {
    const std::size_t line = log.tables.front().first_line;
    return {LogFormat::nccl_tests, fmt::format("line {}: a row in the shape of nccl-tests, no header", line),
            std::move(log)};
  }
  throw InputError(sheets.stray.empty() || known_program(text.decoded) ? describe_unknown(text.decoded)
                                                                       : first_stray(sheets));
}

ImportedFile import_as(const DetectedFormat& detected, const LogText& text, const std::filesystem::path& file,
                       const ImportOptions& options) {
  ImportedFile result = read_as(detected, text, file, options);
  for (ImportedTable& table : result.tables) {
    table.notes.insert(table.notes.begin(), text.notes.begin(), text.notes.end());
  }
  return result;
}

}  // namespace hockney::import
