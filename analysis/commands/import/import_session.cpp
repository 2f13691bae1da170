#include "commands/import/import_session.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/error.hpp"
#include "import/origin.hpp"
#include "store/launch_writer.hpp"

namespace hockney::commands {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_points = 100'000;  // of a table: a launch file of more is written for minutes
constexpr std::uintmax_t largest_file = std::uintmax_t{1} << 26;

std::string text_of(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) {
    throw InputError("no such file");
  }
  if (!fs::is_regular_file(file, error)) {
    throw InputError("no regular file");
  }
  const std::uintmax_t size = fs::file_size(file, error);
  if (!error && size > largest_file) {
    throw InputError(fmt::format("{} MiB; files of more than {} MiB are not read", size >> 20U, largest_file >> 20U));
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (error || !stream.is_open() || stream.bad() || text.size() < size) {
    throw InputError("cannot be read");
  }
  return text;
}

void refuse(import::ImportedTable& table, std::string reason) {
  table.launch.reset();
  table.refusal = std::move(reason);
  table.rows_used = table.rows_of_size_zero = 0;
  table.rows_refused = table.rows;
}

fs::path write(const fs::path& folder, const Launch& launch, std::string_view raw_text) {
  store::LaunchWriter writer(folder, launch.info, launch.provenance, launch.placements, launch.skipped, raw_text);
  for (const Measurement& measurement : launch.measurements) {
    writer.append(measurement);
  }
  return writer.finish();
}

nlohmann::ordered_json as_json(const import::ImportTotals& totals) {
  return {{"tables", totals.tables}, {"tables_used", totals.tables_used}, {"data_lines", totals.data_lines},
          {"used", totals.used},     {"size_zero", totals.size_zero},     {"refused", totals.refused}};
}

nlohmann::ordered_json as_json(const import::ImportedTable& table, const std::string& launch_file) {
  return {{"first_line", table.first_line},
          {"last_line", table.last_line},
          {"title", table.title},
          {"rows", table.rows},
          {"rows_used", table.rows_used},
          {"rows_of_size_zero", table.rows_of_size_zero},
          {"rows_refused", table.rows_refused},
          {"points", table.launch ? table.launch->measurements.size() : 0},
          {"refusal", table.refusal},
          {"notes", table.notes},
          {"machine", table.launch ? table.launch->info.machine : ""},
          {"launch_file", launch_file}};
}

nlohmann::ordered_json as_json(const SessionFile& entry) {
  nlohmann::ordered_json json{{"file", entry.path},
                              {"format", entry.format},
                              {"evidence", entry.evidence},
                              {"refusal", entry.refusal},
                              {"tables", nlohmann::ordered_json::array()},
                              {"refused_lines", nlohmann::ordered_json::array()},
                              {"totals", as_json(totals(entry.file))}};
  for (std::size_t i = 0; i < entry.file.tables.size(); ++i) {
    json["tables"].push_back(as_json(entry.file.tables[i], entry.launch_files[i]));
  }
  for (const import::RefusedLine& line : entry.file.refused) {
    json["refused_lines"].push_back({{"line", line.line}, {"reason", line.reason}});
  }
  return json;
}

}  // namespace

const SessionFile& ImportSession::add(const fs::path& path) {
  SessionFile& entry = files_.emplace_back();
  entry.path = path.string();
  entry.file.name = path.filename().string();
  try {
    read(path, entry);
  } catch (const InputError& reason) {
    entry.file = {};
    entry.file.name = path.filename().string();
    entry.refusal = reason.what();
  }
  return entry;
}

void ImportSession::read(const fs::path& path, SessionFile& entry) {
  const std::string text = text_of(path);
  import::refuse_unreadable_text(text);
  const import::DetectedFormat detected = choose_(text);
  entry.format = name_of(detected.format);
  entry.evidence = detected.evidence;
  entry.file = import::import_as(detected.format, text, path, options_);
  import::name_launches(entry.file, text);
  if (options_.machine.empty() && detected.format != import::LogFormat::reference_csv) {
    import::name_machines(entry.file, import::name_of_log(path, text));
  }
  store(entry.file.text ? std::string_view(*entry.file.text) : std::string_view(text), entry);
}

void ImportSession::store(std::string_view text, SessionFile& entry) {
  entry.launch_files.resize(entry.file.tables.size());
  for (std::size_t i = 0; i < entry.file.tables.size(); ++i) {
    import::ImportedTable& table = entry.file.tables[i];
    if (!table.launch) {
      continue;
    }
    const fs::path there = out_ / (table.launch->info.run_uuid + ".h5");
    if (fs::exists(there)) {
      refuse(table, fmt::format("imported before: {}; remove that file to import the table again", there.string()));
      continue;
    }
    if (table.launch->measurements.size() > most_points) {
      refuse(table, fmt::format("{} points; more than {} in one table are not read", table.launch->measurements.size(),
                                most_points));
      continue;
    }
    import::KeptText kept = import::kept_text(entry.file, i, text);
    table.launch->provenance["import.raw_text"] =
        entry.file.text_note.empty() ? kept.what : fmt::format("{}; {}", kept.what, entry.file.text_note);
    table.launch->provenance["import.format"] = fmt::format("{} ({})", entry.format, entry.evidence);
    entry.launch_files[i] = write(out_, *table.launch, kept.text).string();
  }
}

import::ImportTotals ImportSession::totals() const {import::ImportTotals sum;
for (const SessionFile& entry : files_) {
  sum += import::totals(entry.file);
}
return sum;
}  // namespace hockney::commands

std::size_t ImportSession::refused_files() const {
  return static_cast<std::size_t>(
      std::count_if(files_.begin(), files_.end(), [](const SessionFile& entry) { return !entry.refusal.empty(); }));
}

std::string ImportSession::why_nothing() const {
  if (files_.size() != 1) {
    return fmt::format("no usable table in the files given ({}); nothing was written", files_.size());
  }
  const SessionFile& only = files_.front();
  if (!only.refusal.empty()) {
    return only.refusal.starts_with(only.path) ? only.refusal : fmt::format("{}: {}", only.path, only.refusal);
  }
  if (only.file.tables.size() != 1) {
    return fmt::format("{}: no usable table; nothing was written", only.path);
  }
  const import::ImportedTable& table = only.file.tables.front();
  return fmt::format("{}: lines {}-{}: {}", only.path, table.first_line, table.last_line, table.refusal);
}

std::string ImportSession::as_json() const {
  nlohmann::ordered_json json{{"files", nlohmann::ordered_json::array()}};
  for (const SessionFile& entry : files_) {
    json["files"].push_back(commands::as_json(entry));
  }
  json["totals"] = commands::as_json(totals());
  json["totals"]["files"] = files_.size();
  json["totals"]["files_refused"] = refused_files();
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string describe(const SessionFile& entry) {
  if (!entry.refusal.empty()) {
    return fmt::format("{}: refused{}: {}\n", entry.path,
                       entry.format.empty() ? "" : fmt::format(" as {}", entry.format), entry.refusal);
  }
  std::string text =
      fmt::format("{}: read as {} ({})\n{}", entry.path, entry.format, entry.evidence, import::report(entry.file));
  for (std::size_t i = 0; i < entry.launch_files.size(); ++i) {
    if (!entry.launch_files[i].empty()) {
      const import::ImportedTable& table = entry.file.tables[i];
      text += fmt::format("  lines {}-{} -> {}, machine '{}'\n", table.first_line, table.last_line,
                          entry.launch_files[i], table.launch->info.machine);
    }
  }
  return text;
}

}  // namespace hockney::commands
