#include "import/text/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace hockney::import {
namespace {

constexpr char32_t unknown = 0xFFFD;

enum class Utf16 { none, little, big };

std::uint8_t byte_at(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }

Utf16 utf16_of(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) {
    return Utf16::little;
  }
  if (bytes.starts_with("\xFE\xFF")) {
    return Utf16::big;
  }
  constexpr std::size_t sample = 4096;
  const std::string_view begin = bytes.substr(0, sample);
  std::array<std::size_t, 2> zeros{};
  for (std::size_t i = 0; i < begin.size(); ++i) {
    zeros[i % 2] += begin[i] == '\0' ? 1U : 0U;
  }
  const std::size_t most = begin.size() / 2;
  const auto nearly_all = [&](std::size_t count) { return 4 * count > 3 * most; };
  return most < 2                                      ? Utf16::none
         : nearly_all(zeros[1]) && 8 * zeros[0] < most ? Utf16::little
         : nearly_all(zeros[0]) && 8 * zeros[1] < most ? Utf16::big
                                                       : Utf16::none;
}

void append_utf8(std::string& text, char32_t point) {
  constexpr std::uint32_t six_bits = 0x3F;
  const auto follow = [&](unsigned shift) {
    text += static_cast<char>(0x80 | ((static_cast<std::uint32_t>(point) >> shift) & six_bits));
  };
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xC0 | (point >> 6U));
    follow(0);
  } else if (point < 0x10000) {
    text += static_cast<char>(0xE0 | (point >> 12U));
    follow(6);
    follow(0);
  } else {
    text += static_cast<char>(0xF0 | (point >> 18U));
    follow(12);
    follow(6);
    follow(0);
  }
}

std::string from_utf16(std::string_view bytes, bool big) {
  std::string text;
  char32_t high = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const char32_t unit =
        static_cast<char32_t>(byte_at(bytes, i + (big ? 0 : 1)) << 8U) | byte_at(bytes, i + (big ? 1 : 0));
    if (unit >= 0xD800 && unit < 0xDC00) {
      high = unit;
    } else if (unit >= 0xDC00 && unit < 0xE000) {
      append_utf8(text, high == 0 ? unknown : 0x10000 + ((high - 0xD800) << 10U) + (unit - 0xDC00));
      high = 0;
    } else if (unit != 0xFEFF) {
      append_utf8(text, unit);
    }
  }
  return text;
}

// The character at `i`, which moves behind it. A byte that is no UTF-8 is taken for Latin-1, as old logs have "µs" in.
char32_t next_character(std::string_view text, std::size_t& i) {
  const std::uint8_t lead = byte_at(text, i++);
  const std::size_t follow = lead < 0xC2 || lead > 0xF4 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  if (lead < 0x80 || follow == 0 || i + follow > text.size()) {
    return lead;
  }
  char32_t point = lead & (0x3FU >> follow);
  for (std::size_t k = 0; k < follow; ++k) {
    const std::uint8_t byte = byte_at(text, i + k);
    if ((byte & 0xC0U) != 0x80) {
      return lead;
    }
    point = (point << 6U) | (byte & 0x3FU);
  }
  i += follow;
  return point;
}

struct Range {
  char32_t first;
  char32_t last;
  std::string_view ascii;
};

constexpr std::array<Range, 22> spellings{{
    {0x00A0, 0x00A0, " "}, {0x00AD, 0x00AD, ""},  {0x00B1, 0x00B1, "+-"}, {0x00B5, 0x00B5, "u"},
    {0x00D7, 0x00D7, "x"}, {0x03BC, 0x03BC, "u"}, {0x2000, 0x200A, " "},  {0x200B, 0x200F, ""},
    {0x2010, 0x2015, "-"}, {0x2018, 0x2019, "'"}, {0x201C, 0x201D, "\""}, {0x2026, 0x2026, "..."},
    {0x202F, 0x202F, " "}, {0x205F, 0x205F, " "}, {0x2060, 0x2060, ""},   {0x2212, 0x2212, "-"},
    {0x2500, 0x2501, "-"}, {0x2502, 0x2503, "|"}, {0x250C, 0x254B, "+"},  {0x2550, 0x2550, "-"},
    {0x2551, 0x2551, "|"}, {0xFEFF, 0xFEFF, ""},
}};

std::string_view spelling_of(char32_t point) {
  const auto found = std::find_if(spellings.begin(), spellings.end(),
                                  [&](const Range& range) { return point >= range.first && point <= range.last; });
  return found == spellings.end() ? "?" : found->ascii;
}

}  // namespace

bool is_utf16(std::string_view bytes) { return utf16_of(bytes) != Utf16::none; }

std::string decode_text(std::string_view bytes) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (const Utf16 form = utf16_of(bytes); form != Utf16::none) {
    return from_utf16(bytes, form == Utf16::big);
  }
  return std::string(bytes.substr(bytes.starts_with(mark) ? mark.size() : 0));
}

std::string plain_ascii(std::string_view utf8) {
  std::string text;
  for (std::size_t i = 0; i < utf8.size();) {
    const char32_t point = next_character(utf8, i);
    if ((point >= ' ' && point <= '~') || point == '\t') {
      text += static_cast<char>(point);
    } else {
      text += spelling_of(point);
    }
  }
  return text;
}

}  // namespace hockney::import
