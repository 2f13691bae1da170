#include <fmt/format.h>

#include "exports/writers.hpp"

// ai-dynamo/aiconfigurator: collectors write nccl_perf.txt with sizes in elements (nccl-tests' size / size of an
// element) and times in ms; a transfer takes bytes / inter_node_bw + p2p_latency.
namespace hockney::exports {
namespace {

constexpr std::uint64_t bytes_of_half = 2;
constexpr const char* version = "hockney";

std::string_view named(Operation operation) {
  return operation == Operation::all_to_all ? "alltoall" : name_of(operation);
}

void add_rows(std::string& table, const Cluster& cluster, Operation operation, std::uint32_t gpus) {
  for (Bytes payload{512}; payload <= mebibytes(512); payload = payload * 2) {
    const double time = cluster.ask(operation, neighbours(cluster, gpus), payload);
    table += fmt::format("Hockney,{},{},{},NCCL,half,{},{},{:.9g}\n", version, cluster.gpu.name, named(operation), gpus,
                         payload.count / bytes_of_half, time * 1e3);
  }
}

std::string table_of(const Cluster& cluster, Notes& notes) {
  std::string table = "framework,version,device,op_name,kernel_source,nccl_dtype,num_gpus,message_size,latency\n";
  for (const Operation operation : planned_collectives) {
    for (std::uint32_t gpus = 2; gpus <= std::min(cluster.gpus_per_node, 8U); gpus *= 2) {
      if (known_time(cluster, operation, neighbours(cluster, gpus), mebibytes(1))) {
        add_rows(table, cluster, operation, gpus);
      } else {
        notes.push_back(fmt::format("no rows of {} on {} GPUs: nothing measured can answer", named(operation), gpus));
      }
    }
  }
  return table;
}

std::string node_of(const Cluster& cluster, Notes& notes) {
  const Group node = neighbours(cluster, cluster.gpus_per_node);
  const double time = cluster.ask(Operation::all_reduce, node, cluster.reference);
  std::string text = fmt::format(
      "# {}: put these into the system's YAML; B/s per GPU in one direction, s\nnode:\n"
      "  num_gpus_per_node: {}\n  intra_node_bw: {:.9g}\n",
      cluster.name, cluster.gpus_per_node, bus_bandwidth(Operation::all_reduce, node, cluster.reference, time));
  if (cluster.nodes > 1) {
    const Line line = line_through(cluster, Operation::ping_pong, pair_across(), notes);
    text += fmt::format("  inter_node_bw: {:.9g}\n  p2p_latency: {:.9g}\n", 1 / line.beta_s_per_byte, line.alpha_s);
  }
  return text + fmt::format("misc:\n  nccl_version: '{}'\n", version);
}

Exported write(const Cluster& cluster) {
  require_pair_inside(cluster, aiconfigurator.name);
  Exported made;
  made.files = {{"nccl_perf.txt", table_of(cluster, made.notes)}, {"node.yaml", node_of(cluster, made.notes)}};
  made.notes.emplace_back(
      "nccl_perf.txt is the collectors' CSV; its tools make nccl_perf.parquet of it, under comm/nccl/hockney/");
  made.notes.emplace_back(
      "half only: the same bytes take the same time as int8; pcie_bw and the GPU's own keys are not "
      "in node.yaml");
  return made;
}

}  // namespace

const Format aiconfigurator{"aiconfigurator", "ai-dynamo/aiconfigurator, nccl_perf.txt and the node part of a system",
                            "groups over nodes (it scales by rates); sizes outside 512 B to 512 MiB; intervals", true,
                            write};

}  // namespace hockney::exports
