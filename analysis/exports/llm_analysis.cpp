#include <algorithm>
#include <nlohmann/json.hpp>

#include "exports/writers.hpp"

// llm-analysis gpu_configs/*.json: time = max(2 (n - 1) / n S / bandwidth, smallest latency), GB of 10^9.
namespace hockney::exports {
namespace {

// busbw in GB/s, which answers bytes on the wire / busbw, but no time below a floor.
double ring_rate(const Cluster& cluster, Operation operation, const Group& group, double floor_s, Notes& notes) {
  const double time = cluster.ask(operation, group, cluster.reference);
  const double per_byte = time / static_cast<double>(cluster.reference.count);
  note_error(
      cluster, operation, group, floor_s > 0 ? "one rate and a floor" : "one rate without a latency",
      [&](double bytes) { return std::max(per_byte * bytes, floor_s); }, notes);
  return bus_bandwidth(operation, group, cluster.reference, time) / 1e9;
}

Exported write(const Cluster& cluster) {
  require_pair_inside(cluster, llm_analysis.name);
  const Processor& gpu = cluster.gpu;
  const Group node = neighbours(cluster, cluster.gpus_per_node);
  const Group all = neighbours(cluster, cluster.gpus());
  const Operation gather = Operation::all_gather;
  const double floor_s = cluster.ask(Operation::all_reduce, node, smallest_payload);
  const double peak_8bit = gpu.matrix_flops_per_s_8bit > 0 ? gpu.matrix_flops_per_s_8bit : gpu.matrix_flops_per_s;
  Exported made;
  nlohmann::ordered_json json{
      {"name", cluster.name + ", " + gpu.name},
      {"mem_per_GPU_in_GB", static_cast<double>(gpu.memory.count) / (1ULL << 30U)},
      {"hbm_bandwidth_in_GB_per_sec", gpu.memory_bytes_per_s / 1e9},
      {"intra_node_bandwidth_in_GB_per_sec", ring_rate(cluster, Operation::all_reduce, node, floor_s, made.notes)},
      {"intra_node_min_message_latency", floor_s},
      {"peak_fp16_TFLOPS", gpu.matrix_flops_per_s / 1e12},
      {"peak_i8_TFLOPS", peak_8bit / 1e12},
      {"peak_i4_TFLOPS", peak_8bit / 1e12},
      {"inter_node_bandwidth_in_GB_per_sec", ring_rate(cluster, gather, all, 0, made.notes)}};
  made.files.push_back({"", json.dump(2) + "\n"});
  note_if_one_node(cluster, "inter_node_bandwidth states", made.notes);
  made.notes.emplace_back("peak_i4_TFLOPS: the 8-bit peak stands there (no 4-bit peak is known)");
  made.notes.emplace_back(
      "inter_node_bandwidth: busbw of an all-gather over all GPUs, as its formula S (n - 1) / (n B) wants it");
  return made;
}

}  // namespace

const Format llm_analysis{"llm-analysis", "llm-analysis, gpu_configs/NAME.json",
                          "latency of all but small all-reduces (a floor, not a term); segments; pipeline transfers; "
                          "intervals",
                          false, write};

}  // namespace hockney::exports
