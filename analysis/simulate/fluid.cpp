#include "simulate/fluid.hpp"

#include <filesystem>

#include "base/error.hpp"
#include "base/run_program.hpp"
#include "simulate/fluid_json.hpp"

namespace hockney::simulate {

std::vector<FlowTimes> flow_times(const Network& network) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "hockney-simgrid";
  const auto answer = run_program({program.string()}, nlohmann::json(network).dump());
  if (!answer) {
    throw InputError(
        "this build lacks SimGrid: there is no hockney-simgrid beside this program; install SimGrid (Debian: "
        "libsimgrid-dev), then configure and build again");
  }
  return nlohmann::json::parse(*answer).get<std::vector<FlowTimes>>();
}

}  // namespace hockney::simulate
