#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

#include "errors/error.hpp"
#include "nccl/labels.hpp"

namespace hockney::nccl {
namespace {

std::string new_file() {
  std::string path = (std::filesystem::temp_directory_path() / "hockney-nccl-XXXXXX").string();
  const int file = ::mkstemp(path.data());
  if (file < 0) {
    throw InputError(fmt::format("cannot write NCCL's debug output to {}; TMPDIR must name a folder for it", path));
  }
  ::close(file);
  return path;
}

}  // namespace

DebugLog::DebugLog(bool with_tuning) {
  if (std::getenv("NCCL_DEBUG") != nullptr) {
    return;
  }
  path_ = new_file();
  settings_.emplace(Settings{
      {"NCCL_DEBUG", "INFO"}, {"NCCL_DEBUG_SUBSYS", with_tuning ? "INIT,TUNING" : "INIT"}, {"NCCL_DEBUG_FILE", path_}});
}

DebugLog::~DebugLog() {
  if (is_ours()) {
    ::unlink(path_.c_str());
  }
}

std::vector<std::string> DebugLog::new_lines() {
  std::vector<std::string> lines;
  if (!is_ours()) {
    return lines;
  }
  std::ifstream file(path_);
  file.seekg(static_cast<std::streamoff>(read_));
  for (std::string line; std::getline(file, line) && !file.eof();) {  // at the end: a line that is not whole yet
    read_ += line.size() + 1;
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace hockney::nccl
