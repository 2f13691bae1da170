#include "import/tables/quantity.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace hockney::import {
namespace {

constexpr std::string_view around = " \t\r*`~${}";  // a cell's number: blanks and marks of Markdown and LaTeX

constexpr double kibi = 1 << 10;
constexpr double mebi = 1 << 20;
constexpr double gibi = 1 << 30;
constexpr double tebi = kibi * gibi;
constexpr double giga = 1e9;
constexpr double bit = 0.125;

constexpr Unit size(double factor, double other = 0) { return {UnitKind::bytes, factor, other}; }
constexpr Unit time_of(double us) { return {UnitKind::time, us}; }
constexpr Unit rate(double bytes_per_s, double other = 0) { return {UnitKind::rate, bytes_per_s / giga, other / giga}; }

using Word = std::pair<std::string_view, Unit>;
constexpr std::array units{
    Word{"b", size(1)},
    Word{"byte", size(1)},
    Word{"octet", size(1)},
    Word{"kio", size(kibi)},
    Word{"mio", size(mebi)},
    Word{"gio", size(gibi)},
    Word{"ko", size(kibi, 1e3)},
    Word{"mo", size(mebi, 1e6)},
    Word{"go", size(gibi, 1e9)},
    Word{"kib", size(kibi)},
    Word{"mib", size(mebi)},
    Word{"gib", size(gibi)},
    Word{"tib", size(tebi)},
    Word{"ki", size(kibi)},
    Word{"mi", size(mebi)},
    Word{"gi", size(gibi)},
    Word{"k", size(kibi, 1e3)},
    Word{"kb", size(kibi, 1e3)},
    Word{"kbyte", size(kibi, 1e3)},
    Word{"kilobyte", size(kibi, 1e3)},
    Word{"kibibyte", size(kibi)},
    Word{"m", size(mebi, 1e6)},
    Word{"mb", size(mebi, 1e6)},
    Word{"mbyte", size(mebi, 1e6)},
    Word{"megabyte", size(mebi, 1e6)},
    Word{"mebibyte", size(mebi)},
    Word{"g", size(gibi, 1e9)},
    Word{"gb", size(gibi, 1e9)},
    Word{"gbyte", size(gibi, 1e9)},
    Word{"gigabyte", size(gibi, 1e9)},
    Word{"gibibyte", size(gibi)},
    Word{"t", size(tebi, 1e12)},
    Word{"tb", size(tebi, 1e12)},
    Word{"bit", size(bit)},
    Word{"kbit", size(1e3 * bit, kibi* bit)},
    Word{"mbit", size(1e6 * bit, mebi* bit)},
    Word{"gbit", size(1e9 * bit, gibi* bit)},
    Word{"element", {UnitKind::elements, 1}},
    Word{"elem", {UnitKind::elements, 1}},
    Word{"thousand", {UnitKind::elements, 1e3}},
    Word{"million", {UnitKind::elements, 1e6}},
    Word{"ns", time_of(1e-3)},
    Word{"nsec", time_of(1e-3)},
    Word{"nanosecond", time_of(1e-3)},
    Word{"us", time_of(1)},
    Word{"usec", time_of(1)},
    Word{"microsec", time_of(1)},
    Word{"microsecond", time_of(1)},
    Word{"ms", time_of(1e3)},
    Word{"msec", time_of(1e3)},
    Word{"millisec", time_of(1e3)},
    Word{"millisecond", time_of(1e3)},
    Word{"s", time_of(1e6)},
    Word{"sec", time_of(1e6)},
    Word{"second", time_of(1e6)},
    Word{"minute", time_of(60e6)},
    Word{"hour", time_of(3600e6)},
    Word{"kb/s", rate(1e3, kibi)},
    Word{"kib/s", rate(kibi)},
    Word{"b/s", rate(1)},
    Word{"mb/s", rate(1e6, mebi)},
    Word{"mib/s", rate(mebi)},
    Word{"mbyte/s", rate(1e6, mebi)},
    Word{"gb/s", rate(1e9, gibi)},
    Word{"gib/s", rate(gibi)},
    Word{"gbyte/s", rate(1e9, gibi)},
    Word{"tb/s", rate(1e12, tebi)},
    Word{"tib/s", rate(tebi)},
    Word{"mbit/s", rate(1e6 * bit)},
    Word{"gbit/s", rate(1e9 * bit)},
    Word{"tbit/s", rate(1e12 * bit)},
};

auto find_unit(std::string_view name) {
  return std::find_if(units.begin(), units.end(), [&](const Word& each) { return each.first == name; });
}

bool replace_end(std::string& word, std::string_view end, std::string_view by) {
  if (!word.ends_with(end)) {
    return false;
  }
  word.replace(word.size() - end.size(), end.size(), by);
  return true;
}

// "GBytes/sec", "GB_s", "GBps" -> "gb/s"; `per_second` when it is a rate at all.
std::string rate_word(std::string_view text, bool& per_second) {
  std::string word = lower_case(text);
  per_second = replace_end(word, "/sec", "/s") || replace_end(word, "_s", "/s") || replace_end(word, "ps", "/s") ||
               word.ends_with("/s") || (word.ends_with("bs") && replace_end(word, "bs", "b/s"));
  for (const auto& [name, letter] : {std::pair{"kilobyte", "kb"}, {"megabyte", "mb"}, {"gigabyte", "gb"}}) {
    if (per_second && word.starts_with(name)) {
      word = letter + std::string("/s");
    }
  }
  replace_end(word, "bytes/s", "b/s");
  replace_end(word, "byte/s", "b/s");
  replace_end(word, "bits/s", "bit/s");
  return word;
}

// "Gb", "Gbps": a small b behind a capital.
bool says_bits(std::string_view text) {
  return text.size() > 2 && std::isupper(static_cast<unsigned char>(text[0])) != 0 && text[1] == 'b' &&
         text[2] != 'y' && text[2] != 'i';
}

// Characters of a number with its separators, without exponent.
std::size_t mantissa_length(std::string_view text) {
  std::size_t at = text.starts_with('+') || text.starts_with('-') ? 1 : 0;
  std::size_t group = digits_at(text, at);
  if (group == 0 && !text.substr(at).starts_with('.')) {
    return 0;
  }
  bool spaced = group <= 3;
  for (at += group; at + 1 < text.size() && is_digit(text[at + 1]); at += 1 + group) {
    const char separator = text[at];
    group = digits_at(text, at + 1);
    if (separator == ' ' ? !spaced || group != 3 : std::string_view(".,'_").find(separator) == std::string_view::npos) {
      break;
    }
    spaced = spaced && separator != '.' && separator != ',';
  }
  return at < text.size() && text[at] == '.' ? at + 1 : at;
}

std::size_t exponent_length(std::string_view rest) {
  if (!rest.starts_with('e') && !rest.starts_with('E')) {
    return 0;
  }
  const std::size_t sign = rest.size() > 1 && (rest[1] == '+' || rest[1] == '-') ? 1 : 0;
  const std::size_t digits = digits_at(rest, 1 + sign);
  return digits == 0 ? 0 : 1 + sign + digits;
}

// Whether every group behind `separator` has three digits, so that it can separate thousands.
bool groups_of_three(std::string_view number, char separator) {
  const std::string_view digits = number.substr(number.starts_with('-') || number.starts_with('+') ? 1 : 0);
  std::size_t at = digits.find(separator);
  if (at == 0 || at > 3 || digits.starts_with('0')) {
    return false;
  }
  while (at < digits.size()) {
    if (digits_at(digits, at + 1) != 3 || (at + 4 < digits.size() && digits[at + 4] != separator)) {
      return false;
    }
    at += 4;
  }
  return true;
}

void erase(std::string& text, char c) { std::erase(text, c); }

// "1,048,576" -> "1048576", "0,5" -> "0.5". Empty when it can be neither.
std::string plain_number(std::string number, NumberStyle style) {
  for (const char separator : {' ', '\'', '_'}) {
    erase(number, separator);
  }
  const auto commas = std::count(number.begin(), number.end(), ',');
  const auto points = std::count(number.begin(), number.end(), '.');
  if (commas > 0 && points > 0) {
    const bool comma_last = number.rfind(',') > number.rfind('.');
    erase(number, comma_last ? '.' : ',');
  } else if (commas > 0 && !(style.decimal_comma && commas == 1) && groups_of_three(number, ',')) {
    erase(number, ',');
  } else if (points > 1 || (points == 1 && style.decimal_comma && groups_of_three(number, '.'))) {
    if (!groups_of_three(number, '.')) {
      return {};
    }
    erase(number, '.');
  }
  std::replace(number.begin(), number.end(), ',', '.');
  return number.starts_with('+') ? number.substr(1) : number;
}

// "^20" and "**20" behind a base: its power; "<<20" behind a 1.
std::optional<double> power_of(double base, std::string_view rest, std::size_t& length) {
  for (const std::string_view sign : {"^", "**", "<<"}) {
    const std::size_t digits = rest.starts_with(sign) ? digits_at(rest, sign.size()) : 0;
    if (digits == 0 || digits > 2) {
      continue;
    }
    double exponent = 0;
    for (const char c : rest.substr(sign.size(), digits)) {
      exponent = exponent * 10 + (c - '0');
    }
    length = sign.size() + digits;
    return sign == "<<" ? std::ldexp(base, static_cast<int>(exponent)) : std::pow(base, exponent);
  }
  return std::nullopt;
}

// What may follow a number and its unit: an error, a remark.
bool is_remark(std::string_view rest) {
  return rest.empty() || std::string_view("(+[").find(rest.front()) != std::string_view::npos;
}

}  // namespace

std::optional<Unit> unit_of_word(std::string_view word) {
  bool per_second = false;
  std::string name = rate_word(word, per_second);
  const bool bits = says_bits(word) && per_second;
  if (bits) {
    name.insert(name.size() - 2, "it");
  }
  constexpr std::size_t shortest_plural = 4;  // "secs"
  auto found = find_unit(name);
  if (found == units.end()) {
    name = lower_case(word);
    found = find_unit(name);
  }
  if (found == units.end() && name.size() >= shortest_plural && name.ends_with('s')) {
    found = find_unit(std::string_view(name).substr(0, name.size() - 1));
  }
  if (found == units.end()) {
    return std::nullopt;
  }
  Unit unit = found->second;
  const bool small = std::none_of(word.begin(), word.end(), [](unsigned char c) { return std::isupper(c) != 0; });
  if (unit.kind == UnitKind::rate && small && lower_case(word).ends_with("bps")) {
    unit.other = unit.factor * bit;
  }
  return unit;
}

std::optional<Quantity> read_quantity(std::string_view cell, NumberStyle style) {
  std::string_view text = trimmed(cell, around);
  const std::size_t mantissa = mantissa_length(text);
  if (mantissa == 0) {
    return std::nullopt;
  }
  const std::size_t exponent = exponent_length(text.substr(mantissa));
  const std::string number =
      plain_number(std::string(text.substr(0, mantissa)), style) + std::string(text.substr(mantissa, exponent));
  const auto printed = read_printed_number(number);
  if (!printed) {
    return std::nullopt;
  }
  Quantity quantity{*printed};
  text.remove_prefix(mantissa + exponent);
  std::size_t length = 0;
  if (const auto power = power_of(printed->value, text, length)) {
    quantity.number = {*power, 0};
    text.remove_prefix(length);
  }
  text = trimmed(text, around);
  const std::string_view word = text.substr(0, text.find_first_of(" (+["));
  if (!word.empty()) {
    quantity.unit = unit_of_word(word);
    if (!quantity.unit) {
      return std::nullopt;
    }
  }
  return is_remark(trimmed(text.substr(word.size()), around)) ? std::optional(quantity) : std::nullopt;
}

bool has_decimal_comma(std::string_view cell) {
  const std::string_view text = trimmed(cell, around);
  const std::string_view number = text.substr(0, mantissa_length(text));
  return std::count(number.begin(), number.end(), ',') == 1 && number.find('.') == std::string_view::npos &&
         !groups_of_three(number, ',');
}

}  // namespace hockney::import
