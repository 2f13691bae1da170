#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "record/measured.hpp"

namespace hockney::store {

/// What identifies a visit within a launch.
struct VisitKey {
  std::string name;  ///< Case::name()
  std::uint32_t pass = 0;

  friend auto operator<=>(const VisitKey&, const VisitKey&) = default;
};

/// One line of the journal, JSON without '\n': name, pass, payload_bytes, t_median_s, ci_lo_s, ci_hi_s, samples,
/// flags (names, comma-separated) and utc (start of the visit, ISO 8601).
std::string journal_line(const Measured& measured);

struct JournalContents {
  std::vector<VisitKey> visits;
  std::size_t torn_lines = 0;  ///< no JSON, or without name and pass
};

/// Reads a journal; empty when the file does not exist.
JournalContents read_journal(const std::filesystem::path& file);

/// "<folder>/<run_uuid>.jsonl" for any file "<folder>/<run_uuid>.h5[.part]".
std::filesystem::path journal_of(const std::filesystem::path& launch_file);

}  // namespace hockney::store
