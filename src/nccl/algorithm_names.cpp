#include "nccl/algorithm_names.hpp"

#include <span>

#include "base/text.hpp"

namespace hockney::nccl {
namespace {

std::string known_name(std::string_view word, std::span<const std::string_view> names) {
  for (std::size_t number = 0; number < names.size(); ++number) {
    if (word == std::to_string(number) || plain(word) == plain(names[number])) {
      return std::string(names[number]);
    }
  }
  return std::string(word);
}

}  // namespace

std::string plain(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c != '_') {
      text += lower_case(c);
    }
  }
  return text;
}

std::string algorithm_name(std::string_view word) { return known_name(word, algorithm_names); }
std::string protocol_name(std::string_view word) { return known_name(word, protocol_names); }

}  // namespace hockney::nccl
