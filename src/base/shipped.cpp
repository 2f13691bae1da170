#include "base/shipped.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "base/error.hpp"
#include "base/names.hpp"

namespace hockney::inline base {
namespace fs = std::filesystem;

fs::path shipped_folder() {
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "share" / "hockney";
}

std::vector<std::string> shipped_names(const fs::path& folder) {
  std::vector<std::string> stems;
  if (fs::is_directory(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".toml") {
        stems.push_back(entry.path().stem().string());
      }
    }
  }
  std::sort(stems.begin(), stems.end());
  return stems;
}

bool names_a_file(std::string_view word) { return word.ends_with(".toml") || word.find('/') != std::string_view::npos; }

fs::path find_shipped_toml(std::string_view what, const std::string& name_or_file, const fs::path& folder) {
  if (names_a_file(name_or_file)) {
    if (!fs::is_regular_file(name_or_file)) {
      throw InputError(fmt::format("{}: no such file; expected a {} file (TOML)", name_or_file, what));
    }
    return name_or_file;
  }
  const std::vector<std::string> stems = shipped_names(folder);
  if (stems.empty()) {
    throw InputError(fmt::format("{} '{}': no {} files in {}; is the installation complete?", what, name_or_file, what,
                                 folder.string()));
  }
  if (std::find(stems.begin(), stems.end(), name_or_file) == stems.end()) {
    const std::vector<std::string_view> names(stems.begin(), stems.end());
    throw InputError(unknown_name(what, name_or_file, names));
  }
  return folder / (name_or_file + ".toml");
}

std::string read_text_file(const fs::path& file) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  stream.peek();  // tells a failure of reading from the end of the file
  std::string text = std::move(content).str();
  if (!fs::is_regular_file(file) || !stream.is_open() || stream.bad()) {
    throw InputError(fmt::format("{}: cannot be read; expected a text file", file.string()));
  }
  if (text.starts_with(byte_order_mark)) {
    text.erase(0, byte_order_mark.size());
  }
  return text;
}

}  // namespace hockney::inline base
