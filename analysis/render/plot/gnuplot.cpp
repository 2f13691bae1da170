#include "render/plot/gnuplot.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "base/error.hpp"

extern char** environ;

namespace hockney::render {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void refuse_writing(const std::filesystem::path& file, int reason) {
  throw InputError(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(reason)));
}

// Files rather than pipes on both ends: neither side can then wait for the other.
File scratch(std::string_view text = "") {
  File file(std::tmpfile());
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() || std::fflush(file.get()) != 0) {
    throw Failure(fmt::format("no scratch file for gnuplot: {}", std::strerror(errno)));
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

  void redirect(int to, std::FILE* from) { posix_spawn_file_actions_adddup2(&actions_, ::fileno(from), to); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

void run_gnuplot(std::FILE* script, std::FILE* picture) {
  const File words = scratch();
  SpawnActions actions;
  actions.redirect(STDIN_FILENO, script);
  actions.redirect(STDOUT_FILENO, picture);
  actions.redirect(STDERR_FILENO, words.get());
  std::string program = "gnuplot";
  std::string without_user_settings = "--default-settings";
  std::array<char*, 3> arguments{program.data(), without_user_settings.data(), nullptr};
  pid_t process = 0;
  const int reason = ::posix_spawnp(&process, program.c_str(), actions.get(), nullptr, arguments.data(), environ);
  if (reason == ENOENT || reason == EACCES) {
    throw InputError("gnuplot not found: install gnuplot-nox");
  }
  if (reason != 0) {
    throw Failure(fmt::format("gnuplot cannot be started: {}", std::strerror(reason)));
  }
  int status = 0;
  while (::waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) {
      throw Failure(fmt::format("gnuplot cannot be waited for: {}", std::strerror(errno)));
    }
  }
  if (status != 0) {
    throw Failure(fmt::format("gnuplot failed: {}", read_all(words.get())));
  }
}

}  // namespace

Format format_of(const std::filesystem::path& file) {
  if (file.extension() == ".svg") {
    return Format::svg;
  }
  if (file.extension() == ".png") {
    return Format::png;
  }
  throw InputError(fmt::format("{}: expected a file name that ends in .svg or .png", file.string()));
}

void require_picture_file(const std::filesystem::path& file) {
  format_of(file);
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  if (!std::filesystem::is_directory(folder)) {
    throw InputError(fmt::format("{}: no such folder {}", file.string(), folder.string()));
  }
}

void write_figure(const Figure& figure, const std::filesystem::path& file) {
  const File script = scratch(gnuplot_script(figure, format_of(file)));
  const std::filesystem::path temporary = fmt::format("{}.tmp.{}", file.string(), ::getpid());
  File picture(std::fopen(temporary.c_str(), "wbx"));
  if (!picture) {
    refuse_writing(file, errno);
  }
  std::error_code ignored;
  try {
    run_gnuplot(script.get(), picture.get());
    picture.reset();
    std::error_code error;
    std::filesystem::rename(temporary, file, error);
    if (error) {
      refuse_writing(file, error.value());
    }
  } catch (...) {
    std::filesystem::remove(temporary, ignored);
    throw;
  }
}

}  // namespace hockney::render
