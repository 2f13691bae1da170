#include "workload/model_name.hpp"

#include <map>

#include "base/loose_words.hpp"
#include "base/shipped.hpp"
#include "base/strict_table.hpp"

namespace hockney::inline workload {

std::string model_meant(std::string_view words, const std::filesystem::path& shipped) {
  std::map<std::string, std::string> files;  // by what they are called
  for (const std::string& file : shipped_names(shipped)) {
    StrictTable table = StrictTable::read(shipped / (file + ".toml"));
    files[squashed(file)] = file;
    for (const std::string& name : table.texts("also")) {
      files[squashed(name)] = file;
    }
  }
  std::string begin;
  std::string longest;
  for (const std::string& word : words_of(words.substr(words.rfind('/') + 1))) {
    begin += word;
    const auto found = files.find(begin);
    longest = found == files.end() ? longest : found->second;
  }
  return longest;
}

}  // namespace hockney::inline workload
