#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hockney::store {

/// What repair_launch() found.
struct Recovery {
  std::filesystem::path file;  ///< the new `.h5`
  std::size_t points = 0;      ///< visits recovered
  std::uint64_t samples = 0;
  std::uint64_t uncommitted_samples = 0;     ///< left behind: of the visit that the kill interrupted
  std::vector<std::string> only_in_journal;  ///< "NAME, pass N": medians are known, samples are not
  std::size_t torn_journal_lines = 0;
};

/// Writes the committed visits of a `.h5.part` into a fresh `.h5`, in one step: beside the `.part` under the launch's
/// name, or at `out`. The new file says repaired = 1 and finalised = 0, for the launch did not end as planned; the
/// `.part` stays. Throws InputError when the `.part` cannot be read, when the target exists, and when the launch's
/// writer is still running.
Recovery repair_launch(const std::filesystem::path& part, const std::optional<std::filesystem::path>& out = {});

struct MergeResult {
  std::size_t launches = 0;
  std::size_t points = 0;
};

/// Puts all launches of files and folders into one campaign file, each below /launches/<run_uuid>, in one step.
/// Throws InputError when one of them cannot be read, a launch is met twice, or `out` exists.
MergeResult merge_launches(std::span<const std::filesystem::path> files_or_folders, const std::filesystem::path& out);

}  // namespace hockney::store
