#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "record/launch.hpp"
#include "store/journal.hpp"

namespace hockney::store {

/// Writes one launch while it is measured; write_launch() writes one that is complete. Rank 0 only; no other rank may
/// open the folder's files.
///
/// `<folder>/<run_uuid>.h5.part` appears complete with all its datasets, in HDF5's single-writer mode: whatever
/// append() has returned from survives a kill of the process at any moment, and other processes may read the file all
/// the while. Beside it, `<run_uuid>.jsonl` gets one line per visit, forced to the disk, so that medians survive even
/// the loss of the HDF5 file. A writer that is destroyed without finish() leaves both files behind.
class LaunchWriter {
 public:
  /// Creates the folder and both files. Throws InputError when the folder cannot be written or is full, when a launch
  /// of that run_uuid is there, and for texts that are too long.
  LaunchWriter(const std::filesystem::path& folder, const LaunchInfo& info, const Provenance& provenance,
               const std::vector<Placement>& placements, const std::vector<Skipped>& skipped);

  /// Goes on with an unfinished launch: its committed visits are copied into a fresh file of the same run_uuid, which
  /// takes the old one's place in one step. Throws InputError when the file cannot be read, is finished already, or
  /// when its writer is still running.
  static LaunchWriter resume(const std::filesystem::path& part);

  LaunchWriter(const LaunchWriter&) = delete;
  LaunchWriter& operator=(const LaunchWriter&) = delete;
  LaunchWriter(LaunchWriter&&) noexcept;
  LaunchWriter& operator=(LaunchWriter&&) noexcept;
  ~LaunchWriter();

  /// Commits one visit to both files. Throws InputError when the disk is full, Failure for other write errors;
  /// the visits before it stay readable and no further one is accepted. The journal gets its line where it can.
  void append(const Measured& measured);

  /// Adds a case that turned out not to run; its reason is cut to the 512 bytes that the file keeps.
  void append(const Skipped& skipped);

  /// Ends the launch: writes `<run_uuid>.h5`, compressed, checked and marked as finalised, in one step, removes the
  /// `.part` and returns the new file. Throws as append(); the `.part` is then still there. Nothing may be appended
  /// after.
  std::filesystem::path finish();

  const LaunchInfo& info() const;
  const std::filesystem::path& part_file() const;
  const std::set<VisitKey>& finished() const;  ///< visits that are committed
  bool is_finished(const std::string& case_name, std::uint32_t pass) const;

 private:
  struct State;
  explicit LaunchWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The `.h5.part` in a folder that was written last and whose `.h5` does not exist; nothing when there is none or no
/// such folder.
std::optional<std::filesystem::path> unfinished_launch(const std::filesystem::path& folder);

}  // namespace hockney::store
