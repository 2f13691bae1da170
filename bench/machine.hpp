#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mpi/communicator.hpp"
#include "options.hpp"
#include "record/launch.hpp"
#include "transport/transport.hpp"
#include "watchdog/watchdog.hpp"

namespace hockney::bench {

/// Whether this program was built with CUDA and NCCL.
bool has_nccl();

/// What it needs on a host with GPUs: "CUDA 13.0: NVIDIA driver 580 or newer". Empty where it was built without CUDA.
std::string gpu_needs();

/// What a launch runs on: the world of ranks and their places, the transport between them, and the watchdog that ends
/// all of it when it hangs.
class Machine {
 public:
  /// `world` and `options` must outlive it; `seed` is for scripted noise. Collective. Throws mpi::AgreedError where the
  /// transport cannot run.
  Machine(const mpi::Communicator& world, const Options& options, std::uint64_t seed);
  ~Machine() = default;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Gives scripted noise another seed: that of a resumed launch. Collective.
  void reseed(std::uint64_t seed);
  /// Ends connections in good order; the next join() makes new ones. Collective.
  void disconnect();

  const mpi::Communicator& world() const { return world_; }
  transport::Transport& transport() const { return *transport_; }
  watchdog::Watchdog& watchdog() { return *watchdog_; }
  /// Of every rank, with its GPU where it has one; of a scripted machine those that it pretends.
  const std::vector<Placement>& placements() const { return placements_; }
  /// Where this process runs.
  const std::string& host() const { return host_; }
  /// What goes into the file about host, build and transport; on rank 0.
  Provenance facts() const;
  /// Host of rank 0, or the script. The fit pools launches of one machine; two scripts are two machines.
  std::string name() const;

 private:
  const mpi::Communicator& world_;
  const Options& options_;
  std::vector<Placement> placements_;
  std::string host_;
  std::unique_ptr<watchdog::Watchdog> watchdog_;
  std::unique_ptr<transport::Transport> transport_;
  Provenance facts_;
};

}  // namespace hockney::bench
