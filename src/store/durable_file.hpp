#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace hockney::store {

/// Whether an errno says that there is no room: the disk, the quota or the largest file size is reached.
bool is_full_disk(int system_error);

/// Reports a write that failed: InputError when there is no room (the user has to make some), else Failure.
[[noreturn]] void throw_write_error(const std::string& message, int system_error);

/// Creates a folder and those above it, where they are missing. Throws InputError.
void make_folder(const std::filesystem::path& folder);

/// Forces a file or folder to the disk. Throws Failure.
void sync_to_disk(const std::filesystem::path& path);

/// A file under a temporary name beside its target; removed again unless it is published.
class Draft {
 public:
  explicit Draft(const std::filesystem::path& target);
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft();

  const std::filesystem::path& path() const { return path_; }

  /// Forces the draft to the disk and puts it in the target's place in one step. Throws Failure.
  void publish();

 private:
  std::filesystem::path target_;
  std::filesystem::path path_;
  bool published_ = false;
};

/// Whether a process holds this file as an AppendOnlyFile. False when it cannot be told.
bool is_held_by_writer(const std::filesystem::path& path);

/// A file that lines are appended to, each of which is on the disk when append_line() returns. Held under an
/// exclusive flock() where the file system has locks, so that two writers of one launch notice each other.
class AppendOnlyFile {
 public:
  /// Creates the file when it is missing. Throws InputError when it cannot be opened or another process holds it.
  explicit AppendOnlyFile(const std::filesystem::path& path);
  AppendOnlyFile(const AppendOnlyFile&) = delete;
  AppendOnlyFile& operator=(const AppendOnlyFile&) = delete;
  ~AppendOnlyFile();

  /// Writes the text and '\n'. A line that a kill has torn stays a line of its own. Throws as throw_write_error().
  void append_line(std::string_view text);

 private:
  bool ends_in_torn_line() const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace hockney::store
