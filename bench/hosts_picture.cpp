#include "hosts_picture.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "build_info.hpp"
#include "topology/host_topology.hpp"
#include "transport/gpu/nvlinks.hpp"

namespace hockney::bench {
namespace {

std::string picture_of_this_host(const std::map<std::string, std::string>& facts) {
  topology::HostTopology host = topology::read_host_topology();
  if constexpr (build_info::has_cuda) {
    transport::gpu::add_nvlinks(host);
  } else {
    host.no_links = "this program was built without CUDA";
  }
  const auto fact = [&](const char* key) { return facts.contains(key) ? facts.at(key) : "not told"; };
  return fmt::format("{} x {}, {} cores, {} CPUs\n{}", fact("cpu.packages"), fact("cpu.model"), fact("cpu.cores"),
                     fact("cpu.logical"), topology::picture_of(host));
}

std::vector<Placement> ranks_of(const std::vector<Placement>& placements, const std::string& host) {
  std::vector<Placement> ranks;
  std::copy_if(placements.begin(), placements.end(), std::back_inserter(ranks),
               [&](const Placement& placement) { return placement.host == host; });
  return ranks;
}

std::string number_or_dash(int number) { return number < 0 ? "-" : std::to_string(number); }

}  // namespace

std::string ranks_text(const std::vector<Placement>& of_host) {
  std::vector<std::string> cpus;
  std::vector<std::string> nodes;
  for (const Placement& placement : of_host) {
    cpus.push_back(std::to_string(placement.cpus_allowed));
    nodes.push_back(number_or_dash(placement.numa_node));
  }
  const bool same = std::all_of(cpus.begin(), cpus.end(), [&](const std::string& own) { return own == cpus.front(); });
  const std::string of_ranks = same ? cpus.front() + " each" : fmt::format("{}", fmt::join(cpus, " "));
  return fmt::format("{} rank{}: CPUs {}; NUMA nodes {}\n", of_host.size(), of_host.size() == 1 ? "" : "s", of_ranks,
                     fmt::join(nodes, " "));
}

std::string fold_alike(const std::vector<std::pair<std::string, std::string>>& by_host) {
  std::vector<std::pair<std::string, std::vector<std::string>>> different;
  for (const auto& [host, text] : by_host) {
    const auto known = std::find_if(different.begin(), different.end(),
                                    [&, &wanted = text](const auto& other) { return other.first == wanted; });
    if (known == different.end()) {
      different.push_back({text, {host}});
    } else {
      known->second.push_back(host);
    }
  }
  std::string folded;
  for (const auto& [text, hosts] : different) {
    folded += fmt::format("{}{}\n{}", fmt::join(hosts, ", "),
                          hosts.size() == 1 ? "" : fmt::format(" ({} hosts, alike)", hosts.size()), text);
  }
  return folded;
}

std::string picture_of_hosts(const mpi::Communicator& world, const std::vector<Placement>& placements,
                             const std::map<std::string, std::string>& host_facts) {
  const Placement& mine = placements.at(static_cast<std::size_t>(world.rank()));
  const auto pictures = world.all_gather(mine.local_rank == 0 ? picture_of_this_host(host_facts) : std::string());
  std::vector<std::pair<std::string, std::string>> by_host;
  for (std::size_t rank = 0; rank < pictures.size(); ++rank) {
    if (placements[rank].local_rank == 0) {
      const std::string& host = placements[rank].host;
      by_host.emplace_back(host, pictures[rank] + ranks_text(ranks_of(placements, host)));
    }
  }
  return fold_alike(by_host);
}

}  // namespace hockney::bench
