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
    Replacement{"\xEF\xBC\x9A", ": "},                 // wide comma and colon
    Replacement{"\u603b\u7ebf\u5e26\u5bbd", "busbw"},  // Chinese headings
    Replacement{"\u7b97\u6cd5\u5e26\u5bbd", "algbw"},
    Replacement{"\u5e26\u5bbd", "bandwidth"},
    Replacement{"\u65f6\u95f4", "time"},
    Replacement{"\u8017\u65f6", "time"},
    Replacement{"\u5ef6\u8fdf", "latency"},
    Replacement{"\u65f6\u5ef6", "latency"},
    Replacement{"\u5927\u5c0f", "size"},
    Replacement{"\u6d88\u606f", "message "},
    Replacement{"\u6570\u636e", "data "},
    Replacement{"\u5361\u6570", "gpus"},
    Replacement{"\u5fae\u79d2", "us"},
    Replacement{"\u6beb\u79d2", "ms"},
    Replacement{"\u8282\u70b9\u6570", "nodes"},
    Replacement{"Gr\u00f6\u00dfe", "Size"},  // German, French, Spanish
    Replacement{"gr\u00f6\u00dfe", "groesse"},
    Replacement{"Dur\u00e9e", "Time"},
    Replacement{"Tama\u00f1o", "Size"},
    Replacement{"\\multicolumn", "\\multicolumn"},  // no \mu
    Replacement{"$\\mu$", "u"},
    Replacement{"\\mu", "u"},
    Replacement{"\\textmu ", "u"},
    Replacement{"\\textmu", "u"},
    Replacement{"\\textbf{", ""},
    Replacement{"\\textit{", ""},
    Replacement{"\\times", "x"},
    Replacement{"\\_", "_"},
    Replacement{"\\%", "%"},
    Replacement{"\\#", "#"},
    Replacement{"\\,", joined},
    Replacement{"\\\\", ""},
};

// Most characters begin none of them.
constexpr auto begins_one = [] {
  std::array<bool, 256> begins{};
  for (const Replacement& each : replacements) {
    begins[static_cast<unsigned char>(each.first.front())] = true;
  }
  return begins;
}();

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
    const auto found =
        std::find_if(begins_one[static_cast<unsigned char>(line.front())] ? replacements.begin() : replacements.end(),
                     replacements.end(), [&](const Replacement& each) { return line.starts_with(each.first); });
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
