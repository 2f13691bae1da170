#include <bit>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "exports/writers.hpp"

// Hetu-Galvatron galvatron/profile_hardware: rates in MiB/ms at 32 MiB, times in ms, every power of two down to 2.
namespace hockney::exports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint32_t probe_mib = 32;      // the one size of its bandwidth files
constexpr std::uint32_t most_sp_mib = 1024;  // of its sp_time file

double rate(double mib, double time_s) { return mib / (time_s * 1e3); }

double all_reduce_rate(const Cluster& cluster, const Group& group) {
  const double time = cluster.ask(Operation::all_reduce, group, mebibytes(probe_mib));
  return rate(wire_factor(Operation::all_reduce, group.ranks) * probe_mib, time);
}

// n ranks, one of every W / n: spread over the nodes as far as they go
Group strided(const Cluster& cluster, std::uint32_t ranks) {
  const std::uint32_t per_node = std::max(ranks / cluster.nodes, 1U);
  return spread(cluster, ranks / per_node, per_node);
}

Json all_reduce_file(const Cluster& cluster) {
  Json json;
  for (std::uint32_t n = cluster.gpus(); n >= 2; n /= 2) {
    json[fmt::format("allreduce_size_{}_consec_1", n)] = all_reduce_rate(cluster, neighbours(cluster, n));
    if (n < cluster.gpus()) {
      json[fmt::format("allreduce_size_{}_consec_0", n)] = all_reduce_rate(cluster, strided(cluster, n));
    }
  }
  return json;
}

Json transfer_file(const Cluster& cluster) {
  const Group pair = cluster.nodes > 1 ? pair_across() : pair_inside();
  const double time = cluster.ask(Operation::pipeline_forward_backward, pair, mebibytes(probe_mib));
  Json json;
  for (std::uint32_t stages = 2; stages <= cluster.gpus(); stages *= 2) {
    json[fmt::format("pp_size_{}", stages)] = rate(probe_mib, time);
  }
  return json;
}

Json times_file(const Cluster& cluster) {
  Json json;
  for (std::uint32_t n = cluster.gpus(); n >= 2; n /= 2) {
    const Group group = neighbours(cluster, n);
    for (std::uint32_t mib = 1; mib <= most_sp_mib; mib *= 2) {
      json[fmt::format("allreduce_size_{}_{}MB_time", n, mib)] =
          cluster.ask(Operation::all_reduce, group, mebibytes(mib)) * 1e3;
      json[fmt::format("all2all_size_{}_{}MB_time", n, mib)] =
          cluster.ask(Operation::all_to_all, group, mebibytes(mib)) * 1e3;
    }
  }
  return json;
}

Exported write(const Cluster& cluster) {
  if (!std::has_single_bit(cluster.gpus()) || cluster.gpus() < 2) {
    throw InputError(
        fmt::format("galvatron: its files need a number of GPUs that is a power of two, 2 or more; {} "
                    "nodes of {} have {} (--nodes, --ranks-per-node)",
                    cluster.nodes, cluster.gpus_per_node, cluster.gpus()));
  }
  const std::string shape = fmt::format("{}nodes_{}gpus_per_node.json", cluster.nodes, cluster.gpus_per_node);
  const Json overlap{{"overlap_coe", 1 / (1 - cluster.gpu.collective_share)}};
  Exported made;
  made.files = {{"allreduce_bandwidth_" + shape, all_reduce_file(cluster).dump(4) + "\n"},
                {"p2p_bandwidth_" + shape, transfer_file(cluster).dump(4) + "\n"},
                {"sp_time_" + shape, times_file(cluster).dump(4) + "\n"},
                {"overlap_coefficient.json", overlap.dump(4) + "\n"}};
  made.notes = {
      fmt::format("overlap_coe is not measured: 1 / (1 - {:.3g}), the share of multiprocessors that a collective "
                  "occupies on {}",
                  cluster.gpu.collective_share, cluster.gpu.name),
      "pp_size_N: one transfer by itself, between nodes where there are several; Galvatron would measure all "
      "boundaries of the chain at once"};
  return made;
}

}  // namespace

const Format galvatron{"galvatron", "Hetu-Galvatron, profile_hardware/hardware_configs/*.json",
                       "latency and segments of data and pipeline parallelism: one rate at 32 MiB; intervals", true,
                       write};

}  // namespace hockney::exports
