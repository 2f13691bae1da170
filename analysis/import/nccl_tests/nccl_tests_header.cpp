#include "import/nccl_tests/nccl_tests_header.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

constexpr std::size_t most_lines = 3;

// "size  count", "bytes  N": what all headers begin with, behind an author's own columns.
bool names_first_columns(std::string_view text) {
  const auto words = words_of(text);
  const auto name = [&](std::size_t i) { return words[i].substr(0, words[i].find('(')); };
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if ((name(i) == "size" && name(i + 1) == "count") || (name(i) == "bytes" && name(i + 1) == "N")) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<NcclTestsHeader> find_nccl_tests_header(std::span<const LogLine> lines, std::size_t first) {
  const std::string_view text = lines[first].text;
  const std::string_view body = text.substr(std::min(text.find_first_not_of("# \t"), text.size()));
  const auto alone = read_nccl_tests_header(words_of(body));
  if ((alone && alone->groups > 1) || !names_first_columns(body)) {
    return alone ? std::optional(NcclTestsHeader{*alone}) : std::nullopt;
  }
  std::vector<std::string> joined{std::string(body)};
  for (std::size_t i = first + 1; i < std::min(first + most_lines, lines.size()) && !lines[i].text.empty(); ++i) {
    std::vector<std::string> longer;
    for (const std::string& beginning : joined) {
      for (const std::string_view between : {" ", ""}) {
        longer.push_back(beginning + std::string(between) + lines[i].text);
        const auto layout = read_nccl_tests_header(words_of(longer.back()));
        if (layout && layout->groups > 1) {
          return NcclTestsHeader{*layout, i - first + 1};
        }
      }
    }
    joined = std::move(longer);
  }
  return alone ? std::optional(NcclTestsHeader{*alone}) : std::nullopt;
}

}  // namespace hockney::import
