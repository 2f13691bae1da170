#include "ranks.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace hockney::gpu_double {

ncclResult_t settled(ncclComm_t communicator) {
  ncclResult_t state = ncclInProgress;
  while (state == ncclInProgress) {
    EXPECT_EQ(ncclCommGetAsyncError(communicator, &state), ncclSuccess);
    std::this_thread::yield();
  }
  return state;
}

ncclComm_t Rank::connect(bool blocking) const {
  EXPECT_EQ(cudaSetDevice(rank), cudaSuccess);
  ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
  config.blocking = blocking ? 1 : 0;
  ncclComm_t communicator = nullptr;
  EXPECT_EQ(ncclCommInitRankConfig(&communicator, ranks, id, rank, &config), blocking ? ncclSuccess : ncclInProgress);
  EXPECT_EQ(settled(communicator), ncclSuccess);
  return communicator;
}

std::vector<int> run_ranks(int ranks, const std::function<void(const Rank&)>& body, const Environment& environment) {
  ncclUniqueId id;
  EXPECT_EQ(ncclGetUniqueId(&id), ncclSuccess);
  std::vector<pid_t> children;
  for (int rank = 0; rank < ranks; ++rank) {
    const pid_t child = fork();
    if (child == 0) {
      for (const auto& [name, value] : environment) {
        setenv(name.c_str(), value.c_str(), 1);
      }
      body({rank, ranks, id});
      _exit(testing::Test::HasFailure() ? 1 : 0);
    }
    children.push_back(child);
  }
  std::vector<int> codes;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    codes.push_back(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
  return codes;
}

void expect_ranks(int ranks, const std::function<void(const Rank&)>& body, const Environment& environment) {
  EXPECT_EQ(run_ranks(ranks, body, environment), std::vector<int>(static_cast<std::size_t>(ranks), 0));
}

TEST(Ranks, AFailedExpectationInAProcessIsSeen) {
  EXPECT_EQ(run_ranks(1, [](const Rank&) { _exit(3); }), std::vector<int>{3});
}

}  // namespace hockney::gpu_double
