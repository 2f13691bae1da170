#pragma once

#include <cstdio>
#include <filesystem>
#include <optional>

#include "console.hpp"
#include "launch_files.hpp"
#include "mpi/communicator.hpp"

namespace hockney::bench {

/// What becomes of visits: rows of the launch's files and of the console, and the exit code at the end.
class Recorder {
 public:
  /// `files` are there on rank 0 only; `rows` is the stream of the console; `toward` is to come. Prints the console's
  /// heading.
  Recorder(const mpi::Communicator& world, std::optional<LaunchFiles> files, std::FILE* rows, const Goal& toward);
  /// Keeps a visit; on rank 0, where it is complete. Collective, as all members.
  void keep(const Measured& measured);
  /// Keeps that a point turned out not to run: a row with its reason, as what was known not to run is.
  void skip(const Case& point, const std::string& reason);
  /// Keeps what was left out on purpose; on rank 0.
  void leave_out(const std::vector<Skipped>& points);

  /// Ends the files and says what to do next. Returns ExitCode::failure when some result was wrong; throws
  /// mpi::AgreedError when no point could be measured.
  ExitCode finish(const std::filesystem::path& folder, bool has_curves_and_steps);
  /// Leaves the files as they are, for --resume, and says so. Returns ExitCode::stopped.
  ExitCode leave_unfinished(const std::filesystem::path& folder);

 private:
  const mpi::Communicator& world_;
  std::optional<LaunchFiles> files_;
  std::FILE* rows_;
  Goal toward_;
  Console console_;
  std::size_t kept_ = 0;     ///< on rank 0
  std::uint64_t wrong_ = 0;  ///< on rank 0
  std::size_t skipped_ = 0;  ///< on every rank
};

}  // namespace hockney::bench
