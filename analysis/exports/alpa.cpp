#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "exports/writers.hpp"

// Alpa alpa/mesh_profiling.py: MeshProfilingResult holds {(replica groups, dtype): [(elements, s) ...]} per collective,
// from size 0 on, whose time is subtracted. The database is a pickle, so that a Python program makes it of the JSON.
namespace hockney::exports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<const char*, std::uint64_t>, 2> dtypes{{{"f16", 2}, {"f32", 4}}};

constexpr const char* converter = R"(#!/usr/bin/env python3
"""Writes prof_database.pkl of times.json, where Alpa is installed."""
import json

from alpa.mesh_profiling import MeshProfilingResult, ProfilingResultDatabase

database = ProfilingResultDatabase()
for mesh in json.load(open("times.json"))["meshes"]:
    result = MeshProfilingResult()
    for name, entries in mesh["times"].items():
        getattr(result, name).update(
            {(tuple(map(tuple, entry["replica_groups"])), entry["dtype"]): [tuple(point) for point in entry["points"]]
             for entry in entries})
    database.data[("default", tuple(mesh["shape"]))] = result
database.save("prof_database.pkl")
)";

Json points_of(const Cluster& cluster, Operation operation, const Group& group, std::uint64_t bytes) {
  Json points = Json::array({Json{0, cluster.ask(operation, group, smallest_payload)}});
  for (Bytes payload = smallest_payload * 2; payload <= gibibytes(1); payload = payload * 2) {
    points.push_back({payload.count / bytes, cluster.ask(operation, group, payload)});
  }
  return points;
}

Json entries_of(const Cluster& cluster, Operation operation, const Group& group) {
  Json ranks = Json::array();
  for (std::uint32_t rank = 0; rank < group.ranks; ++rank) {
    ranks.push_back(rank);
  }
  Json entries = Json::array();
  for (const auto& [dtype, bytes] : dtypes) {
    entries.push_back({{"replica_groups", Json::array({ranks})},
                       {"dtype", dtype},
                       {"points", points_of(cluster, operation, group, bytes)}});
  }
  return entries;
}

Json mesh_of(const Cluster& cluster, std::uint32_t nodes, std::uint32_t per_node) {
  const Group group = neighbours(cluster, nodes * per_node);
  Json times;
  for (const Operation operation : planned_collectives) {
    times[fmt::format("{}_cost_dict", name_of(operation))] =
        known_time(cluster, operation, group, mebibytes(1)) ? entries_of(cluster, operation, group) : Json::array();
  }
  return {{"shape", {nodes, per_node}}, {"times", times}};
}

Exported write(const Cluster& cluster) {
  require_several_gpus(cluster, alpa.name);
  Json meshes = Json::array();
  for (std::uint32_t per_node = 2; per_node <= cluster.gpus_per_node; per_node *= 2) {
    meshes.push_back(mesh_of(cluster, 1, per_node));
  }
  for (std::uint32_t nodes = 2; nodes <= cluster.nodes; nodes *= 2) {
    meshes.push_back(mesh_of(cluster, nodes, cluster.gpus_per_node));
  }
  Exported made;
  made.files = {{"times.json", Json{{"meshes", meshes}}.dump(1) + "\n"}, {"to_pickle.py", converter}};
  made.notes = {fmt::format("size 0 has the time at {}, which Alpa subtracts from every other: latency is lost",
                            to_string(smallest_payload)),
                "one group over the whole of each mesh; a number of elements is that of the larger buffer",
                "dot_cost_dict and available_memory_per_device stay empty: Hockney exports communication"};
  return made;
}

}  // namespace

const Format alpa{"alpa", "Alpa, AutoStageOption.profiling_database_filename (by to_pickle.py)",
                  "latency (Alpa subtracts it); groups within a mesh; computation; intervals", true, write};

}  // namespace hockney::exports
