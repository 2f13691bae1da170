#include "transport/gpu/nvlinks.hpp"

#include <map>

#include "cuda/nvml.hpp"

namespace hockney::transport::gpu {
namespace {

void take_links(topology::Gpu& gpu, const std::vector<cuda::NvLink>& links) {
  gpu.are_links_known = true;
  std::map<std::string, int> to_gpus;
  for (const cuda::NvLink& link : links) {
    if (link.end == cuda::LinkEnd::nvswitch) {
      ++gpu.links_to_switches;
    } else {
      ++to_gpus[topology::sysfs_address(link.remote)];
    }
  }
  for (const auto& [address, count] : to_gpus) {
    gpu.peers.push_back({address, count});
  }
}

}  // namespace

void add_nvlinks(topology::HostTopology& host) {
  const cuda::Nvml nvml;
  host.no_links = nvml.unavailable();
  for (topology::Gpu& gpu : host.gpus) {
    const std::string name = nvml.name_at(gpu.pci.address);
    gpu.name = name.empty() ? gpu.name : name;
    if (const auto links = nvml.links_at(gpu.pci.address)) {
      take_links(gpu, *links);
    }
  }
}

}  // namespace hockney::transport::gpu
