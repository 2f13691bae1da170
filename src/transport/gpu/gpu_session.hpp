#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cuda/device.hpp"
#include "cuda/matrix_product.hpp"
#include "cuda/nvml.hpp"
#include "nccl/connections.hpp"
#include "nccl/labels.hpp"
#include "nccl/pins.hpp"
#include "topology/nic.hpp"
#include "transport/gpu/nccl_transport.hpp"
#include "transport/gpu/paths.hpp"
#include "transport/gpu/rails.hpp"

namespace hockney::transport::gpu {

/// What holds for a process that measures on a GPU, from its first CUDA call to its last: the GPU, NCCL's version,
/// debug log and process-wide settings, NVML, and which fabrics there are. Made once, before any communicator.
class GpuSession {
 public:
  /// Collective; see make_nccl_transport().
  GpuSession(const mpi::Communicator& world, std::vector<Placement>& placements, const GpuOptions& options);

  const cuda::Device& device() const { return device_; }
  int nccl_version() const { return nccl_version_; }
  bool is_shared() const { return shared_; }
  bool is_emulated() const { return emulated_; }
  bool forces_network() const { return options_.force_network; }
  /// What will be measured, before the first communicator: NCCL's log then tells the labels that its profiler does not.
  void expect(const std::vector<Case>& points);

  /// What NCCL wrote since the last time: connections and labels of collectives.
  struct Told {
    std::vector<nccl::Connection> connections;
    std::optional<nccl::Label> label;  ///< the last one
  };
  Told read_debug_log();
  const cuda::Nvml& nvml() const { return nvml_; }
  /// What multiplies matrices on this GPU; made when first asked for. Throws CannotRun where there is no cuBLASLt, as
  /// on the test double.
  cuda::MatrixProducts& products();
  /// Memory that a rank may use on its GPU: what is free on the fullest GPU, less a tenth for NCCL's own buffers,
  /// divided by the ranks that share it.
  Bytes usable_memory() const { return usable_memory_; }

  /// ncclMemAlloc takes whole multiples of it; 0 B where that is not known. NCCL 2.22 to 2.25 take the step that is
  /// recommended for multicast (2.22.3 init.cc), up to 512 MiB on Hopper.
  Bytes allocation_step() const { return allocation_step_; }

  /// What connects ranks of one node, and nodes; unknown where the system does not tell.
  /// In a launch that forces the network, ranks of one node are connected by the latter too.
  Fabric intra_node() const { return options_.force_network ? inter_node_ : intra_node_; }
  Fabric inter_node() const { return inter_node_; }

  /// What carried the bytes, from the connections that NCCL made: the network where any goes over it, else shared host
  /// memory where any does, else what connects the node's GPUs. device_memory for a group of one rank.
  Fabric fabric_of(const Paths& paths, const Group& group) const;
  /// That NCCL says it found.
  const Adapters& adapters() const { return adapters_; }

  const Rails& rails() const { return rails_; }

  /// What the user should know before measuring; the same on every rank.
  std::vector<std::string> warnings() const;

  /// Facts for the record, on rank 0: versions, every rank's GPU, every node's NICs.
  Provenance facts() const;

 private:
  void look_at_cpus(const std::vector<Placement>& placements);
  void choose_gpu(const mpi::Communicator& world, std::vector<Placement>& placements);
  void prepare_nccl(const mpi::Communicator& world);
  void find_fabrics(const mpi::Communicator& world, const std::vector<topology::Nic>& nics);
  void collect_facts(const mpi::Communicator& world, const std::vector<Placement>& placements,
                     const std::vector<topology::Nic>& nics);

  GpuOptions options_;
  bool emulated_ = false;
  bool shared_ = false;
  cuda::Device device_;
  int nccl_version_ = 0;
  nccl::Settings process_settings_;
  std::optional<nccl::DebugLog> debug_log_;
  bool profiler_ = false;
  bool has_tuning_ = false;  ///< the log has TUNING lines
  cuda::Nvml nvml_;
  std::unique_ptr<cuda::MatrixProducts> products_;
  Fabric intra_node_ = Fabric::unknown;
  Fabric inter_node_ = Fabric::unknown;
  Adapters adapters_;
  Rails rails_;
  std::string few_cpus_;  ///< the warning, where ranks have too few
  Bytes usable_memory_;
  Bytes allocation_step_;
  Provenance facts_;
};

}  // namespace hockney::transport::gpu
