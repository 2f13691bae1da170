#include "workload/model_name.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "base/shipped.hpp"
#include "base/strict_table.hpp"
#include "base/text.hpp"

namespace hockney::inline workload {

std::string model_meant(std::string_view words, const std::filesystem::path& shipped) {
  const std::vector<std::string> names = shipped_names(shipped);
  if (std::binary_search(names.begin(), names.end(), words)) {
    return std::string(words);
  }
  std::map<std::string, std::string> files;  // by what they are called
  for (const std::string& file : names) {
    StrictTable table = StrictTable::read(shipped / (file + ".toml"));
    files[letters_and_digits(file)] = file;
    for (const std::string& name : table.texts("also")) {
      files[letters_and_digits(name)] = file;
    }
  }
  std::string begin;
  std::string longest;
  for (const std::string& word : words_in(words.substr(words.rfind('/') + 1))) {
    begin += word;
    const auto found = files.find(begin);
    longest = found == files.end() ? longest : found->second;
  }
  return longest;
}

}  // namespace hockney::inline workload
