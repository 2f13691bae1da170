#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <mpi.h>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/stop_request.hpp"
#include "campaign.hpp"
#include "mpi/communicator.hpp"
#include "mpi/launcher.hpp"
#include "options.hpp"

namespace {

using hockney::ExitCode;

std::string joined(const std::vector<std::string>& arguments, char separator) {
  std::string text;
  for (const std::string& argument : arguments) {
    text += text.empty() ? argument : separator + argument;
  }
  return text;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// Each process would measure alone, and write a file of its own.
void refuse_wrong_launcher(const hockney::mpi::Communicator& world) {
  const auto launcher = hockney::mpi::launcher_of_several([](const char* name) { return std::getenv(name); });
  if (world.size() == 1 && launcher) {
    throw hockney::mpi::AgreedError(
        ExitCode::bad_input,
        fmt::format(
            "MPI ({}) sees one process, but {} started {} ({}={}); expected the mpiexec of that MPI, or srun with "
            "an --mpi that it knows (srun --mpi=list)",
            hockney::mpi::Environment::library_version(), launcher->name, launcher->processes, launcher->variable,
            launcher->processes));
  }
}

// All ranks use rank 0's command line: launchers may hand out different ones.
ExitCode run(const hockney::mpi::Communicator& world, const std::vector<std::string>& own_arguments) {
  refuse_wrong_launcher(world);
  constexpr char separator = '\n';
  const std::string broadcast = world.broadcast(joined(own_arguments, separator));
  const std::vector<std::string> arguments = split(broadcast, separator);
  hockney::bench::Command command;
  world.everywhere([&] { command = hockney::bench::read_command_line(arguments); });
  if (!command.options) {
    if (world.is_root()) {
      std::fputs(command.text.c_str(), stdout);
    }
    return ExitCode::success;
  }
  hockney::take_signals_as_a_request();
  return hockney::bench::run_campaign(world, *command.options, "hockney-bench " + joined(arguments, ' '));
}

// MPICH over UCX may wait in MPI_Finalize for a peer that listens no more. Files are written by then.
int leave_within(std::chrono::seconds limit, ExitCode code) {
  std::thread([limit, code] {
    std::this_thread::sleep_for(limit);
    std::fputs("hockney-bench: MPI_Finalize does not return; all results are written\n", stderr);
    std::_Exit(static_cast<int>(code));
  }).detach();
  return static_cast<int>(code);
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::chrono::seconds limit{20};  // for ending MPI
  try {
    ::setenv("CUDA_MODULE_LOADING", "EAGER", 0);  // a CUDA-aware MPI calls CUDA first
    const hockney::mpi::Environment environment(&argc, &argv);
    const hockney::mpi::Communicator world = hockney::mpi::Communicator::world();
    try {
      return leave_within(limit, run(world, {argv + 1, argv + argc}));
    } catch (const hockney::mpi::AgreedError& error) {
      if (world.is_root()) {
        std::fprintf(stderr, "hockney-bench: %s\n", error.what());
      }
      return leave_within(limit, error.code());
    } catch (const std::exception& error) {
      std::fprintf(stderr, "hockney-bench: rank %d: %s\n", world.rank(), error.what());
      // a launcher that tears down at once (Hydra) loses lines that it has not passed on yet
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      MPI_Abort(MPI_COMM_WORLD, static_cast<int>(ExitCode::failure));
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hockney-bench: %s\n", error.what());
  }
  return static_cast<int>(ExitCode::failure);
}
