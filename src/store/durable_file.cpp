#include "store/durable_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/error.hpp"

namespace hockney::store {
namespace {

std::string system_message() { return std::generic_category().message(errno); }

}  // namespace

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw InputError(fmt::format("{}: cannot create this folder: {}", folder.string(), error.message()));
  }
}

void sync_to_disk(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    throw Failure(fmt::format("{}: cannot open it to write it to disk: {}", path.string(), system_message()));
  }
  const bool synced = ::fsync(descriptor) == 0;
  const std::string message = system_message();
  ::close(descriptor);
  if (!synced) {
    throw Failure(fmt::format("{}: cannot write it to disk: {}", path.string(), message));
  }
}

Draft::Draft(const std::filesystem::path& target)
    : target_(target), path_(fmt::format("{}.tmp.{}", target.string(), ::getpid())) {}

Draft::~Draft() {
  if (!published_) {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
}

void Draft::publish() {
  sync_to_disk(path_);
  std::error_code error;
  std::filesystem::rename(path_, target_, error);
  if (error) {
    throw Failure(fmt::format("{}: cannot be put in place: {}", target_.string(), error.message()));
  }
  published_ = true;
  sync_to_disk(target_.has_parent_path() ? target_.parent_path() : std::filesystem::path("."));
}

bool is_held_by_writer(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return false;
  }
  const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

AppendOnlyFile::AppendOnlyFile(const std::filesystem::path& path) : path_(path) {
  constexpr mode_t readable_by_all = 0644;
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, readable_by_all);
  if (descriptor_ < 0) {
    throw InputError(fmt::format("{}: cannot write here: {}", path.string(), system_message()));
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(descriptor_);
    throw InputError(fmt::format("{}: its launch is still being written", path.string()));
  }
}

bool is_full_disk(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

void throw_write_error(const std::string& message, int system_error) {
  if (is_full_disk(system_error)) {
    throw InputError(message);
  }
  throw Failure(message);
}

AppendOnlyFile::~AppendOnlyFile() { ::close(descriptor_); }

bool AppendOnlyFile::ends_in_torn_line() const {
  struct stat status {};
  char last = '\n';
  return ::fstat(descriptor_, &status) == 0 && status.st_size > 0 &&
         ::pread(descriptor_, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

void AppendOnlyFile::append_line(std::string_view text) {
  const std::string line = fmt::format("{}{}\n", ends_in_torn_line() ? "\n" : "", text);
  // one write(): with O_APPEND it lands as a whole or, on a full disk, as a torn line
  const ssize_t written = ::write(descriptor_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) {
    const int error = written < 0 ? errno : ENOSPC;  // a short write means that the rest found no room
    throw_write_error(
        fmt::format("{}: cannot append a line: {}", path_.string(), std::generic_category().message(error)), error);
  }
  if (::fsync(descriptor_) != 0) {
    throw Failure(fmt::format("{}: cannot write it to disk: {}", path_.string(), system_message()));
  }
}

}  // namespace hockney::store
