#include "import/tables/plain_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hockney::import {
namespace {

using Replacement = std::pair<std::string_view, std::string_view>;
constexpr std::string_view joined = "\x1f";
constexpr std::array replacements{
    Replacement{"\xC2\xB5", "u"},
    Replacement{"\xCE\xBC", "u"},  // micro sign, mu
    Replacement{"\xC2\xA0", joined},
    Replacement{"\xE2\x80\xAF", joined},  // no-break, narrow no-break
    Replacement{"\xE2\x80\x87", joined},
    Replacement{"\xE2\x80\x89", joined},  // figure, thin
    Replacement{"\xE2\x80\x90", "-"},
    Replacement{"\xE2\x80\x91", "-"},  // hyphens
    Replacement{"\xE2\x80\x92", "-"},
    Replacement{"\xE2\x80\x93", "-"},  // dashes
    Replacement{"\xE2\x80\x94", "-"},
    Replacement{"\xE2\x88\x92", "-"},  // em dash, minus
    Replacement{"\xC3\x97", "x"},
    Replacement{"\xC2\xB1", "+-"},  // times, plus-minus
    Replacement{"\xE2\x89\x88", "~"},
    Replacement{"\xE2\x86\x92", "->"},  // about, arrow
    Replacement{"\xEF\xBC\x88", "("},
    Replacement{"\xEF\xBC\x89", ")"},  // wide parentheses
    Replacement{"\xEF\xBC\x8C", ", "},
    Replacement{"\xEF\xBC\x9A", ": "},  // wide comma and colon
    Replacement{"\\multicolumn", "\\multicolumn"},
    Replacement{"$\\mu$", "u"},
    Replacement{"\\mu", "u"},
    Replacement{"\\textbf{", ""},
    Replacement{"\\textit{", ""},
    Replacement{"\\times", "x"},
    Replacement{"\\_", "_"},
    Replacement{"\\%", "%"},
    Replacement{"\\#", "#"},
    Replacement{"\\,", joined},
    Replacement{"\\\\", ""},
};

// Box drawing, U+2500 to U+257F: verticals are bars, the others rules.
std::string_view box_drawing(std::string_view rest) {
  if (rest.size() < 3 || rest[0] != '\xE2' || (rest[1] != '\x94' && rest[1] != '\x95')) {
    return {};
  }
  const std::string_view character = rest.substr(0, 3);
  constexpr std::array<std::string_view, 7> verticals{"\xE2\x94\x82", "\xE2\x94\x83", "\xE2\x94\x86", "\xE2\x94\x8A",
                                                      "\xE2\x95\x91", "\xE2\x94\x87", "\xE2\x94\x8B"};
  return std::find(verticals.begin(), verticals.end(), character) != verticals.end() ? "|" : "-";
}

std::size_t length_of_character(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
}

}  // namespace

std::string plain_text(std::string_view line) {
  std::string text;
  while (!line.empty()) {
    const auto found = std::find_if(replacements.begin(), replacements.end(),
                                    [&](const Replacement& each) { return line.starts_with(each.first); });
    std::size_t used = 1;
    if (found != replacements.end()) {
      text += found->second;
      used = found->first.size();
    } else if (const auto drawn = box_drawing(line); !drawn.empty()) {
      text += drawn;
      used = 3;
    } else if (const char c = line.front(); c == '\t' || (c >= ' ' && c <= '~')) {
      text += c;
    } else if (c != '\r') {
      text += '?';
      used = std::min(length_of_character(c), line.size());
    }
    line.remove_prefix(used);
  }
  return text;
}

}  // namespace hockney::import
