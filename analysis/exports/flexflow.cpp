#include <array>
#include <fmt/format.h>
#include <string_view>

#include "exports/writers.hpp"

// FlexFlow machine_config_example, EnhancedMachineModel: latency in ms, "GB/s" = 1024 x 1024 B/ms. A NIC is two
// devices, in and out, each with half the latency and twice the bandwidth, so that the two together are what stands
// here.
namespace hockney::exports {
namespace {

constexpr double bytes_per_ms_of_gb = 1024.0 * 1024.0;
constexpr std::array<std::string_view, 3> places{"intra_socket", "inter_socket", "inter_node"};
constexpr std::array<std::string_view, 3> through_host{"sys_mem_to_sys_mem", "sys_mem_to_gpu_fb_mem",
                                                       "gpu_fb_mem_to_sys_mem"};

std::string device(std::string_view name, const Line& line) {
  return fmt::format("{0}_latency = {1:.9g}\n{0}_bandwidth = {2:.9g}\n", name, line.alpha_s * 1e3,
                     1e-3 / line.beta_s_per_byte / bytes_per_ms_of_gb);
}

std::string paths() {
  std::string text;
  for (const std::string_view place : places) {
    text += fmt::format("{}_gpu_fb_mem_to_gpu_fb_mem = {}\n", place, place == "inter_node" ? "nic" : "nvlink");
    for (const std::string_view path : through_host) {
      text += fmt::format("{}_{} = null\n", place, path);
    }
  }
  return text;
}

Exported write(const Cluster& cluster) {
  require_pair_inside(cluster, flexflow.name);
  Exported made;
  const Line inside = line_through(cluster, Operation::ping_pong, pair_inside(), made.notes);
  const Line across =
      cluster.nodes > 1 ? line_through(cluster, Operation::ping_pong, pair_across(), made.notes) : inside;
  const Line unused{0, inside.beta_s_per_byte};
  made.files.push_back({"", fmt::format("# {}: latency in ms, bandwidth in 1024 x 1024 B/ms\nnum_nodes = {}\n"
                                        "num_sockets_per_node = 1\nnum_cpus_per_socket = 1\nnum_gpus_per_socket = {}\n"
                                        "{}{}{}{}nic_persocket = 0\n{}{}",
                                        cluster.name, cluster.nodes, cluster.gpus_per_node, device("membus", unused),
                                        device("upi", unused), device("pci", unused), device("nic", across),
                                        device("nvlink", inside), paths())});
  note_if_one_node(cluster, "nic_latency and nic_bandwidth state", made.notes);
  made.notes.emplace_back(
      "paths through host memory are null (they cost nothing): Hockney measures between GPUs; membus, upi and "
      "pci are on no path");
  made.notes.emplace_back(
      "a node has one NIC here, with the rate of one GPU's own: FlexFlow lets GPUs of a node wait for it");
  return made;
}

}  // namespace

const Format flexflow{"flexflow", "FlexFlow, --machine-model-version 1 --machine-model-file FILE",
                      "measured collectives: it makes them of transfers; several NICs; segments; intervals", false,
                      write};

}  // namespace hockney::exports
