#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/bytes.hpp"
#include "base/names.hpp"

namespace hockney::inline base {

/// A value of a field as text that read_text() reads back: the word of an enumeration, "true" or "false", a number with
/// all its digits, the count of Bytes, or the text itself.
std::string text_of(const std::string& value);
std::string text_of(bool value);
std::string text_of(double value);
std::string text_of(std::uint64_t value);
std::string text_of(Bytes value);

template <class Value>
requires std::is_enum_v<Value> std::string text_of(Value value) { return std::string(name_of(value)); }

template <class Value>
requires(std::unsigned_integral<Value> && !std::same_as<Value, bool> && !std::same_as<Value, std::uint64_t>) std::string
    text_of(Value value) {
  return text_of(std::uint64_t{value});
}

/// Reads a field from text. Throws InputError that says what was expected: a known word (the nearest is named), "true",
/// "false" (or "True", "False", as Python writes them), "1" or "0", a finite number, a whole number in the type's
/// range.
void read_text(std::string_view text, std::string& value);
void read_text(std::string_view text, bool& value);
void read_text(std::string_view text, double& value);
void read_text(std::string_view text, std::uint64_t& value);
void read_text(std::string_view text, std::uint32_t& value);
void read_text(std::string_view text, Bytes& value);

template <class Value>
requires std::is_enum_v<Value>
void read_text(std::string_view text, Value& value) { value = parse_name<Value>(text); }

}  // namespace hockney::inline base
