#include "topology/discover.hpp"

#include <algorithm>
#include <climits>
#include <fmt/format.h>
#include <fstream>
#include <hwloc.h>
#include <memory>
#include <sstream>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/error.hpp"

namespace hockney::topology {
namespace {

struct DestroyTopology {
  void operator()(hwloc_topology* topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<hwloc_topology, DestroyTopology>;

struct FreeBitmap {
  void operator()(hwloc_bitmap_s* bitmap) const { hwloc_bitmap_free(bitmap); }
};
using Bitmap = std::unique_ptr<hwloc_bitmap_s, FreeBitmap>;

Topology load_topology() {
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) {
    throw Failure("hwloc cannot start");
  }
  Topology topology(raw);
  if (hwloc_topology_load(topology.get()) != 0) {
    throw Failure("hwloc cannot read this host's topology");
  }
  return topology;
}

Bitmap binding_of_this_process(hwloc_topology_t topology) {
  Bitmap set(hwloc_bitmap_alloc());
  if (hwloc_get_cpubind(topology, set.get(), HWLOC_CPUBIND_PROCESS) != 0 || hwloc_bitmap_iszero(set.get())) {
    hwloc_bitmap_copy(set.get(), hwloc_topology_get_allowed_cpuset(topology));
  }
  return set;
}

int numa_node_of(hwloc_topology_t topology, hwloc_const_bitmap_t set) {
  Bitmap nodes(hwloc_bitmap_alloc());
  hwloc_cpuset_to_nodeset(topology, set, nodes.get());
  return hwloc_bitmap_weight(nodes.get()) == 1 ? hwloc_bitmap_first(nodes.get()) : -1;
}

std::string to_text(hwloc_const_bitmap_t set) {
  char* text = nullptr;
  hwloc_bitmap_asprintf(&text, set);
  const std::unique_ptr<char, decltype(&std::free)> owned(text, &std::free);
  return text;
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace

std::vector<Placement> discover_placements(const mpi::Communicator& world) {
  const Topology topology = load_topology();
  const Bitmap binding = binding_of_this_process(topology.get());
  const mpi::Communicator host = world.same_host();

  Bitmap together(hwloc_bitmap_alloc());
  for (const std::string& text : host.all_gather(to_text(binding.get()))) {
    const Bitmap other(hwloc_bitmap_alloc());
    hwloc_bitmap_sscanf(other.get(), text.c_str());
    hwloc_bitmap_or(together.get(), together.get(), other.get());
  }
  const std::string mine =
      fmt::format("{} {} {} {} {}", host_name(), host.rank(), numa_node_of(topology.get(), binding.get()),
                  hwloc_bitmap_weight(binding.get()), hwloc_bitmap_weight(together.get()));
  std::vector<Placement> placements;
  for (const std::string& text : world.all_gather(mine)) {
    Placement placement;
    placement.rank = static_cast<int>(placements.size());
    std::istringstream fields(text);
    fields >> placement.host >> placement.local_rank >> placement.numa_node >> placement.cpus_allowed >>
        placement.host_cpus;
    placements.push_back(placement);
  }
  return placements;
}

std::map<std::string, std::string> describe_host() {
  std::map<std::string, std::string> facts;
  utsname system{};
  if (uname(&system) == 0) {
    facts["host.kernel"] = fmt::format("{} {} {}", system.sysname, system.release, system.machine);
  }
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("model name")) {
      facts["cpu.model"] = line.substr(line.find(':') + 2);
      break;
    }
  }
  const Topology topology = load_topology();
  const auto count = [&](hwloc_obj_type_t type) { return hwloc_get_nbobjs_by_type(topology.get(), type); };
  facts["cpu.packages"] = std::to_string(count(HWLOC_OBJ_PACKAGE));
  facts["cpu.cores"] = std::to_string(count(HWLOC_OBJ_CORE));
  facts["cpu.logical"] = std::to_string(count(HWLOC_OBJ_PU));
  facts["cpu.numa_nodes"] = std::to_string(count(HWLOC_OBJ_NUMANODE));
  if (const hwloc_obj_t cache = hwloc_get_obj_by_type(topology.get(), HWLOC_OBJ_L3CACHE, 0)) {
    facts["cpu.l3_bytes"] = std::to_string(cache->attr->cache.size);
  }
  facts["memory.bytes"] = std::to_string(hwloc_get_root_obj(topology.get())->total_memory);
  return facts;
}

}  // namespace hockney::topology
