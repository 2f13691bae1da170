#include <fmt/format.h>

#include "base/error.hpp"
#include "exports/writers.hpp"

// ColossalAI colossalai/device: alpha_beta_dict {(i, j): (s, s/B)} from all-reduces of two ranks, and per axis of a
// mesh alpha + 2 beta (n - 1) / n S (+ 0.01) of an all-reduce.
namespace hockney::exports {
namespace {

constexpr std::uint32_t most_ranks = 512;  // 512 x 511 pairs are 10 MB of text

std::string pairs(const Cluster& cluster, Notes& notes) {
  const Line inside = line_through(cluster, Operation::all_reduce, pair_inside(), notes);
  const Line across = cluster.nodes > 1 ? line_through(cluster, Operation::all_reduce, pair_across(), notes) : inside;
  std::string text;
  for (std::uint32_t i = 0; i < cluster.gpus(); ++i) {
    for (std::uint32_t j = 0; j < cluster.gpus(); ++j) {
      const Line& line = i / cluster.gpus_per_node == j / cluster.gpus_per_node ? inside : across;
      text += i == j ? "" : fmt::format("    ({}, {}): ({:.6g}, {:.6g}),\n", i, j, line.alpha_s, line.beta_s_per_byte);
    }
  }
  return text;
}

Line per_wire_byte(const Cluster& cluster, const Group& group, Notes& notes) {
  const Line line = line_through(cluster, Operation::all_reduce, group, notes);
  return {line.alpha_s, line.beta_s_per_byte / wire_factor(Operation::all_reduce, group.ranks)};
}

Exported write(const Cluster& cluster) {
  require_pair_inside(cluster, colossalai.name);
  if (cluster.gpus() > most_ranks) {
    throw InputError(
        fmt::format("colossalai: a dictionary of all pairs of {} GPUs is too long; expected {} GPUs or "
                    "fewer (--nodes)",
                    cluster.gpus(), most_ranks));
  }
  Exported made;
  const std::string dictionary = pairs(cluster, made.notes);
  const Line axis = per_wire_byte(cluster, neighbours(cluster, cluster.gpus_per_node), made.notes);
  Line nodes{};
  if (cluster.nodes > 1) {
    nodes = per_wire_byte(cluster, spread(cluster, cluster.nodes, 1), made.notes);
  }
  made.files.push_back({"", fmt::format("# {}: seconds and seconds per byte\nalpha_beta_dict = {{\n{}}}\n"
                                        "# axis 0: {} nodes, axis 1: {} GPUs of a node\n"
                                        "mesh_alpha = [{:.6g}, {:.6g}]\nmesh_beta = [{:.6g}, {:.6g}]\n",
                                        cluster.name, dictionary, cluster.nodes, cluster.gpus_per_node, nodes.alpha_s,
                                        axis.alpha_s, nodes.beta_s_per_byte, axis.beta_s_per_byte)});
  made.notes.emplace_back(
      "ColossalAI adds constants to a time (0.01 to an all-reduce, 0.1 to an all-gather): beside seconds they "
      "are large, so that only differences of its times mean something");
  made.notes.emplace_back(
      "pass alpha_beta_dict, or mesh_alpha and mesh_beta to DeviceMesh; its own profiler returns beta x 1e10 "
      "for a mesh, which these are not");
  return made;
}

}  // namespace

const Format colossalai{"colossalai", "ColossalAI, alpha_beta_dict and DeviceMesh(mesh_alpha, mesh_beta)",
                        "segments; all operations but all-reduce, which the others follow from; intervals", false,
                        write};

}  // namespace hockney::exports
