#include "base/field_text.hpp"

#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "base/error.hpp"

namespace hockney::inline base {
namespace {

template <class Number>
Number whole_text_as(std::string_view text, std::string_view expected) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw InputError(fmt::format("'{}': expected {}", text, expected));
  }
  return number;
}

}  // namespace

std::string text_of(const std::string& value) { return value; }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(double value) { return fmt::format("{}", value); }
std::string text_of(std::uint64_t value) { return fmt::format("{}", value); }
std::string text_of(Bytes value) { return text_of(value.count); }

void read_text(std::string_view text, std::string& value) { value = text; }

void read_text(std::string_view text, bool& value) {
  const bool is_true = text == "true" || text == "True" || text == "1";
  if (!is_true && text != "false" && text != "False" && text != "0") {
    throw InputError(fmt::format("'{}': expected true or false", text));
  }
  value = is_true;
}

void read_text(std::string_view text, double& value) {
  value = whole_text_as<double>(text, "a number");
  if (!std::isfinite(value)) {
    throw InputError(fmt::format("'{}': expected a finite number", text));
  }
}

void read_text(std::string_view text, std::uint64_t& value) {
  value = whole_text_as<std::uint64_t>(text, "a whole number");
}

void read_text(std::string_view text, std::uint32_t& value) {
  std::uint64_t wide = 0;
  read_text(text, wide);
  if (wide > std::numeric_limits<std::uint32_t>::max()) {
    throw InputError(fmt::format("'{}': expected a whole number below 2^32", text));
  }
  value = static_cast<std::uint32_t>(wide);
}

void read_text(std::string_view text, Bytes& value) { read_text(text, value.count); }

}  // namespace hockney::inline base
