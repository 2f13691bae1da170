#include <array>
#include <fmt/format.h>

#include "exports/writers.hpp"

// SimAI astra-sim-alibabacloud/inputs/ratio and calbusbw.cc: a cell is a share of the peak busbw; the reader divides it
// by the last cell of its column, interpolates over sizes, and takes an empty cell for 1. Columns by number of nodes.
namespace hockney::exports {
namespace {

constexpr std::array<std::uint32_t, 8> nodes_of_columns{1, 2, 4, 8, 16, 32, 64, 128};
constexpr const char* header =
    "Size,1 Node(NVLinkx),2Node-16GPU(NIC ),4Node-32GPU(NIC),8Node-64GPU(NIC),16Node-128GPU(NIC),32Node-256GPU(NIC),"
    "64Node-512GPU(NIC),128Node-1024GPU(NIC),Multi 16,Multi 32,Muiti 64,Multi (NIC)\n";
constexpr Bytes smallest = mebibytes(16);
constexpr Bytes largest = gibibytes(16);

double busbw(const Cluster& cluster, Operation operation, std::uint32_t nodes, Bytes size) {
  const Group group = neighbours(cluster, nodes * cluster.gpus_per_node);
  return bus_bandwidth(operation, group, size, cluster.ask(operation, group, size));
}

bool is_known(const Cluster& cluster, Operation operation, std::uint32_t nodes) {
  return nodes <= cluster.nodes &&
         known_time(cluster, operation, neighbours(cluster, nodes * cluster.gpus_per_node), largest).has_value();
}

std::string table_of(const Cluster& cluster, Operation operation) {
  std::string text = header;
  for (Bytes size = smallest; size <= largest; size = size * 2) {
    text += std::to_string(size.count);
    for (const std::uint32_t nodes : nodes_of_columns) {
      text += ",";
      if (is_known(cluster, operation, nodes)) {
        text +=
            fmt::format("{:.6g}", busbw(cluster, operation, nodes, size) / busbw(cluster, operation, nodes, largest));
      }
    }
    text += ",,,,\n";
  }
  return text;
}

Exported write(const Cluster& cluster) {
  require_pair_inside(cluster, simai.name);
  const std::string gathers = table_of(cluster, Operation::all_gather);
  const double inside = busbw(cluster, Operation::all_gather, 1, largest);
  const double across = busbw(cluster, Operation::all_gather, cluster.nodes, largest);
  Exported made;
  made.files = {{"nvlink_ratio.csv", gathers},
                {"nic_ratio.csv", gathers},
                {"ata_ratio.csv", table_of(cluster, Operation::all_to_all)},
                {"flags.txt", fmt::format("-g_p_s {} -nv {:.6g} -nic {:.6g} -n_p_s {}\n", cluster.gpus_per_node,
                                          inside / 1e9, across / cluster.nics_per_node / 1e9, cluster.nics_per_node)}};
  made.notes = {
      "both ratio files hold all-gathers over whole nodes; SimAI uses them for tensor parallelism, and reads columns "
      "of 1, 2, 4 ... 128 nodes. Empty columns count as 1: no loss at small sizes",
      "ratios below 16 MiB are those of 16 MiB in SimAI; all-reduces and data parallelism get no ratio there"};
  note_if_one_node(cluster, "-nic states", made.notes);
  return made;
}

}  // namespace

const Format simai{"simai", "aliyun/SimAI, inputs/ratio/*.csv and the flags of the analytical binary",
                   "latency; sizes below 16 MiB; all-reduces and data parallelism (no ratio); intervals", true, write};

}  // namespace hockney::exports
