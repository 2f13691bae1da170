#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "import/log_format.hpp"
#include "import/read_file.hpp"

namespace hockney::commands {

/// Chooses a text's format; throws InputError for a text that it has none for.
using ChooseFormat = std::function<import::DetectedFormat(const import::LogText& text)>;

/// Files imported into one campaign folder, one after the other. A file that cannot be read is a line of the report and
/// stops nothing.
class ImportSession {
 public:
  ImportSession(std::filesystem::path out, import::ImportOptions options, ChooseFormat choose)
      : out_(std::move(out)), options_(std::move(options)), choose_(std::move(choose)) {}

  /// Reads one file and writes its launches. A table that was imported before is refused, unless it was so without its
  /// nodes and now has them: then it takes the old one's place. Throws InputError only when the folder cannot be
  /// written.
  const import::ReadFile& add(const std::filesystem::path& file);

  /// All files so far; refused ones have no tables.
  const std::vector<import::ReadFile>& files() const { return files_; }

  /// Whether any table became a launch.
  bool has_launches() const;

  /// One line for a session in which no table was used.
  std::string why_nothing() const;

 private:
  void read(const std::filesystem::path& path, import::ReadFile& entry);
  void store(std::string_view text, import::ReadFile& entry);

  std::filesystem::path out_;
  import::ImportOptions options_;
  ChooseFormat choose_;
  std::vector<import::ReadFile> files_;
};

}  // namespace hockney::commands
