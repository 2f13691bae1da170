#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "exports/writers.hpp"

// Calculon systems/*.json and calculon/network.py: time(op, S, n) = latency + S scalar (1 + offset / n) / (bandwidth
// 1e9 efficiency). Every key of a network must be there and no other.
namespace hockney::exports {
namespace {

using Json = nlohmann::ordered_json;

constexpr double most_endpoints = 65536;  // of the tier between nodes, as in Calculon's own files

// A scalar that makes the operation exact at the reference, with the tier's latency and rate.
Json op(const Cluster& cluster, Operation operation, const Group& group, const Line& tier, double bandwidth,
        Notes& notes) {
  const double wire = is_point_to_point(operation) ? 1 : 1 - 1.0 / group.ranks;
  const double time = cluster.ask(operation, group, cluster.reference);
  if (time <= tier.alpha_s) {
    throw InputError(fmt::format(
        "calculon: {} of {} takes {:.6g} us at {}, and an all_reduce's latency, which is the tier's, is {:.6g} us: no "
        "rate follows; name a larger --payload",
        name_of(operation), to_string(group), time * 1e6, to_string(cluster.reference), tier.alpha_s * 1e6));
  }
  const Line line{tier.alpha_s, (time - tier.alpha_s) / static_cast<double>(cluster.reference.count)};
  note_error(
      cluster, operation, group, "one line with the tier's latency", [&](double bytes) { return line.at(bytes); },
      notes);
  const double scalar = line.beta_s_per_byte * bandwidth / wire;
  return {scalar, is_point_to_point(operation) ? Json(nullptr) : Json(-1)};
}

Json network(const Cluster& cluster, const Group& group, const Group& pair, double size, bool filled, Notes& notes) {
  const Line tier = line_through(cluster, Operation::all_reduce, group, notes);
  const double bandwidth = wire_factor(Operation::all_reduce, group.ranks) / tier.beta_s_per_byte;
  Json json{{"bandwidth", bandwidth / 1e9}, {"efficiency", 1.0}, {"size", size}, {"latency", tier.alpha_s}};
  json["ops"] = {{"p2p", op(cluster, Operation::ping_pong, pair, tier, bandwidth, notes)},
                 {"reduce_scatter", op(cluster, Operation::reduce_scatter, group, tier, bandwidth, notes)},
                 {"all_gather", op(cluster, Operation::all_gather, group, tier, bandwidth, notes)},
                 {"all_reduce", {2.0, -1}}};
  json["must_be_filled"] = filled;
  json["processor_usage"] = cluster.gpu.collective_share;
  return json;
}

Json networks(const Cluster& cluster, Notes& notes) {
  const Group node = neighbours(cluster, cluster.gpus_per_node);
  Json list = Json::array({network(cluster, node, pair_inside(), cluster.gpus_per_node, true, notes)});
  if (cluster.nodes > 1) {
    const Group all = neighbours(cluster, cluster.gpus());
    list.push_back(network(cluster, all, pair_across(), most_endpoints, false, notes));
  }
  return list;
}

Json unit(double flops_per_s, double efficiency) {
  return {{"tflops", flops_per_s / 1e12}, {"gflops_efficiency", {{"float16", Json::array({Json{0, efficiency}})}}}};
}

Json memory(double gib, double bytes_per_s) {
  return {{"GiB", gib}, {"GBps", bytes_per_s / 1e9}, {"MB_efficiency", Json::array({Json{0, 1.0}})}};
}

Exported write(const Cluster& cluster) {
  require_pair_inside(cluster, calculon.name);
  const Processor& gpu = cluster.gpu;
  Exported made;
  Json json{{"matrix", unit(gpu.matrix_flops_per_s, gpu.efficiency)}, {"vector", unit(gpu.matrix_flops_per_s, 1)}};
  json["mem1"] = memory(static_cast<double>(gpu.memory.count) / (1ULL << 30U), gpu.memory_bytes_per_s);
  json["mem2"] = memory(0, gpu.memory_bytes_per_s);
  json["processing_mode"] = "roofline";
  json["networks"] = networks(cluster, made.notes);
  made.notes.emplace_back(
      "vector.tflops: no peak of vector units is known; that of the matrix units stands there, so that under the "
      "roofline memory sets the time of vector work. mem2 (offloading) is empty: GiB 0");
  made.files.push_back({"", json.dump(2) + "\n"});
  return made;
}

}  // namespace

const Format calculon{"calculon", "Calculon, systems/NAME.json",
                      "one latency per tier, whatever the number of ranks; segments; all-to-all; intervals", false,
                      write};

}  // namespace hockney::exports
