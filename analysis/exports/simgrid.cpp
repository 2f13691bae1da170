#include <fmt/format.h>

#include "base/error.hpp"
#include "exports/writers.hpp"

// SimGrid platform DTD 4.1: a message takes the latencies of its route's links and bytes / the smallest bandwidth
// share. Factors (network/latency-factor, network/bandwidth-factor) multiply both for all messages of a size.
namespace hockney::exports {
namespace {

constexpr std::uint32_t most_gpus = 256;  // a route per pair: 256 GPUs make 32,640 of them

// CM02 with factors 1, no window of TCP and no share of acknowledgements: a message then takes what the links say.
constexpr const char* head = R"(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <config>
    <prop id="network/model" value="CM02"/>
    <prop id="network/latency-factor" value="1"/>
    <prop id="network/bandwidth-factor" value="1"/>
    <prop id="network/weight-S" value="0"/>
    <prop id="network/TCP-gamma" value="0"/>
    <prop id="network/crosstraffic" value="0"/>
  </config>
)";

std::string link(std::string_view kind, std::uint32_t index, const Line& line) {
  return fmt::format(
      "    <link id=\"{}-{}\" bandwidth=\"{:.9g}Bps\" latency=\"{:.9g}s\" sharing_policy=\"SPLITDUPLEX\"/>\n", kind,
      index, 1 / line.beta_s_per_byte, line.alpha_s / 2);
}

std::uint32_t nic_of(const Cluster& cluster, std::uint32_t gpu) {
  const std::uint32_t local = gpu % cluster.gpus_per_node * cluster.nics_per_node / cluster.gpus_per_node;
  return gpu / cluster.gpus_per_node * cluster.nics_per_node + local;
}

std::string route(const Cluster& cluster, std::uint32_t a, std::uint32_t b) {
  const bool inside = a / cluster.gpus_per_node == b / cluster.gpus_per_node;
  const char* const kind = inside ? "nvlink" : "nic";
  return fmt::format(
      "    <route src=\"gpu-{0}\" dst=\"gpu-{1}\"><link_ctn id=\"{2}-{3}\" direction=\"UP\"/>"
      "<link_ctn id=\"{2}-{4}\" direction=\"DOWN\"/></route>\n",
      a, b, kind, inside ? a : nic_of(cluster, a), inside ? b : nic_of(cluster, b));
}

std::string platform(const Cluster& cluster, const Line* inside, const Line* across) {
  std::string text = head;
  text += fmt::format("  <zone id=\"{}\" routing=\"Full\">\n", "cluster");
  for (std::uint32_t gpu = 0; gpu < cluster.gpus(); ++gpu) {
    text += fmt::format("    <host id=\"gpu-{}\" speed=\"{:.9g}f\"/>\n", gpu, cluster.gpu.matrix_flops_per_s);
    text += inside != nullptr ? link("nvlink", gpu, *inside) : "";
  }
  for (std::uint32_t nic = 0; across != nullptr && nic < cluster.nodes * cluster.nics_per_node; ++nic) {
    text += link("nic", nic, *across);
  }
  for (std::uint32_t a = 0; a < cluster.gpus(); ++a) {
    for (std::uint32_t b = a + 1; b < cluster.gpus(); ++b) {
      text += route(cluster, a, b);
    }
  }
  return text + "  </zone>\n</platform>\n";
}

struct Factors {
  std::string latency;
  std::string bandwidth;
};

/// What the latency and the rate are multiplied by for one size.
struct Factor {
  double latency = 1;
  double bandwidth = 1;
};

// Where the latency is the larger part of the line it takes the difference, elsewhere the rate does, so that no factor
// has to undo a part that hardly counts; both do where the time is not even the part that is left.
Factor factor_of(const Line& line, double bytes, double time) {
  const double bytes_s = line.beta_s_per_byte * bytes;
  const bool by_latency = bytes_s <= line.alpha_s;
  if (time <= (by_latency ? bytes_s : line.alpha_s)) {
    const double share = time / line.at(bytes);
    return {share, 1 / share};
  }
  return by_latency ? Factor{(time - bytes_s) / line.alpha_s, 1} : Factor{1, bytes_s / (time - line.alpha_s)};
}

// Each from its size up to the next one.
Factors factors(const Cluster& cluster, const Group& pair, const Line& line) {
  Factors made;
  for (Bytes payload = smallest_payload; payload <= gibibytes(1); payload = payload * 2) {
    const double time = cluster.ask(Operation::ping_pong, pair, payload);
    const Factor factor = factor_of(line, static_cast<double>(payload.count), time);
    const std::uint64_t from = payload == smallest_payload ? 0 : payload.count;
    const char* const next = made.latency.empty() ? "" : ";";
    made.latency += fmt::format("{}{}:{:.6g}", next, from, factor.latency);
    made.bandwidth += fmt::format("{}{}:{:.6g}", next, from, factor.bandwidth);
  }
  return made;
}

std::string settings_of(std::string_view where, const Factors& made) {
  return fmt::format("{}:\n--cfg=smpi/lat-factor:\"{}\"\n--cfg=smpi/bw-factor:\"{}\"\n", where, made.latency,
                     made.bandwidth);
}

Exported write(const Cluster& cluster) {
  if (cluster.gpus() > most_gpus || cluster.gpus() < 2) {
    throw InputError(fmt::format("simgrid: a route for every pair of {} GPUs; expected 2 to {} GPUs (--nodes)",
                                 cluster.gpus(), most_gpus));
  }
  Line inside, across;
  Exported made;
  std::string settings;
  if (cluster.gpus_per_node > 1) {
    inside = line_through(cluster, Operation::ping_pong, pair_inside(), made.notes);
    settings += settings_of("inside a node", factors(cluster, pair_inside(), inside));
  }
  if (cluster.nodes > 1) {
    across = line_through(cluster, Operation::ping_pong, pair_across(), made.notes);
    settings += settings_of("between nodes", factors(cluster, pair_across(), across));
  }
  made.files = {{"platform.xml", platform(cluster, cluster.gpus_per_node > 1 ? &inside : nullptr,
                                          cluster.nodes > 1 ? &across : nullptr)},
                {"factors.txt", settings}};
  made.notes.emplace_back(
      "factors.txt: flags for smpirun (SimGrid 3.32 and older; later ones call them network/latency-factor and "
      "network/bandwidth-factor) that make transfers exact at powers of two. SimGrid has one set for all links: take "
      "that "
      "of the links that matter. S4U needs none");
  return made;
}

}  // namespace

const Format simgrid{"simgrid", "SimGrid, platform.xml for S4U and SMPI, and factors for smpirun",
                     "measured collectives: it simulates them; factors by kind of link; over 256 GPUs", true, write};

}  // namespace hockney::exports
