#pragma once

#include <cstdint>
#include <functional>
#include <mpi.h>
#include <optional>
#include <source_location>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_handle.hpp"

namespace hockney::mpi {

/// An error that every rank throws at the same place, so that all may leave MPI in good order. Any other exception is
/// one rank's own: the others wait for it, and only MPI_Abort ends them.
class AgreedError : public std::runtime_error {
 public:
  AgreedError(ExitCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Throws Failure with MPI's own text unless `code` is MPI_SUCCESS.
void check(int code, std::source_location where = std::source_location::current());

/// MPI_Init and MPI_Finalize. One per process, made first and destroyed last. MPI errors are returned, not fatal.
class Environment {
 public:
  Environment(int* argc, char*** argv);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  /// "MPICH Version: 4.0.2 ..." on one line, as the library tells it.
  static std::string library_version();
};

struct CommunicatorTraits {
  using type = MPI_Comm;
  static type none() noexcept { return MPI_COMM_NULL; }
  /// Nothing while an exception unwinds: freeing is collective, and the other ranks may not be here.
  static void destroy(type communicator) noexcept;
};

/// An MPI communicator that this object owns, and the few collective calls that control a measurement. What is timed
/// does not go through here. Every member that talks is collective: every rank of the communicator calls it.
class Communicator {
 public:
  /// A duplicate of MPI_COMM_WORLD, so that our control traffic meets nobody else's.
  static Communicator world();

  MPI_Comm get() const { return handle_.get(); }
  int rank() const { return rank_; }
  int size() const { return size_; }
  bool is_root() const { return rank_ == 0; }

  void barrier() const;

  /// The given ranks, in the given order, as a communicator; empty on the others. Every rank passes the same list.
  std::optional<Communicator> among(std::span<const int> ranks) const;

  /// The ranks that pass the same colour (0 or more), ordered by key.
  Communicator split(int colour, int key) const;

  /// The ranks that share memory with this one (MPI_COMM_TYPE_SHARED): those of its host.
  Communicator same_host() const;

  /// Rank 0's text on every rank.
  std::string broadcast(const std::string& text) const;
  /// Rank 0's number on every rank.
  std::uint64_t broadcast(std::uint64_t number) const;

  /// On rank 0 the text that rank `from`, another one, passes; on the others what they pass. Only these two wait.
  std::string to_root(int from, const std::string& text) const;

  std::uint64_t sum(std::uint64_t value) const;
  std::uint64_t largest(std::uint64_t value) const;
  std::uint64_t smallest(std::uint64_t value) const;

  /// One text per rank, in rank order, on every rank.
  std::vector<std::string> all_gather(const std::string& text) const;

  /// On rank 0: values[i][r] for the i-th value of rank r, row-major by i; empty on the others.
  /// Every rank passes the same number of values.
  std::vector<double> gather_columns(std::span<const double> mine) const;

  /// Runs `work` on rank 0 alone. What it throws, every rank throws as AgreedError (bad_input for an InputError,
  /// failure for anything else), so that no rank is left waiting.
  void on_root(const std::function<void()>& work) const;

  /// Runs `work` on every rank; when it throws anywhere, every rank throws what the lowest failing rank threw, as
  /// AgreedError. CannotRun stays CannotRun, unless another rank failed for another reason. `work` may call collectives
  /// only where no rank can throw before them.
  void everywhere(const std::function<void()>& work) const;

 private:
  explicit Communicator(MPI_Comm handle);
  UniqueHandle<CommunicatorTraits> handle_;
  int rank_ = 0;
  int size_ = 0;
};

}  // namespace hockney::mpi
