#pragma once

#include <functional>
#include <nccl.h>
#include <string>
#include <utility>
#include <vector>

namespace hockney::gpu_double {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// One process of a test.
struct Rank {
  int rank = 0;
  int ranks = 1;
  ncclUniqueId id{};

  /// A communicator of all processes, each on a device of its own; waits when it is non-blocking.
  ncclComm_t connect(bool blocking = true) const;
};

/// Runs `body` in that many processes at once, forked from this one, with these variables set. Returns their exit
/// codes: 0 when no expectation failed, 1 otherwise, 128 + the signal that killed it.
std::vector<int> run_ranks(int ranks, const std::function<void(const Rank&)>& body,
                           const Environment& environment = {});

/// All exit codes are 0.
void expect_ranks(int ranks, const std::function<void(const Rank&)>& body, const Environment& environment = {});

/// Looks at the communicator until it is no longer in progress.
ncclResult_t settled(ncclComm_t communicator);

}  // namespace hockney::gpu_double
