#pragma once

#include <functional>
#include <optional>
#include <string>

namespace hockney::mpi {

/// What the environment says of the processes that were started together with this one.
struct Launcher {
  std::string name;      ///< "Open MPI's mpiexec"
  std::string variable;  ///< "OMPI_COMM_WORLD_SIZE"
  int processes = 0;
};

/// Reads an environment variable; null where it is not set.
using ReadVariable = std::function<const char*(const char*)>;

/// The launcher that says that it started two processes or more; nothing where none does. A process that MPI calls rank
/// 0 of 1 all the same was started by the launcher of another MPI, or by an srun that its MPI does not understand:
/// every process would measure alone.
std::optional<Launcher> launcher_of_several(const ReadVariable& variable);

}  // namespace hockney::mpi
