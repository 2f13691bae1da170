/// known_launch FOLDER: writes a launch of known numbers and, beside it, known.json with the same numbers straight
/// from memory. Prints the launch file's path.
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "store/example_launch.hpp"
#include "store/launch_writer.hpp"

namespace {

using namespace hockney;

Measurement known_visit(Operation operation, std::uint64_t payload, std::uint32_t ranks, std::uint32_t pass) {
  Measurement visit = store::example_visit(payload % 7, ranks, 120);
  visit.point.become(operation);
  visit.point.payload = {payload};
  visit.point_id = payload / 1000;
  visit.pass = pass;
  if (pass == 1) {
    visit.host_s.clear();
  }
  for (std::size_t i = 0; i < visit.elapsed.size(); ++i) {
    visit.elapsed[i] = 1e-6 * (1 + std::sqrt(static_cast<double>(payload + 31 * i % 97)));
  }
  return visit;
}

nlohmann::json as_json(const Measurement& visit) {
  nlohmann::json samples = nlohmann::json::array();
  for (std::size_t i = 0; i < visit.samples(); ++i) {
    samples.push_back(std::vector<double>(visit.sample(i).begin(), visit.sample(i).end()));
  }
  return {{"name", visit.point.name()},
          {"point_id", visit.point_id},
          {"pass", visit.pass},
          {"bytes", visit.point.payload.count},
          {"operation", name_of(visit.point.operation)},
          {"element", name_of(visit.point.element)},
          {"algorithm", visit.point.algorithm},
          {"stop_reason", name_of(visit.stop)},
          {"flags", to_string(visit.flags)},
          {"t_utc_ns", visit.started_utc_ns},
          {"clock_step", visit.clock_step_s},
          {"clock_floor", visit.clock_floor_s},
          {"reduction", name_of(visit.point.reduction())},
          {"buffers", name_of(visit.point.buffers)},
          {"cache", name_of(visit.point.cache)},
          {"routing_skew", visit.point.routing().skew},
          {"routing_matrix", visit.point.routing().matrix},
          {"observed_algorithm", visit.observation.algorithm},
          {"observed_channels", visit.observation.channels},
          {"observed_connections", visit.observation.connections},
          {"t_estimate", visit.observation.estimate_s},
          {"settings", visit.observation.settings},
          {"before_sm_clock", visit.before.sm_clock_mhz},
          {"after_throttle_reasons", visit.after.throttle_reasons},
          {"t_enqueue", visit.enqueue_s},
          {"t_host", visit.host_s},
          {"wire_factor", wire_factor(visit.point.operation, visit.point.group.ranks)},
          {"elapsed", samples}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: known_launch FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  const Launch launch = store::example_launch();
  store::LaunchWriter writer(folder, launch.info, launch.provenance, launch.placements, launch.skipped);
  nlohmann::json known{{"run_uuid", launch.info.run_uuid},
                       {"campaign", launch.info.campaign},
                       {"seed", launch.info.seed},
                       {"n_ranks", launch.info.ranks},
                       {"provenance", launch.provenance},
                       {"hosts", {launch.placements[0].host, launch.placements[1].host}},
                       {"numa_nodes", {launch.placements[0].numa_node, launch.placements[1].numa_node}},
                       {"skipped", {{{"name", launch.skipped[0].point.name()}, {"reason", launch.skipped[0].reason}}}},
                       {"points", nlohmann::json::array()}};
  for (const std::uint32_t pass : {0U, 1U}) {
    for (const auto& [operation, ranks] :
         {std::pair{Operation::all_reduce, 4U}, {Operation::one_way_stream, 2U}, {Operation::all_gather, 3U}}) {
      const Measurement visit = known_visit(operation, 12000 + 24000 * ranks, ranks, pass);
      writer.append(visit);
      known["points"].push_back(as_json(visit));
    }
  }
  std::ofstream(folder / "known.json") << known;
  std::puts(writer.finish().c_str());
}
