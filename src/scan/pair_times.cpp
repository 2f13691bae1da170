#include "scan/pair_times.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>

#include "base/error.hpp"
#include "record/usable.hpp"

namespace hockney::scan {
namespace {

// Names of the matrices.
constexpr std::string_view pair_prefix = "scan-pair-";

std::string name_of_pair(Way way) { return fmt::format("{}{}", pair_prefix, name_of(way)); }

Routing routing_of(Way way) {
  const double there = way == Way::back ? 0 : 1;
  const double back = way == Way::there ? 0 : 1;
  return {0, name_of_pair(way), {0, there, back, 0}};
}

// Of a case that is no round. Both ways is "scan-pair" in older files.
Way way_of(const Case& point) {
  const std::string& name = point.routing().matrix;
  return name == name_of_pair(Way::there) ? Way::there : name == name_of_pair(Way::back) ? Way::back : Way::both;
}

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

Case case_of(const Case& rails, const Alone& exchange) {
  const std::uint32_t ranks_per_node = rails.group.stride;
  const NodePair& pair = exchange.nodes;
  Case point = rails;
  point.become(Operation::all_to_all_v);
  point.payload = exchange.payload;
  point.group = {.ranks = 2,
                 .ranks_per_node = 1,
                 .stride = (pair.other - pair.one) * ranks_per_node,
                 .concurrent = exchange.rail ? 1 : ranks_per_node,
                 .first = pair.one * ranks_per_node + exchange.rail.value_or(0)};
  point.own = routing_of(exchange.way);
  return point;
}

std::string to_text(const std::vector<Alone>& exchanges) {
  std::string text;
  for (const Alone& each : exchanges) {
    text += fmt::format("{} {} {} {} {};", each.nodes.one, each.nodes.other, each.payload.count, name_of(each.way),
                        each.rail ? static_cast<int>(*each.rail) : -1);
  }
  return text;
}

std::vector<Alone> parse_exchanges(const std::string& text) {
  std::vector<Alone> exchanges;
  std::istringstream all(text);
  for (std::string one; std::getline(all, one, ';');) {
    Alone& exchange = exchanges.emplace_back();
    std::istringstream words(one);
    std::string way;
    int rail = -1;
    if (!(words >> exchange.nodes.one >> exchange.nodes.other >> exchange.payload.count >> way >> rail)) {
      throw InputError(fmt::format("exchange of a scan '{}': expected e.g. 0 17 1024 both -1", one));
    }
    exchange.way = parse_name<Way>(way);
    if (rail >= 0) {
      exchange.rail = static_cast<std::uint32_t>(rail);
    }
  }
  return exchanges;
}

std::vector<PairTime> pair_times(const Measurement& visit, const std::vector<Round>& rounds, std::uint32_t rails) {
  const Group& group = visit.point.group;
  const auto number = number_of_round(visit.point.routing().matrix);
  const bool alone = !number;
  const Round pairs = alone ? Round{{0, 1}} : rounds.at(*number);
  std::vector<PairTime> times;
  for (std::uint32_t copy = 0; copy < group.concurrent; ++copy) {
    for (const NodePair& pair : pairs) {
      PairTime& time = times.emplace_back();
      time.nodes = alone ? NodePair{group.first / rails, (group.first + group.stride) / rails} : pair;
      time.rail = group.first % rails + copy;
      time.payload = visit.point.payload;
      time.alone = alone;
      time.round = alone ? visit.pass : static_cast<std::uint32_t>(*number);
      time.again = !alone && visit.pass != 0;
      time.way = alone ? way_of(visit.point) : Way::both;
      time.on_one_rail = alone && group.concurrent < rails;
      time.adapters = alone && group.concurrent == 1 ? visit.observation.adapters : "";
      const std::size_t first_column = std::size_t{copy} * group.ranks;
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
    if (number_of_round(visit.point.routing().matrix)) {
      scan.rails = visit.point.group.concurrent;
    }
    if (!usable(visit) || scan.rails == 0) {
      continue;
    }
    const auto times = pair_times(visit, scan.rounds, scan.rails);
    scan.times.insert(scan.times.end(), times.begin(), times.end());
  }
  return scan;
}

}  // namespace hockney::scan
