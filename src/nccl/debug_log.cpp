#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/text.hpp"
#include "nccl/labels.hpp"

namespace hockney::nccl {
namespace {

// Each look reads at most this much.
constexpr std::size_t chunk = 1U << 16U;

bool asks_for_lines(std::string_view users) {
  const std::string level = lower_case(users);
  return level == "info" || level == "trace" || level == "abort";
}

}  // namespace

DebugLog::DebugLog() {
  const char* const level = std::getenv("NCCL_DEBUG");
  const std::string users = level != nullptr ? level : "";
  if (asks_for_lines(users)) {
    return;
  }
  overruled_ = users;
  path_ = (std::filesystem::temp_directory_path() / "hockney-nccl-XXXXXX").string();
  file_ = ::mkstemp(path_.data());
  if (file_ < 0) {
    throw InputError(fmt::format("cannot write NCCL's debug output to {}; TMPDIR must name a folder for it", path_));
  }
  settings_.emplace(Settings{{"NCCL_DEBUG", "INFO"}, {"NCCL_DEBUG_SUBSYS", "INIT"}, {"NCCL_DEBUG_FILE", path_}});
}

void DebugLog::ask_for_tuning() {
  if (is_ours()) {
    ::setenv("NCCL_DEBUG_SUBSYS", "INIT,TUNING", 1);
  }
}

DebugLog::~DebugLog() {
  if (is_ours()) {
    ::unlink(path_.c_str());
    ::close(file_);
  }
}

std::vector<std::string> DebugLog::new_lines() {
  std::vector<std::string> lines;
  if (!is_ours()) {
    return lines;
  }
  std::string bytes(chunk, '\0');
  for (ssize_t got = 0; (got = ::pread(file_, bytes.data(), chunk, read_)) > 0; read_ += got) {
    partial_.append(bytes, 0, static_cast<std::size_t>(got));
  }
  if (read_ > 0) {
    ::unlink(path_.c_str());  // NCCL has it open: a launch that is killed leaves nothing behind
  }
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = partial_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(partial_.substr(begin, end - begin));
  }
  partial_.erase(0, begin);
  return lines;
}

}  // namespace hockney::nccl
