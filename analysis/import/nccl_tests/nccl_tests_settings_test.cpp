#include "import/nccl_tests/nccl_tests_settings.hpp"

#include <gtest/gtest.h>

namespace hockney::import {
namespace {

TEST(EnvironmentIn, IsWhatACommandLineSets) {
  const Provenance ring{{"env.NCCL_ALGO", "Ring"}};
  for (const char* line :
       {"NCCL_ALGO=Ring ./all_reduce_perf -b 8", "mpirun -x NCCL_ALGO=Ring ./all_reduce_perf",
        "mpiexec -genv NCCL_ALGO Ring ./all_reduce_perf", "export NCCL_ALGO=\"Ring\"",
        "srun --export=ALL,NCCL_ALGO=Ring ./all_reduce_perf", "NCCL_ALGO='Ring'", "setenv NCCL_ALGO Ring",
        "mpirun -xNCCL_ALGO=Ring -x HOME=/made/up -x NCCL_SECRET=x ./all_reduce_perf",
        "n1:1:1 [0] NCCL INFO NCCL_ALGO set by environment to Ring."}) {
    EXPECT_EQ(environment_in(line), ring) << line;
  }
  for (const char* line : {"", "mpirun -x NCCL_ALGO ./all_reduce_perf", "HOME=/made/up", "a = b", "NCCL_ALGO="}) {
    EXPECT_TRUE(environment_in(line).empty()) << line;
  }
}

TEST(OnlySetsVariables, TellsExportLinesFromCommands) {
  for (const char* line :
       {"export NCCL_ALGO=Ring", "NCCL_ALGO=Ring", "NCCL_ALGO=Ring NCCL_PROTO=LL", "ENV NCCL_ALGO=Ring",
        "$ export NCCL_ALGO=Ring", "+ export NCCL_ALGO=Ring", "me@host:~$ NCCL_ALGO=Ring"}) {
    EXPECT_TRUE(only_sets_variables(line)) << line;
  }
  for (const char* line : {"", "NCCL_ALGO=Ring ./all_reduce_perf", "with NCCL_ALGO=Ring", "size=8"}) {
    EXPECT_FALSE(only_sets_variables(line)) << line;
  }
}

TEST(NcclTestsOptions, AreReadByTheirLetter) {
  using Options = std::map<char, std::string>;
  EXPECT_EQ(
      nccl_tests_options("mpirun -np 4 -x A=b ./all_reduce_perf -b 8 -e 1G -R2 -z 1 --cudagraph=3 -a 3 | tee log"),
      (Options{{'b', "8"}, {'e', "1G"}, {'R', "2"}, {'z', "1"}, {'G', "3"}, {'a', "3"}}));
  EXPECT_EQ(nccl_tests_options("all_gather_perf_mpi --local_register 1 --op=\"all\""),
            (Options{{'R', "1"}, {'o', "all"}}));
  EXPECT_TRUE(nccl_tests_options("mpirun -R 2 ./other").empty());
}

}  // namespace
}  // namespace hockney::import
