#include "transports.hpp"

#include "base/error.hpp"
#include "build_info.hpp"
#include "transport/gpu/nccl_transport.hpp"
#include "transport/host/mpi_transport.hpp"
#include "transport/scripted/scripted_transport.hpp"

namespace hockney::bench {

bool has_nccl() { return build_info::has_cuda; }

std::unique_ptr<transport::Transport> make_transport(const mpi::Communicator& world, const Options& options,
                                                     std::uint64_t seed, std::vector<Placement>& placements,
                                                     watchdog::Watchdog& watchdog) {
  if (options.transport == TransportKind::scripted) {
    world.everywhere([&] {
      if (world.size() != 1) {
        throw InputError("--transport scripted pretends its ranks: start it as one process, without mpiexec");
      }
    });
    return transport::make_scripted_transport(options.scripted, seed);
  }
  if (options.transport == TransportKind::nccl) {
    if constexpr (build_info::has_cuda) {
      return transport::gpu::make_nccl_transport(
          world, placements, {.share_gpu = options.share_gpu, .force_network = options.force_network}, watchdog);
    }
  }
  world.everywhere([&] {
    if (world.size() == 1) {
      throw InputError("--transport mpi measures between ranks: start it with mpiexec -n 2 or more");
    }
  });
  return transport::host::make_mpi_transport(world, placements, watchdog);
}

}  // namespace hockney::bench
