#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "laid_out_plan.hpp"
#include "options.hpp"
#include "vocabulary/flags.hpp"

namespace hockney::bench {

/// What is said before the first point is measured.
struct Announcement {
  const LaidOutPlan& plan;
  std::uint32_t ranks = 0;
  std::uint64_t seed = 0;
  std::filesystem::path folder = {};
  Flags flags = {};           ///< of the transport
  bool is_resumed = false;    ///< an earlier run of this launch finished some visits
  std::size_t finished = 0;   ///< visits in the file
  std::size_t remaining = 0;  ///< visits to come; not known with a budget
  Budget budget = {};
};

/// The plan, where its samples go, what a budget does to it, what the times are not (simulated, emulated, of a shared
/// GPU), and what is skipped; lines for stdout.
std::string to_text(const Announcement& announcement);

/// Warnings for stderr, a line each: the transport's own, and that hosts have more ranks than CPUs.
std::string to_warnings(const std::vector<std::string>& of_transport, Flags flags);

}  // namespace hockney::bench
