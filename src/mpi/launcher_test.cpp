#include "mpi/launcher.hpp"

#include <gtest/gtest.h>
#include <map>

namespace hockney::mpi {
namespace {

std::optional<Launcher> launcher_in(const std::map<std::string, std::string>& environment) {
  return launcher_of_several([&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

TEST(Launcher, OfSeveralProcessesIsNamedWithItsVariable) {
  const auto launcher = launcher_in({{"OMPI_COMM_WORLD_SIZE", "16"}});
  ASSERT_TRUE(launcher);
  EXPECT_EQ(launcher->name, "Open MPI's mpiexec");
  EXPECT_EQ(launcher->variable, "OMPI_COMM_WORLD_SIZE");
  EXPECT_EQ(launcher->processes, 16);
}

TEST(Launcher, OfMpiIsNamedWhereSrunStartedItsHelpers) {
  EXPECT_EQ(launcher_in({{"SLURM_STEP_NUM_TASKS", "2"}, {"PMI_SIZE", "16"}})->name, "MPICH's or Intel MPI's mpiexec");
  EXPECT_EQ(launcher_in({{"SLURM_STEP_NUM_TASKS", "2"}})->name, "srun");
}

TEST(Launcher, OfOneProcessOrOfNoneIsNone) {
  EXPECT_FALSE(launcher_in({}));
  EXPECT_FALSE(launcher_in({{"PMI_SIZE", "1"}}));
  EXPECT_FALSE(launcher_in({{"SLURM_NTASKS", "8"}})) << "a batch script, not a step of it";
  EXPECT_FALSE(launcher_in({{"PMI_SIZE", "many"}}));
}

}  // namespace
}  // namespace hockney::mpi
