#include "mpi/launcher.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace hockney::mpi {
namespace {

struct Known {
  const char* variable;
  std::string_view launcher;
};

// srun comes last: launchers of MPI start their own helpers with it. A batch script has no step, and so no such number.
constexpr std::array<Known, 5> launchers{{
    {"OMPI_COMM_WORLD_SIZE", "Open MPI's mpiexec"},
    {"MV2_COMM_WORLD_SIZE", "MVAPICH2's mpiexec"},
    {"PMI_SIZE", "MPICH's or Intel MPI's mpiexec"},
    {"FLUX_JOB_SIZE", "flux run"},
    {"SLURM_STEP_NUM_TASKS", "srun"},
}};

int number_in(const char* text) {
  int number = 0;
  if (text != nullptr) {
    const std::string_view digits(text);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
  }
  return number;
}

}  // namespace

std::optional<Launcher> launcher_of_several(const ReadVariable& variable) {
  for (const Known& known : launchers) {
    const int processes = number_in(variable(known.variable));
    if (processes > 1) {
      return Launcher{std::string(known.launcher), known.variable, processes};
    }
  }
  return std::nullopt;
}

}  // namespace hockney::mpi
