#include "base/run_program.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/text.hpp"

extern char** environ;

namespace hockney::inline base {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// Files rather than pipes on both ends: neither side can then wait for the other.
File scratch(std::string_view text = "") {
  File file(std::tmpfile());
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() || std::fflush(file.get()) != 0) {
    throw Failure(fmt::format("no scratch file for another program: {}", std::strerror(errno)));
  }
  std::rewind(file.get());
  return file;
}

std::string read_all(std::FILE* file) {
  std::string text;
  std::array<char, 4096> block{};
  std::rewind(file);
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), file)) {
    text.append(block.data(), count);
  }
  return text;
}

class SpawnActions {
 public:
  SpawnActions() { posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  void redirect(int to, const File& from) { posix_spawn_file_actions_adddup2(&actions_, ::fileno(from.get()), to); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

int status_of(pid_t process, const std::string& program) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) {
      throw Failure(fmt::format("{} cannot be waited for: {}", program, std::strerror(errno)));
    }
  }
  return status;
}

}  // namespace

std::optional<std::string> run_program(std::vector<std::string> command, std::string_view input) {
  const std::string program = command.front();
  const File in = scratch(input);
  const File out = scratch();
  const File words = scratch();
  SpawnActions actions;
  actions.redirect(STDIN_FILENO, in);
  actions.redirect(STDOUT_FILENO, out);
  actions.redirect(STDERR_FILENO, words);
  std::vector<char*> arguments;
  for (std::string& word : command) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  pid_t process = 0;
  const int reason = ::posix_spawnp(&process, program.c_str(), actions.get(), nullptr, arguments.data(), environ);
  if (reason == ENOENT || reason == EACCES) {
    return std::nullopt;
  }
  if (reason != 0) {
    throw Failure(fmt::format("{} cannot be started: {}", program, std::strerror(reason)));
  }
  if (status_of(process, program) != 0) {
    throw Failure(fmt::format("{} failed: {}", program, trimmed(read_all(words.get()), " \t\r\n")));
  }
  return read_all(out.get());
}

}  // namespace hockney::inline base
