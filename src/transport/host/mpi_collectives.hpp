#pragma once

#include <mpi.h>
#include <vector>

#include "mpi/communicator.hpp"
#include "transport/call.hpp"

namespace hockney::transport::host {

/// Every collective by MPI's blocking call for it, among the ranks of one communicator, which must outlive it.
class MpiCollectives {
 public:
  explicit MpiCollectives(const mpi::Communicator& ranks)
      : comm_(ranks.get()), rank_(ranks.rank()), ranks_(ranks.size()) {}

  /// Runs the call and returns where this rank's result lies. That is `call.receive`, except for reduce_scatter in
  /// place: MPI puts the result first in the buffer, whatever the rank. Throws Failure for what MPI cannot do.
  std::span<std::byte> run(const Call& call);

 private:
  /// Counts and displacements of uneven blocks, as MPI wants them; kept, so that no memory is allocated on the clock.
  struct Blocks {
    std::vector<int> counts;
    std::vector<int> places;
    void set(std::span<const std::uint64_t> elements);
  };

  std::span<std::byte> reduce_scatter(const Call& call) const;
  void all_to_all_v(const Call& call);
  void broadcast(const Call& call) const;
  void reduce(const Call& call) const;

  MPI_Comm comm_;
  int rank_;
  int ranks_;
  Blocks sent_;
  Blocks received_;
};

}  // namespace hockney::transport::host
