#pragma once

#include <fmt/format.h>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace hockney::commands {

/// What `parse` makes of a flag's text. Its InputError gets the flag and the text in front.
template <class Parse>
auto flag_value(std::string_view flag, const std::string& text, Parse parse) {
  try {
    return parse(text);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{} {}: {}", flag, text, error.what()));
  }
}

}  // namespace hockney::commands
