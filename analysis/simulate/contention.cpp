#include "simulate/contention.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/error.hpp"

namespace hockney::simulate {
namespace {

// Fine enough that the latency of a large operation, and with it room for others, is spread over its time.
constexpr double smallest_slice = 64 * 1024;
constexpr double most_slices = 32;

std::uint32_t port_of(const Node& node, std::uint64_t gpu) {
  return static_cast<std::uint32_t>(gpu * node.ports / node.gpus);
}

std::uint64_t gpus_of(const Group& group) { return std::uint64_t{group.ranks_per_node} * group.concurrent; }

std::uint32_t last_gpu(const Group& group) { return static_cast<std::uint32_t>(group.first + gpus_of(group) - 1); }

// Of the GPUs of a phase, the most that share a port.
std::uint32_t fullest_port(const Group& group, const Node& node) {
  std::vector<std::uint32_t> ranks(node.ports);
  for (std::uint32_t gpu = group.first; gpu <= last_gpu(group); ++gpu) {
    ++ranks[port_of(node, gpu)];
  }
  return *std::max_element(ranks.begin(), ranks.end());
}

double bytes_through_port(const Message& message, const Node& node, std::uint32_t ports) {
  const Group& group = message.placed.group;
  const double payload = static_cast<double>(message.payload.count);
  if (is_point_to_point(message.operation)) {
    return payload * fullest_port(group, node);
  }
  if (message.operation == Operation::all_to_all) {
    const double leaving = group.ranks - group.ranks_per_node;
    return payload * leaving / group.ranks * fullest_port(group, node);
  }
  return payload * wire_factor(message.operation, group.ranks) * group.concurrent / ports;
}

Step step_of(const Phase& phase, const Load& load) {
  Step step;
  step.latency_s = load.ports == 0 ? phase.alone_s : phase.latency_s;
  step.bytes = load.bytes;
  step.most_bytes_per_s = load.bytes_per_s;
  step.slices = static_cast<std::size_t>(std::clamp(load.bytes / smallest_slice, 1.0, most_slices));
  if (phase.parts > 0) {
    step.slices = phase.parts;
  }
  step.operations = phase.message.count;
  return step;
}

// On `span` nodes from `first` on.
Flow flow_of(const Chain& chain, const Node& node, std::uint32_t first, std::uint32_t span) {
  Flow flow{.steps = {}, .rounds = chain.rounds, .compute_s = chain.compute_s, .pace = chain.pace};
  for (const Phase& phase : chain.phases) {
    const Load load = load_of(phase, node);
    Step& step = flow.steps.emplace_back(step_of(phase, load));
    for (std::uint32_t place = first; place < first + span; ++place) {
      for (std::uint32_t port = load.first_port; port < load.first_port + load.ports; ++port) {
        step.links.push_back(std::size_t{place} * node.ports + port);
      }
    }
  }
  return flow;
}

}  // namespace

bool splits_evenly(Operation operation) { return is_synchronising(operation) || is_point_to_point(operation); }

Load load_of(const Phase& phase, const Node& node) {
  const Group& group = phase.message.placed.group;
  if (group.first + gpus_of(group) > node.gpus) {
    throw InputError(fmt::format("{} ranks per node times {} groups, from GPU {} on: a node has {} GPUs",
                                 group.ranks_per_node, group.concurrent, group.first, node.gpus));
  }
  if (!phase.message.placed.crosses_nodes() || phase.alone_s <= phase.latency_s) {
    return {};
  }
  Load load;
  load.first_port = port_of(node, group.first);
  load.ports = port_of(node, last_gpu(group)) - load.first_port + 1;
  const double bytes = bytes_through_port(phase.message, node, load.ports);
  const double seconds = phase.alone_s - phase.latency_s;
  load.bytes_per_s = std::min(bytes / seconds, node.port_bytes_per_s);
  load.bytes = load.bytes_per_s * seconds;
  load.counted = load.bytes / bytes;
  return load;
}

double Chain::all_alone_s() const {
  double sum = compute_s * static_cast<double>(rounds);
  for (const Phase& phase : phases) {
    sum += phase.all_alone_s();
  }
  return sum;
}

std::vector<FlowTimes> times_together(std::span<const Chain> chains, const Node& node, std::uint32_t nodes) {
  Network network;
  network.link_bytes_per_s.assign(std::size_t{nodes} * node.ports, node.port_bytes_per_s);
  std::vector<std::size_t> chain_of_flow;
  for (std::size_t i = 0; i < chains.size(); ++i) {
    const std::vector<Phase>& phases = chains[i].phases;
    const std::uint32_t span = phases.empty() ? nodes : std::min(phases.front().message.placed.nodes, nodes);
    for (std::uint32_t first = 0; first + span <= nodes; first += span) {
      network.flows.push_back(flow_of(chains[i], node, first, span));
      chain_of_flow.push_back(i);
    }
  }
  const std::vector<FlowTimes> times = flow_times(network);
  std::vector<FlowTimes> last(chains.size());
  for (std::size_t flow = 0; flow < times.size(); ++flow) {
    FlowTimes& of_chain = last[chain_of_flow[flow]];
    if (times[flow].end_s >= of_chain.end_s) {
      of_chain = times[flow];
    }
  }
  return last;
}

}  // namespace hockney::simulate
