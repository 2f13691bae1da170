#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "exports/writers.hpp"

// vTrain: trace/GPU/AR_GPU{n}_1M_1024M_LUT in steps of 1 MiB; the reader takes the last two columns (ns, GB/s). The
// configuration's inter_node_bandwidth is in Gbit/s of 2^30 bits, and a transfer takes bytes / ((bw 2^30 / 8) / 4).
namespace hockney::exports {
namespace {

constexpr std::uint32_t largest_mib = 1024;
constexpr double bits_of_gbit = 1ULL << 30U;
constexpr double quarter_of_node = 4;

std::string table_of(const Cluster& cluster, std::uint32_t gpus) {
  const Group group = neighbours(cluster, gpus);
  std::string text = "size(B),count,type,time(ns),busbw(GB/s),time(ns),busbw(GB/s)\n";
  for (std::uint32_t mib = 1; mib <= largest_mib; ++mib) {
    const Bytes size = mebibytes(mib);
    const double time = cluster.ask(Operation::all_reduce, group, size);
    const std::string pair =
        fmt::format("{:.0f},{:.2f}", time * 1e9, bus_bandwidth(Operation::all_reduce, group, size, time) / 1e9);
    text += fmt::format("{},{},float,{},{}\n", size.count, size.count / 4, pair, pair);
  }
  return text;
}

// Bytes per second at the reference, from which vTrain takes every other time.
double rate_of(const Cluster& cluster, Operation operation, const Group& group, Notes& notes) {
  const double size = static_cast<double>(cluster.reference.count);
  const double rate = size / cluster.ask(operation, group, cluster.reference);
  note_error(
      cluster, operation, group, "one rate without a latency", [rate](double bytes) { return bytes / rate; }, notes);
  return rate;
}

nlohmann::ordered_json keys_of(const Cluster& cluster, Notes& notes) {
  nlohmann::ordered_json json{{"gpu_name", cluster.gpu.name}, {"node_size", cluster.gpus_per_node}};
  if (cluster.nodes > 1) {
    const double transfer = rate_of(cluster, Operation::ping_pong, pair_across(), notes);
    const double ring = rate_of(cluster, Operation::all_reduce, neighbours(cluster, cluster.gpus()), notes);
    json["inter_node_bandwidth"] = transfer * 8 * quarter_of_node / bits_of_gbit;
    json["intra_node_bandwidth"] = ring / bits_of_gbit;
    notes.emplace_back(
        "vTrain has no latency between nodes, where its two rates answer; inter_node_bandwidth undoes its fixed "
        "division by 4, intra_node_bandwidth is for all-reduces over more than 8 GPUs");
  }
  return json;
}

Exported write(const Cluster& cluster) {
  require_pair_inside(cluster, vtrain.name);
  Exported made;
  for (std::uint32_t gpus = 2; gpus <= std::min(cluster.gpus_per_node, 8U); ++gpus) {
    made.files.push_back({fmt::format("AR_GPU{}_1M_1024M_LUT", gpus), table_of(cluster, gpus)});
  }
  made.files.push_back({"network_keys.json", keys_of(cluster, made.notes).dump(2) + "\n"});
  made.notes.push_back(fmt::format(
      "the tables belong into trace/{}/, the keys of network_keys.json into the configuration; a table is exact at "
      "whole MiB",
      lower_case(cluster.gpu.name)));
  return made;
}

}  // namespace

const Format vtrain{"vtrain", "vTrain, trace/GPU/AR_GPUn_1M_1024M_LUT and the configuration's rates",
                    "all operations but all-reduce and transfers; sizes below 1 MiB; latency between nodes; intervals",
                    true, write};

}  // namespace hockney::exports
