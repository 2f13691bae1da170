#include "transport/gpu/gpu_session.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>
#include <sstream>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "cuda/kernels.hpp"
#include "nccl/error.hpp"

namespace hockney::transport::gpu {
namespace {

// From 2.30 on NCCL lets ranks share a GPU when asked; before, they must pass for ranks of different hosts.
constexpr int first_with_multi_rank_gpu = 23000;

void set_for_process(const nccl::Settings& settings) {
  for (const auto& [name, value] : settings) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

// The value that all ranks share; unknown when they differ.
Fabric agreed(const mpi::Communicator& world, Fabric mine) {
  const auto all = world.all_gather(std::string(name_of(mine)));
  const bool same = std::all_of(all.begin(), all.end(), [&](const std::string& name) { return name == all.front(); });
  return same ? mine : Fabric::unknown;
}

}  // namespace

Fabric network_of(const std::set<std::string>& link_layers, Fabric by_kernel) {
  if (link_layers.empty()) {
    return by_kernel;
  }
  if (link_layers.size() > 1) {
    return Fabric::unknown;
  }
  return *link_layers.begin() == "IB" ? Fabric::infiniband : Fabric::roce;
}

Fabric slowest_fabric(const std::vector<std::string>& connections, const Group& group, Fabric intra, Fabric inter) {
  const auto any = [&](std::string_view start) {
    return std::any_of(connections.begin(), connections.end(),
                       [&](const std::string& kind) { return kind.starts_with(start); });
  };
  if (any("NET/") || any("COLLNET/")) {
    if (any("NET/Socket")) {
      return Fabric::tcp;
    }
    if (any("NET/IB") || any("COLLNET/")) {
      return inter == Fabric::infiniband || inter == Fabric::roce ? inter : Fabric::unknown;
    }
    const bool libfabric = any("NET/AWS Libfabric") || any("NET/OFI") || any("NET/Libfabric");
    return libfabric && inter == Fabric::efa ? Fabric::efa : Fabric::unknown;
  }
  if (any("SHM/")) {
    return Fabric::host_memory;
  }
  const bool within_node = group.nodes() == 1 && (any("NVLS") || any("SYMMETRIC"));
  return any("P2P/") || within_node ? intra : Fabric::unknown;
}

std::vector<std::string> GpuSession::warnings() const {
  if (debug_log_->is_ours()) {
    return {};
  }
  return {"NCCL_DEBUG is set, so what NCCL connected cannot be read: every point is marked fabric_unproven; unset it"};
}

GpuSession::GpuSession(const mpi::Communicator& world, std::vector<Placement>& placements, const GpuOptions& options)
    : options_(options), emulated_(cuda::is_emulated()) {
  choose_gpu(world, placements);
  prepare_nccl(world);
  const std::vector<topology::Nic> nics = topology::read_nics();
  find_fabrics(world, nics);
  collect_facts(world, placements, nics);
}

void GpuSession::choose_gpu(const mpi::Communicator& world, std::vector<Placement>& placements) {
  std::vector<cuda::Device> visible;
  world.everywhere([&] { visible = cuda::visible_devices(); });

  const Placement& mine = placements.at(static_cast<std::size_t>(world.rank()));
  std::string seen = mine.host;
  for (const cuda::Device& device : visible) {
    seen += "\n" + device.uuid;
  }
  std::set<std::string> on_node;
  int local_ranks = 0;
  for (const std::string& text : world.all_gather(seen)) {
    const auto lines = lines_of(text);
    if (lines.front() == mine.host) {
      on_node.insert(lines.begin() + 1, lines.end());
      ++local_ranks;
    }
  }
  world.everywhere([&] {
    device_ = cuda::choose_device(visible, mine.local_rank, local_ranks, static_cast<int>(on_node.size()),
                                  options_.share_gpu);
    cuda::use_device(device_);
  });

  const auto chosen = world.all_gather(mine.host + " " + device_.uuid);
  std::map<std::string, std::uint64_t> users;
  for (std::size_t rank = 0; rank < chosen.size(); ++rank) {
    placements[rank].gpu = chosen[rank].substr(chosen[rank].find(' ') + 1);
    ++users[chosen[rank]];
  }
  const auto busiest =
      std::max_element(users.begin(), users.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  shared_ = busiest->second > 1;
  world.everywhere([&] {
    if (shared_ && !options_.share_gpu) {
      throw InputError(
          fmt::format("{} ranks would share GPU {}; expected one rank per GPU, or --share-gpu for a "
                      "functional run",
                      busiest->second, busiest->first));
    }
  });
  const std::uint64_t free = world.smallest(cuda::free_memory().count);
  usable_memory_ = Bytes{free / 10 * 9 / busiest->second};
}

void GpuSession::prepare_nccl(const mpi::Communicator& world) {
  world.everywhere([&] { nccl_version_ = nccl::version(); });
  if (options_.force_network) {
    process_settings_ = nccl::force_network_settings();
  }
  if (shared_ && nccl_version_ >= first_with_multi_rank_gpu) {
    process_settings_.emplace_back("NCCL_MULTI_RANK_GPU_ENABLE", "1");
  } else if (shared_) {
    process_settings_.emplace_back("NCCL_HOSTID", fmt::format("hockney-rank-{}", world.rank()));
  }
  set_for_process(process_settings_);
  profiler_ = nccl::profiler::enable(nccl_version_);
  debug_log_.emplace(!profiler_);
}

void GpuSession::find_fabrics(const mpi::Communicator& world, const std::vector<topology::Nic>& nics) {
  const Fabric network = agreed(world, topology::inter_node_fabric(nics));
  inter_node_ = emulated_ ? Fabric::tcp : network;
  if (shared_) {
    intra_node_ = nccl_version_ >= first_with_multi_rank_gpu ? Fabric::device_memory : inter_node_;
  } else if (emulated_) {
    intra_node_ = Fabric::host_memory;
  } else {
    intra_node_ = agreed(world, nvml_.intra_node_fabric(device_.uuid));
  }
}

cuda::MatrixProducts& GpuSession::products() {
  if (emulated_) {
    throw CannotRun("the test double of CUDA has no cuBLASLt");
  }
  if (!products_) {
    products_ = std::make_unique<cuda::MatrixProducts>();
  }
  return *products_;
}

GpuSession::Told GpuSession::read_debug_log() {
  Told told;
  for (const std::string& line : debug_log_->new_lines()) {
    if (auto connection = nccl::parse_connection_line(line)) {
      told.connections.push_back(std::move(*connection));
    } else if (auto label = nccl::parse_tuning_line(line)) {
      told.label = std::move(label);
    } else {
      const auto layers = nccl::parse_network_line(line);
      link_layers_.insert(layers.begin(), layers.end());
    }
  }
  return told;
}

Fabric GpuSession::fabric_of(const std::vector<std::string>& connections, const Group& group) const {
  return group.ranks == 1 ? Fabric::device_memory
                          : slowest_fabric(connections, group, intra_node_, network_of(link_layers_, inter_node_));
}

void GpuSession::collect_facts(const mpi::Communicator& world, const std::vector<Placement>& placements,
                               const std::vector<topology::Nic>& nics) {
  const DeviceState state = nvml_.state(device_.uuid);
  const auto gpus = world.all_gather(fmt::format(
      "{}, {}, PCI {}, compute capability {}.{}, {}, L2 {}, SM clock {:.0f} MHz, {:.0f} C, {:.0f} W", device_.name,
      device_.uuid, device_.pci_bus_id, device_.compute_major, device_.compute_minor, to_string(device_.memory),
      to_string(device_.l2_cache), state.sm_clock_mhz, state.temperature_celsius, state.power_watt));
  std::string own_nics;
  for (const topology::Nic& nic : nics) {
    own_nics += fmt::format("{}\t{}, {}, {}, firmware {}\n", nic.name, nic.link_layer, nic.rate_text, nic.state,
                            nic.firmware.empty() ? "not readable" : nic.firmware);
  }
  const auto all_nics = world.all_gather(own_nics);
  for (std::size_t rank = 0; rank < gpus.size(); ++rank) {
    facts_[fmt::format("gpu.rank{}", rank)] = gpus[rank];
    for (const std::string& line : lines_of(all_nics[rank])) {
      const auto tab = line.find('\t');
      facts_[fmt::format("nic.{}.{}", placements[rank].host, line.substr(0, tab))] = line.substr(tab + 1);
    }
  }
  const Seconds timer_step = cuda::measure_globaltimer_step(cuda::Stream{});
  facts_["gpu.globaltimer_step"] = fmt::format("{:.0f} ns", timer_step.count() * 1e9);
  facts_["version.cuda_driver"] = cuda::driver_version();
  facts_["version.cuda_runtime"] = cuda::runtime_version();
  facts_["version.nccl"] = nccl::to_text(nccl_version_);
  facts_["version.nvidia_driver"] = nvml_.unavailable().empty() ? nvml_.driver_version() : "not readable";
  facts_["nvml"] = nvml_.unavailable().empty() ? "available" : nvml_.unavailable();
  facts_["nccl.process_settings"] = nccl::to_text(process_settings_);
  facts_["nccl.labels"] = profiler_               ? "profiler plugin interface"
                          : debug_log_->is_ours() ? "debug lines (TUNING), which mode host has on its clock"
                                                  : "none: NCCL_DEBUG is set by the user";
  facts_["nccl.connections"] = debug_log_->is_ours() ? "debug lines (INIT)" : "none: NCCL_DEBUG is set by the user";
}

}  // namespace hockney::transport::gpu
