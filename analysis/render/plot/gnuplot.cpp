#include "render/plot/gnuplot.hpp"

#include <cerrno>
#include <cstdio>
#include <fmt/format.h>
#include <string>
#include <system_error>
#include <unistd.h>

#include "base/error.hpp"
#include "base/run_program.hpp"

namespace hockney::render {
namespace {

void write_new(const std::filesystem::path& file, std::string_view text) {
  std::FILE* const stream = std::fopen(file.c_str(), "wbx");
  const bool is_written = stream != nullptr && std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  if (stream == nullptr || std::fclose(stream) != 0 || !is_written) {
    throw std::system_error(errno, std::generic_category());
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
  const std::string script = gnuplot_script(figure, format_of(file));
  const auto picture = run_program({"gnuplot", "--default-settings"}, script);
  if (!picture) {
    throw InputError("gnuplot not found: install gnuplot-nox");
  }
  const std::filesystem::path temporary = fmt::format("{}.tmp.{}", file.string(), ::getpid());
  try {
    write_new(temporary, *picture);
    std::filesystem::rename(temporary, file);
  } catch (const std::system_error& error) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw InputError(fmt::format("{}: cannot be written: {}", file.string(), error.code().message()));
  }
}

}  // namespace hockney::render
