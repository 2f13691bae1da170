#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"
#include "exports/writers.hpp"

// meta-pytorch/autoparallel cost_models and benchmarks/nccl_cost_model/tools/fit_profile.py: of (nodes, ranks per node)
// time_us = latency_us + bytes / (1000 bandwidth ramp(x)), x = log2(bytes per rank / 64), ramps of 24 points.
namespace hockney::exports {
namespace {

constexpr std::size_t ramp_points = 24;
constexpr double least_ramp = 0.01;
constexpr Bytes largest_of_latency = kibibytes(64);

struct Entry {
  double latency_us = 0;
  double bandwidth = 0;  // GB/s, bytes of the payload over the time beyond the latency
  std::array<double, ramp_points> ramp{};
};

Entry entry_of(const Cluster& cluster, Operation operation, const Group& group) {
  std::array<double, ramp_points> times{};
  std::array<double, ramp_points> sizes{};
  Entry entry;
  for (std::size_t x = 0; x < ramp_points; ++x) {
    const Bytes payload{(std::uint64_t{64} << x) * group.ranks};
    times[x] = cluster.ask(operation, group, payload) * 1e6;
    sizes[x] = static_cast<double>(payload.count);
    const bool is_small = payload <= largest_of_latency || x == 0;
    entry.latency_us = x == 0 ? times[x] : std::min(entry.latency_us, is_small ? times[x] : entry.latency_us);
  }
  for (std::size_t x = 0; x < ramp_points; ++x) {
    const double beyond_us = times[x] - entry.latency_us;
    entry.ramp[x] = beyond_us > 0 ? sizes[x] / (1000 * beyond_us) : 0;
    // the smallest sizes lie within the noise of the latency; their rate means nothing
    entry.bandwidth = x + 6 >= ramp_points ? std::max(entry.bandwidth, entry.ramp[x]) : 0;
  }
  if (entry.bandwidth == 0) {
    throw InputError(
        fmt::format("autoparallel: {} of {}: takes no longer at {} than the latency of {:.6g} us, so that no "
                    "rate follows",
                    name_of(operation), to_string(group),
                    to_string(Bytes{(std::uint64_t{64} << (ramp_points - 1)) * group.ranks}), entry.latency_us));
  }
  for (double& value : entry.ramp) {
    value = value == 0 ? 1 : std::clamp(value / entry.bandwidth, least_ramp, 1.0);
  }
  return entry;
}

struct Tables {
  std::string rates;
  std::string ramps;
};

void add(Tables& tables, const Entry& entry, std::uint32_t nodes, std::uint32_t per_node) {
  tables.rates +=
      fmt::format("        ({}, {}): ({:.6f}, {:.6f}),\n", nodes, per_node, entry.latency_us, entry.bandwidth);
  tables.ramps += fmt::format("        ({}, {}): (\n", nodes, per_node);
  for (const double value : entry.ramp) {
    tables.ramps += fmt::format("            {:.6f},\n", value);
  }
  tables.ramps += "        ),\n";
}

Tables tables_of(const Cluster& cluster, Operation operation) {
  Tables tables;
  for (std::uint32_t nodes = 1; nodes <= cluster.nodes; nodes *= 2) {
    for (std::uint32_t per_node = 1; per_node <= cluster.gpus_per_node; per_node *= 2) {
      const Group group = spread(cluster, nodes, per_node);
      if (group.ranks > 1 && known_time(cluster, operation, group, mebibytes(1))) {
        add(tables, entry_of(cluster, operation, group), nodes, per_node);
      }
    }
  }
  return tables;
}

Exported write(const Cluster& cluster) {
  std::string rates, ramps;
  for (const Operation operation : planned_collectives) {
    const Tables tables = tables_of(cluster, operation);
    rates += fmt::format("    \"{}\": {{\n{}    }},\n", name_of(operation), tables.rates);
    ramps += fmt::format("    \"{}\": {{\n{}    }},\n", name_of(operation), tables.ramps);
  }
  Exported made;
  made.files.push_back(
      {"", fmt::format("# {}: (nodes, ranks per node): (latency in us, GB/s of the payload)\n"
                       "RUNTIME_TABLES = {{\n{}}}\n\n# share of that rate at 64 B, 128 B ... per rank\n"
                       "RUNTIME_RAMPS = {{\n{}}}\n",
                       cluster.name, rates, ramps)});
  made.notes = {
      "a time that is less than the latency plus the fastest rate, or a hundred times slower, is bent to that: "
      "a ramp lies between 0.01 and 1",
      "groups of 1, 2, 4 ... nodes and GPUs per node, as far as something measured can answer"};
  return made;
}

}  // namespace

const Format autoparallel{"autoparallel", "meta-pytorch/autoparallel, a profile of cost_models/",
                          "times between the powers of two per rank; transfers; intervals", false, write};

}  // namespace hockney::exports
