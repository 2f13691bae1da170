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
#include "cuda/multicast.hpp"
#include "nccl/error.hpp"
#include "record/near_nics.hpp"
#include "topology/host_topology.hpp"

namespace hockney::transport::gpu {
namespace {

// From 2.30 on NCCL lets ranks share a GPU when asked; before, they must pass for ranks of different hosts.
constexpr int first_with_multi_rank_gpu = 23000;
constexpr int first_with_small_allocations = 22600;

// The main thread polls for the GPU, and NCCL has a proxy thread for the network and others that help it.
constexpr int enough_cpus = 4;

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

// Each launch would wait for the GPU, and the GPU for a gate that opens when all is queued.
void refuse_blocking_launches() {
  const char* const blocking = std::getenv("CUDA_LAUNCH_BLOCKING");
  if (blocking != nullptr && std::string_view(blocking) != "0" && *blocking != '\0') {
    throw InputError(
        fmt::format("CUDA_LAUNCH_BLOCKING is {}; expected 0 or unset: operations are queued before they "
                    "may begin, which a launch that blocks cannot do",
                    blocking));
  }
}

// The value that all ranks share; unknown when they differ.
Fabric agreed(const mpi::Communicator& world, Fabric mine) {
  const auto all = world.all_gather(std::string(name_of(mine)));
  const bool same = std::all_of(all.begin(), all.end(), [&](const std::string& name) { return name == all.front(); });
  return same ? mine : Fabric::unknown;
}

std::string near_nics_of(const cuda::Device& device, const std::vector<topology::Nic>& nics) {
  const std::vector<topology::Gpu> gpus = topology::read_gpus();
  const auto found = std::find_if(gpus.begin(), gpus.end(), [&](const topology::Gpu& gpu) {
    return gpu.pci.address == topology::sysfs_address(device.pci_bus_id);
  });
  return found == gpus.end() ? "" : topology::near_nics(found->pci, nics);
}

}  // namespace

std::vector<std::string> GpuSession::warnings() const {
  std::vector<std::string> lines;
  if (!debug_log_->is_ours()) {
    lines.emplace_back(
        "NCCL_DEBUG is set, so what NCCL connected cannot be read: every point is marked fabric_unproven; unset it");
  }
  if (!debug_log_->overruled().empty()) {
    lines.push_back(fmt::format("NCCL_DEBUG={} does not hold: NCCL's log, at INFO, is read to learn what it connected",
                                debug_log_->overruled()));
  }
  for (const std::string& line : {few_cpus_, rails_.warning()}) {
    if (!line.empty()) {
      lines.push_back(line);
    }
  }
  return lines;
}

GpuSession::GpuSession(const mpi::Communicator& world, std::vector<Placement>& placements, const GpuOptions& options)
    : options_(options), emulated_(cuda::is_emulated()) {
  world.everywhere(refuse_blocking_launches);
  look_at_cpus(placements);
  choose_gpu(world, placements);
  prepare_nccl(world);
  const std::vector<topology::Nic> nics = topology::read_nics();
  find_fabrics(world, nics);
  collect_facts(world, placements, nics);
}

void GpuSession::look_at_cpus(const std::vector<Placement>& placements) {
  const auto cpus_of = [&](const Placement& placement) {
    const auto ranks = std::count_if(placements.begin(), placements.end(),
                                     [&](const Placement& other) { return other.host == placement.host; });
    return std::min(placement.cpus_allowed, placement.host_cpus / static_cast<int>(ranks));
  };
  const auto fewest = std::min_element(placements.begin(), placements.end(),
                                       [&](const Placement& a, const Placement& b) { return cpus_of(a) < cpus_of(b); });
  if (fewest->host_cpus > 0 && cpus_of(*fewest) < enough_cpus) {
    few_cpus_ = fmt::format(
        "a rank on {} has {} CPUs to itself; give it {}: one polls, NCCL's threads for the network need others, and "
        "times over a network are too long without (Slurm: --cpus-per-task)",
        fewest->host, cpus_of(*fewest), enough_cpus);
  }
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
  rails_ = Rails(placements, world.all_gather(device_.pci_bus_id));
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
  const bool by_multicast = nccl_version_ < first_with_small_allocations;
  const int gpus = static_cast<int>(cuda::visible_devices().size());
  const Bytes step = by_multicast ? cuda::recommended_multicast_step(device_.ordinal, gpus) : Bytes{0};
  allocation_step_ = Bytes{world.largest(step.count)};
  profiler_ = nccl::profiler::enable(nccl_version_);
  debug_log_.emplace();
}

void GpuSession::expect(const std::vector<Case>& points) {
  const bool is_told = profiler_ && std::all_of(points.begin(), points.end(), [&](const Case& point) {
                         return nccl::profiler::tells(nccl_version_, point.operation, point.buffers);
                       });
  if (!is_told) {
    debug_log_->ask_for_tuning();
    has_tuning_ = debug_log_->is_ours();
  }
}

void GpuSession::find_fabrics(const mpi::Communicator& world, const std::vector<topology::Nic>& nics) {
  intra_node_ = agreed(world, nvml_.intra_node_fabric(device_.uuid));
  inter_node_ = agreed(world, topology::inter_node_fabric(nics, topology::read_gpus()));
  if (emulated_ && intra_node_ == Fabric::unknown) {  // a GPU that NVML does not know: all of it is memory and sockets
    intra_node_ = Fabric::host_memory;
    inter_node_ = Fabric::tcp;
  }
  if (shared_) {
    intra_node_ = nccl_version_ >= first_with_multi_rank_gpu ? Fabric::device_memory : inter_node_;
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
      for (const nccl::Adapter& adapter : nccl::parse_network_line(line)) {
        adapters_[adapter.number] = adapter;
      }
    }
  }
  return told;
}

Fabric GpuSession::fabric_of(const Paths& paths, const Group& group) const {
  return group.ranks == 1 ? Fabric::device_memory
                          : slowest_fabric(paths.kinds, group, intra_node_, network_of(paths.link_layers, inter_node_));
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
  const auto near = world.all_gather(near_nics_of(device_, nics));
  for (std::size_t rank = 0; rank < gpus.size(); ++rank) {
    facts_[fmt::format("gpu.rank{}", rank)] = gpus[rank];
    if (!near[rank].empty()) {
      facts_[near_nics_fact(static_cast<int>(rank))] = near[rank];
    }
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
  facts_["nccl.connections"] = debug_log_->is_ours() ? "debug lines (INIT)" : "none: NCCL_DEBUG is set by the user";
  if (!debug_log_->overruled().empty()) {
    facts_["nccl.debug"] = fmt::format("INFO, for Hockney; the user's {} is overruled", debug_log_->overruled());
  }
}

Provenance GpuSession::facts() const {
  constexpr std::string_view lines = "debug lines (TUNING), which mode host has on its clock";
  Provenance facts = facts_;
  facts["nccl.labels"] = profiler_ && has_tuning_
                             ? fmt::format("profiler plugin interface; {} where it is silent", lines)
                         : profiler_   ? "profiler plugin interface"
                         : has_tuning_ ? std::string(lines)
                                       : "none: NCCL_DEBUG is set by the user";
  return facts;
}

}  // namespace hockney::transport::gpu
