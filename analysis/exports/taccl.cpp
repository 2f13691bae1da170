#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "exports/writers.hpp"

// TACCL taccl/topologies: us; a beta is us/MB times the input size, so that a file is for one size; invbw = alpha +
// beta; costs are rounded down to integers, so that small ones must be scaled up (its guide: by 10, say).
namespace hockney::exports {
namespace {

constexpr double smallest_cost = 10;  // rounding down then takes 10 % of it at most

struct Link {
  double alpha_us;
  double beta_us;
};

Link link(const Cluster& cluster, const Group& pair, Notes& notes) {
  const Line line = line_through(cluster, Operation::ping_pong, pair, notes);
  return {line.alpha_s * 1e6, line.beta_s_per_byte * static_cast<double>(cluster.reference.count) * 1e6};
}

double scale_of(const Link& inside, const Link& across) {
  const double least = std::min(inside.beta_us, across.beta_us);
  double scale = 1;
  while (least * scale < smallest_cost) {
    scale *= 10;
  }
  return scale;
}

Exported write(const Cluster& cluster) {
  require_pair_inside(cluster, taccl.name);
  Exported made;
  const Link inside = link(cluster, pair_inside(), made.notes);
  const Link across = cluster.nodes > 1 ? link(cluster, pair_across(), made.notes) : inside;
  const double scale = scale_of(inside, across);
  nlohmann::ordered_json json{{"name", fmt::format("{}_{}", cluster.name, compact(cluster.reference))},
                              {"gpus_per_node", cluster.gpus_per_node},
                              {"alpha", inside.alpha_us * scale},
                              {"node_betas_list", {inside.beta_us * scale}},
                              {"node_invbws_list", {(inside.alpha_us + inside.beta_us) * scale}}};
  if (cluster.nodes > 1) {
    json["nics_per_node"] = cluster.nics_per_node;
    json["remote_alpha"] = across.alpha_us * scale;
    json["remote_beta"] = across.beta_us * scale;
    json["remote_invbw"] = (across.alpha_us + across.beta_us) * scale;
  }
  made.files.push_back({"", json.dump(2) + "\n"});
  made.notes.push_back(
      fmt::format("for an input of {} alone (--payload): TACCL wants a file per size", to_string(cluster.reference)));
  made.notes.push_back(
      fmt::format("all costs are microseconds times {:g}: TACCL rounds them down to whole numbers", scale));
  return made;
}

}  // namespace

const Format taccl{"taccl", "TACCL and MSCCL, topology JSON",
                   "all sizes but --payload; measured collectives: it synthesises them; intervals", false, write};

}  // namespace hockney::exports
