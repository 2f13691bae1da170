#include <fmt/format.h>

#include "exports/writers.hpp"

// astra-network-analytical: delay = hops latency + bytes / bandwidth, two hops through a Switch; 1 GB = 2^30 B.
namespace hockney::exports {
namespace {

constexpr double hops_of_switch = 2;
constexpr double bytes_per_gb = 1ULL << 30U;

struct Dimension {
  std::uint32_t npus;
  Group pair;
};

void add(std::string& list, const std::string& value) { list += (list.empty() ? "" : ", ") + value; }

Exported write(const Cluster& cluster) {
  require_several_gpus(cluster, astra_sim.name);
  std::string topology, npus, bandwidth, latency;
  Exported made;
  for (const Dimension& each : {Dimension{cluster.gpus_per_node, pair_inside()}, {cluster.nodes, pair_across()}}) {
    if (each.npus > 1) {  // ASTRA-sim refuses a dimension of one
      const Line line = line_through(cluster, Operation::ping_pong, each.pair, made.notes);
      add(topology, "Switch");
      add(npus, std::to_string(each.npus));
      add(bandwidth, fmt::format("{:.9g}", 1 / line.beta_s_per_byte / bytes_per_gb));
      add(latency, fmt::format("{:.9g}", line.alpha_s * 1e9 / hops_of_switch));
    }
  }
  made.notes.emplace_back(
      "bandwidth: 1 GB is 2^30 B, as in astra-network-analytical; some forks take 10^9. Collectives are simulated from "
      "these links, not read off measured collectives");
  made.files.push_back({"", fmt::format("# {}; GB = 2^30 B, latency in ns per hop (half of a transfer's)\n"
                                        "topology: [ {} ]\nnpus_count: [ {} ]\nbandwidth: [ {} ]\nlatency: [ {} ]\n",
                                        cluster.name, topology, npus, bandwidth, latency)});
  return made;
}

}  // namespace

const Format astra_sim{"astra-sim", "ASTRA-sim, network YAML of the analytical backend",
                       "segments; measured collectives: it simulates them from the links; intervals", false, write};

}  // namespace hockney::exports
