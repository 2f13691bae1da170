#pragma once

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace hockney::commands {

/// A check for numbers from `least` to `most`. CLI::Range lets not-a-number through.
inline CLI::Validator finite_range(double least, double most) {
  const std::string name = fmt::format("FLOAT in [{} - {}]", least, most);
  return CLI::Validator(
      [least, most](const std::string& text) {
        double value = 0;
        const bool is_inside = CLI::detail::lexical_cast(text, value) && value >= least && value <= most;
        return is_inside ? std::string() : fmt::format("{}, expected a number from {} to {}", text, least, most);
      },
      name);
}

}  // namespace hockney::commands
