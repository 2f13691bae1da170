#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "import/imported.hpp"
#include "import/log_format.hpp"

namespace hockney::commands {

/// Chooses a text's format; throws InputError for a text that it has none for.
using ChooseFormat = std::function<import::DetectedFormat(std::string_view text)>;

/// What became of one file of a session.
struct SessionFile {
  import::ImportedFile file;
  std::string path;
  std::string format;                     ///< "osu"; empty when the file was refused before it had one
  std::string evidence;                   ///< why that format
  std::string refusal;                    ///< why nothing of the file was read; empty when it was read
  std::vector<std::string> launch_files;  ///< by table; empty texts for refused tables
};

/// Files imported into one campaign folder, one after the other. A file that cannot be read is a line of the report and
/// stops nothing.
class ImportSession {
 public:
  ImportSession(std::filesystem::path out, import::ImportOptions options, ChooseFormat choose)
      : out_(std::move(out)), options_(std::move(options)), choose_(std::move(choose)) {}

  /// Reads one file and writes its launches. Throws InputError only when the folder cannot be written.
  const SessionFile& add(const std::filesystem::path& file);

  /// Sums over all files; refused ones have no tables.
  import::ImportTotals totals() const;
  std::size_t refused_files() const;
  const std::vector<SessionFile>& files() const { return files_; }

  /// One line for a session in which no table was used.
  std::string why_nothing() const;

  /// {"files": [{"file", "format", "evidence", "refusal", "tables": [...], "refused_lines": [...]}], "totals": {...}}.
  std::string as_json() const;

 private:
  void read(const std::filesystem::path& path, SessionFile& entry);
  void store(std::string_view text, SessionFile& entry);

  std::filesystem::path out_;
  import::ImportOptions options_;
  ChooseFormat choose_;
  std::vector<SessionFile> files_;
};

/// The report of one file for a terminal: what it was taken for and why, then report() and where its launches are.
std::string describe(const SessionFile& file);

}  // namespace hockney::commands
