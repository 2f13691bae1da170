#include "exports/cluster.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/number.hpp"

namespace hockney::exports {

Group neighbours(const Cluster& cluster, std::uint32_t ranks) {
  return {.ranks = ranks, .ranks_per_node = std::min(ranks, cluster.gpus_per_node)};
}

Group spread(const Cluster& cluster, std::uint32_t nodes, std::uint32_t per_node) {
  const std::uint32_t beside = std::max(cluster.gpus_per_node / per_node, 1U);
  return {.ranks = nodes * per_node, .ranks_per_node = per_node, .stride = beside, .concurrent = beside};
}

Group pair_inside() { return {.ranks = 2, .ranks_per_node = 2}; }

Group pair_across() { return {.ranks = 2, .ranks_per_node = 1}; }

std::optional<double> known_time(const Cluster& cluster, Operation operation, const Group& group, Bytes payload) {
  try {
    return cluster.ask(operation, group, payload);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

double bus_bandwidth(Operation operation, const Group& group, Bytes payload, double time_s) {
  return wire_factor(operation, group.ranks) * static_cast<double>(payload.count) / time_s;
}

Line line_through(const Cluster& cluster, Operation operation, const Group& group) {
  const double small = cluster.ask(operation, group, smallest_payload);
  const double large = cluster.ask(operation, group, cluster.reference);
  if (large <= small) {
    throw InputError(
        fmt::format("{} of {}: takes no longer at {} than at {}, so that no rate follows; name a larger "
                    "--payload",
                    name_of(operation), to_string(group), to_string(cluster.reference), to_string(smallest_payload)));
  }
  const double from = static_cast<double>(smallest_payload.count);
  const double to = static_cast<double>(cluster.reference.count);
  const double alpha = std::max((small * to - large * from) / (to - from), 0.0);
  return {alpha, (large - alpha) / to};
}

Line line_through(const Cluster& cluster, Operation operation, const Group& group, Notes& notes) {
  const Line line = line_through(cluster, operation, group);
  note_error(
      cluster, operation, group, "one line", [&](double bytes) { return line.at(bytes); }, notes);
  return line;
}

void note_error(const Cluster& cluster, Operation operation, const Group& group, std::string_view what,
                const std::function<double(double bytes)>& law, Notes& notes) {
  double worst = 0;
  Bytes where = smallest_payload;
  for (Bytes payload = smallest_payload; payload <= gibibytes(1); payload = payload * 2) {
    const double answer = law(static_cast<double>(payload.count));
    const double error = std::abs(answer / cluster.ask(operation, group, payload) - 1);
    if (error > worst) {
      worst = error;
      where = payload;
    }
  }
  notes.push_back(fmt::format("{} of {}: {}, exact at {}; between {} and 1 GiB off by up to {} % (at {})",
                              name_of(operation), to_string(group), what, to_string(cluster.reference),
                              to_string(smallest_payload), percent(worst), to_string(where)));
}

void note_if_one_node(const Cluster& cluster, std::string_view keys, Notes& notes) {
  if (cluster.nodes == 1) {
    notes.push_back(fmt::format("one node: {} what was measured inside it; between nodes nothing is known", keys));
  }
}

void require_several_gpus(const Cluster& cluster, std::string_view format) {
  if (cluster.gpus() < 2) {
    throw InputError(
        fmt::format("{}: one GPU communicates with nobody; expected --nodes or --ranks-per-node above 1", format));
  }
}

void require_pair_inside(const Cluster& cluster, std::string_view format) {
  if (cluster.gpus_per_node < 2) {
    throw InputError(
        fmt::format("{}: a node of one GPU cannot be expressed; expected --ranks-per-node 2 or more", format));
  }
}

}  // namespace hockney::exports
