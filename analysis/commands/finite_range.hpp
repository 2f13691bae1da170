#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/field_text.hpp"

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

/// More GPUs, nodes or ranks than anybody has.
inline constexpr std::uint64_t most_counted = 1ULL << 24;

/// A check for whole numbers from `least` to `most` in plain digits. CLI11 by itself takes 010 for eight.
inline CLI::Validator whole_range(std::uint64_t least, std::uint64_t most = most_counted) {
  const std::string name = fmt::format("INT in [{} - {}]", least, most);
  return CLI::Validator(
      [least, most](const std::string& text) {
        std::uint64_t value = 0;
        bool is_whole = !text.starts_with('0') || text.size() == 1;
        try {
          read_text(text, value);
        } catch (const InputError&) {
          is_whole = false;
        }
        const bool is_inside = is_whole && value >= least && value <= most;
        return is_inside ? std::string() : fmt::format("{}, expected a whole number from {} to {}", text, least, most);
      },
      name);
}

}  // namespace hockney::commands
