#include "commands/import/import_session.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/error.hpp"
#include "import/origin.hpp"
#include "import/unplaced.hpp"
#include "store/launch_reader.hpp"
#include "store/write_launch.hpp"

namespace hockney::commands {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_points = 100'000;  // of a table: more are no measurements that somebody made
constexpr std::uintmax_t largest_file = std::uintmax_t{1} << 26;

std::string bytes_of(const fs::path& file) {
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

// Whether a launch is one that was imported before without its nodes, and now has them.
bool tells_nodes_of(const Launch& launch, const fs::path& stored) {
  return launch.info.nodes != 0 && store::read_launch(stored).info.nodes == 0;
}

}  // namespace

const import::ReadFile& ImportSession::add(const fs::path& path) {
  import::ReadFile& entry = files_.emplace_back();
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

void ImportSession::read(const fs::path& path, import::ReadFile& entry) {
  const std::string bytes = bytes_of(path);
  const import::LogText text = import::text_of(bytes);
  const import::DetectedFormat detected = choose_(text);
  entry.format = name_of(detected.format);
  entry.evidence = detected.evidence;
  entry.file = import::import_as(detected, text, path, options_);
  import::mark_unplaced(entry.file);
  import::name_launches(entry.file, bytes);
  if (options_.machine.empty() && detected.format != import::LogFormat::reference_csv) {
    import::name_machines(entry.file, import::name_of_log(path, bytes));
  }
  store(entry.file.text ? *entry.file.text : bytes, entry);
}

void ImportSession::store(std::string_view text, import::ReadFile& entry) {
  entry.launch_files.resize(entry.file.tables.size());
  for (std::size_t i = 0; i < entry.file.tables.size(); ++i) {
    import::ImportedTable& table = entry.file.tables[i];
    if (!table.launch) {
      continue;
    }
    const fs::path there = out_ / (table.launch->info.run_uuid + ".h5");
    if (fs::exists(there) && tells_nodes_of(*table.launch, there)) {
      fs::remove(there);
    } else if (fs::exists(there)) {
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
    table.launch->info.ended_utc_ns = now_utc_ns();
    store::write_launch(there, *table.launch, kept.text);
    entry.launch_files[i] = there.string();
  }
}

bool ImportSession::has_launches() const {
  return std::any_of(files_.begin(), files_.end(),
                     [](const import::ReadFile& entry) { return import::totals(entry.file).tables_used > 0; });
}

std::string ImportSession::why_nothing() const {
  if (files_.size() != 1) {
    return fmt::format("no usable table in the files given ({}); nothing was written", files_.size());
  }
  const import::ReadFile& only = files_.front();
  if (!only.refusal.empty()) {
    return only.refusal.starts_with(only.path) ? only.refusal : fmt::format("{}: {}", only.path, only.refusal);
  }
  if (only.file.tables.size() != 1) {
    return fmt::format("{}: no usable table; nothing was written", only.path);
  }
  const import::ImportedTable& table = only.file.tables.front();
  return fmt::format("{}: lines {}-{}: {}", only.path, table.first_line, table.last_line, table.refusal);
}

}  // namespace hockney::commands
