#include "scan/pair_times.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/error.hpp"
#include "record/usable.hpp"

namespace hockney::scan {
namespace {

constexpr std::string_view pair_name = "scan-pair";

// Of two columns of a sample, over all samples.
double median_of_slower_end(const Measurement& visit, std::size_t one, std::size_t other) {
  std::vector<double> times;
  for (std::size_t i = 0; i < visit.samples(); ++i) {
    times.push_back(std::max(visit.sample(i)[one], visit.sample(i)[other]));
  }
  return median(times);
}

// A damaged file must not lead beyond the columns of a sample.
void require_nodes(const ScanRecord& scan) {
  for (const Round& round : scan.rounds) {
    for (const NodePair& pair : round) {
      if (pair.one >= pair.other || pair.other >= scan.nodes) {
        throw InputError(fmt::format("provenance {}: pair {}-{}: expected two of {} nodes, the smaller first",
                                     rounds_fact, pair.one, pair.other, scan.nodes));
      }
    }
  }
}

}  // namespace

bool is_scan(const Launch& launch) { return launch.provenance.contains(rounds_fact); }

Case case_of_round(const Case& rails, const Round& round, std::size_t number, Bytes payload) {
  Case point = rails;
  point.become(Operation::all_to_all_v);
  point.payload = payload;
  point.own = routing_of(round, rails.group.ranks, name_of_round(number));
  return point;
}

Case case_of_pair(const Case& rails, const NodePair& pair, Bytes payload) {
  const std::uint32_t ranks_per_node = rails.group.stride;
  Case point = rails;
  point.become(Operation::all_to_all_v);
  point.payload = payload;
  point.group = {.ranks = 2,
                 .ranks_per_node = 1,
                 .stride = (pair.other - pair.one) * ranks_per_node,
                 .concurrent = ranks_per_node,
                 .first = pair.one * ranks_per_node};
  point.own = routing_of({{0, 1}}, 2, std::string(pair_name));
  return point;
}

std::vector<PairTime> pair_times(const Measurement& visit, const std::vector<Round>& rounds) {
  const Group& group = visit.point.group;
  const auto number = number_of_round(visit.point.routing().matrix);
  const bool alone = !number;
  const Round pairs = alone ? Round{{0, 1}} : rounds.at(*number);
  const std::uint32_t ranks_per_node = group.concurrent;
  std::vector<PairTime> times;
  for (std::uint32_t rail = 0; rail < group.concurrent; ++rail) {
    for (const NodePair& pair : pairs) {
      PairTime& time = times.emplace_back();
      time.nodes = pair;
      if (alone) {
        time.nodes = {group.first / ranks_per_node, (group.first + group.stride) / ranks_per_node};
      }
      time.rail = rail;
      time.payload = visit.point.payload;
      time.alone = alone;
      time.round = alone ? visit.pass : static_cast<std::uint32_t>(*number);
      time.again = !alone && visit.pass != 0;
      const std::size_t first_column = std::size_t{rail} * group.ranks;
      time.time_s = median_of_slower_end(visit, first_column + pair.one, first_column + pair.other);
    }
  }
  return times;
}

std::optional<ScanRecord> read_scan(const Launch& launch) {
  if (!is_scan(launch)) {
    return std::nullopt;
  }
  ScanRecord scan;
  scan.nodes = launch.info.nodes;
  scan.rounds = parse_tournament(launch.provenance.at(rounds_fact));
  require_nodes(scan);
  for (const Measurement& visit : launch.measurements) {
    if (!usable(visit)) {
      continue;
    }
    scan.rails = visit.point.group.concurrent;
    const auto times = pair_times(visit, scan.rounds);
    scan.times.insert(scan.times.end(), times.begin(), times.end());
  }
  return scan;
}

}  // namespace hockney::scan
