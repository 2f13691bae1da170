#include "machine.hpp"

#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <mpi.h>
#include <thread>

#include "build_info.hpp"
#include "cuda/device.hpp"
#include "hosts_picture.hpp"
#include "provenance.hpp"
#include "record/stated_ports.hpp"
#include "topology/discover.hpp"
#include "topology/gpu.hpp"
#include "topology/nic.hpp"
#include "transport/gpu/nccl_transport.hpp"
#include "transport/host/mpi_transport.hpp"

namespace hockney::bench {
namespace {

// Collective. Over NCCL, the GPU of every rank is written into `placements`.
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
  const bool has_only_tcp = world.smallest(topology::has_only_tcp() ? 1 : 0) == 1;
  return transport::host::make_mpi_transport(world, placements, watchdog, has_only_tcp ? Fabric::tcp : Fabric::unknown);
}

[[noreturn]] void end_all() {
  // MPI may be busy in the main thread and never return
  std::thread([] {
    std::this_thread::sleep_for(std::chrono::seconds(2));
    std::_Exit(static_cast<int>(ExitCode::failure));
  }).detach();
  MPI_Abort(MPI_COMM_WORLD, static_cast<int>(ExitCode::failure));
  std::_Exit(static_cast<int>(ExitCode::failure));
}

}  // namespace

bool has_nccl() { return build_info::has_cuda; }

std::string gpu_needs() {
  if constexpr (build_info::has_cuda) {
    return cuda::needs();
  } else {
    return {};
  }
}

Machine::Machine(const mpi::Communicator& world, const Options& options, std::uint64_t seed)
    : world_(world),
      options_(options),
      placements_(topology::discover_placements(world)),
      host_(placements_.at(static_cast<std::size_t>(world.rank())).host) {
  apply(options.settings);
  facts_ = collect_provenance();  // before NCCL's variables are set for this program's own ends
  if (options.transport == TransportKind::scripted) {
    placements_ = transport::pretended_placements(options.scripted);
  } else {
    facts_["topology"] = picture_of_hosts(world, placements_, facts_);
    if (const auto ports = topology::inter_node_ports(topology::read_nics(), topology::read_gpus())) {
      state(facts_, *ports);
    }
  }
  const auto give_up = [this] {
    if (transport_) {
      transport_->abort();
    }
  };
  const auto print = [](const std::string& line) { fmt::print(stderr, "hockney-bench: {}\n", line); };
  watchdog_ =
      std::make_unique<watchdog::Watchdog>(options.point_limit, fmt::format("rank {} on {}", world.rank(), host()),
                                           watchdog::Watchdog::Actions{print, give_up, &end_all});
  watchdog_->begin("setting up the transport");
  transport_ = make_transport(world, options, seed, placements_, *watchdog_);
  watchdog_->end();
  facts_["transport"] = name_of(options.transport);
}

Provenance Machine::facts() const {
  Provenance all = facts_;
  all.merge(transport_->facts());
  return all;
}

void Machine::reseed(std::uint64_t seed) {
  if (options_.transport == TransportKind::scripted) {
    transport_ = make_transport(world_, options_, seed, placements_, *watchdog_);
  }
}

void Machine::disconnect() {
  watchdog_->begin("disconnecting");
  transport_->finish();
  watchdog_->end();
}

std::string Machine::name() const {
  return options_.transport == TransportKind::scripted ? "scripted: " + to_string(options_.scripted)
                                                       : placements_.front().host;
}

}  // namespace hockney::bench
