// How well does a health scan find what is slow? Scripted machines with planted faults and 8 rails, many seeds: shares
// of faults found and named persistent (and, where planted one way, that way), and false suspects per run. Usage:
// scan_quality [runs of each kind, 200] [noise of a sample in %, 1] [nodes, 64]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "scan/diagnosis.hpp"
#include "scan/exchanges_alone.hpp"
#include "transport/scripted/scripted_transport.hpp"

namespace {

using namespace hockney;
using scan::NodePair;
using scan::ScanRecord;
using scan::Suspect;

constexpr std::uint32_t rails = 8;
constexpr std::uint32_t rounds = 8;
constexpr std::uint32_t repeats = 3;
constexpr std::uint32_t samples = 20;

using Faults = std::vector<transport::ScriptedFault>;

/// What all runs have.
struct Setting {
  std::uint32_t runs = 200;
  double noise = 0.01;
  std::uint32_t nodes = 64;
};

transport::ScriptedMachine machine_with(const Faults& faults, const Setting& setting) {
  transport::ScriptedMachine machine;
  machine.segments = {{{}, Seconds{10e-6}, inverse(parse_rate("24GB/s"))}};
  machine.ranks = setting.nodes * rails;
  machine.ranks_per_node = rails;
  machine.noise = setting.noise;
  machine.faults = faults;
  return machine;
}

/// A scan as hockney-bench runs it, without warm-up and files.
class Run {
 public:
  Run(const Faults& faults, const Setting& setting, std::uint64_t seed)
      : transport_(transport::make_scripted_transport(machine_with(faults, setting), seed)) {
    rails_.become(Operation::all_to_all_v);
    rails_.transport = TransportKind::scripted;
    rails_.group = {.ranks = setting.nodes, .ranks_per_node = 1, .stride = rails, .concurrent = rails};
    record_.nodes = setting.nodes;
    record_.rails = rails;
    record_.rounds = scan::draw_tournament(setting.nodes, rounds, seed);
  }

  std::vector<Suspect> suspects() {
    for (std::size_t number = 0; number < record_.rounds.size(); ++number) {
      take(scan::case_of_round(rails_, record_.rounds[number], number, kibibytes(1)), 0);
      take(scan::case_of_round(rails_, record_.rounds[number], number, mebibytes(256)), 0);
    }
    const std::vector<Suspect> found = scan::find_suspects(record_);
    for (std::uint32_t repeat = 0; repeat < repeats; ++repeat) {
      for (const NodePair& pair : scan::pairs_to_repeat(record_, found)) {
        take(scan::case_of(rails_, {pair, kibibytes(1)}), repeat);
        take(scan::case_of(rails_, {pair, mebibytes(256)}), repeat);
      }
    }
    for (const scan::Alone& exchange : scan::exchanges_one_way(record_, found)) {
      take(scan::case_of(rails_, exchange), 0);
    }
    return scan::diagnose(record_);
  }

  /// Whether the rounds can show it: two nodes must meet.
  bool meets(const transport::ScriptedFault& fault) const {
    return fault.place != transport::FaultPlace::pair ||
           std::any_of(record_.rounds.begin(), record_.rounds.end(), [&](const scan::Round& round) {
             return std::find(round.begin(), round.end(), NodePair{fault.node, fault.other}) != round.end();
           });
  }

 private:
  void take(const Case& point, std::uint32_t pass) {
    const auto link = transport_->join(point);
    Measurement visit;
    visit.point = point;
    visit.pass = pass;
    visit.rank_columns = link->columns();
    visit.elapsed = link->take(samples, nullptr, 1, true).elapsed;
    const auto times = scan::pair_times(visit, record_.rounds, rails);
    record_.times.insert(record_.times.end(), times.begin(), times.end());
  }

  std::unique_ptr<transport::Transport> transport_;
  Case rails_;
  ScanRecord record_;
};

bool is_it(const Suspect& suspect, const transport::ScriptedFault& fault) {
  switch (fault.place) {
    case transport::FaultPlace::node:
      return suspect.kind == scan::SuspectKind::node && suspect.nodes.one == fault.node &&
             (fault.way == transport::FaultWay::both || suspect.direction == scan::Direction::sending);
    case transport::FaultPlace::nic:
      return suspect.kind == scan::SuspectKind::nic && suspect.nodes.one == fault.node &&
             suspect.rails == std::vector{fault.rail};
    case transport::FaultPlace::pair:
      return suspect.kind == scan::SuspectKind::path && suspect.nodes == NodePair{fault.node, fault.other};
    case transport::FaultPlace::rail:
      return suspect.kind == scan::SuspectKind::rail && suspect.rails.front() == fault.rail;
  }
  return false;
}

struct Kind {
  const char* name;
  std::function<std::vector<std::string>(std::mt19937_64&)> faults;  ///< of one run
};

Faults draw(const Kind& kind, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  Faults faults;
  for (const std::string& text : kind.faults(generator)) {
    faults.push_back(transport::parse_fault(text));
  }
  return faults;
}

void score(const Kind& kind, const Setting& setting) {
  std::uint32_t found = 0;
  std::uint32_t met = 0;
  std::uint32_t false_nodes = 0;
  std::uint32_t false_others = 0;
  for (std::uint64_t seed = 1; seed <= setting.runs; ++seed) {
    const Faults faults = draw(kind, seed);
    Run run(faults, setting, seed);
    std::vector<Suspect> persistent = run.suspects();
    std::erase_if(persistent, [](const Suspect& suspect) { return suspect.verdict != scan::Verdict::persistent; });
    for (const transport::ScriptedFault& fault : faults) {
      met += run.meets(fault) ? 1 : 0;
      found += std::erase_if(persistent, [&](const Suspect& suspect) { return is_it(suspect, fault); }) > 0 ? 1 : 0;
    }
    for (const Suspect& suspect : persistent) {
      (scan::is_one_node(suspect) ? false_nodes : false_others) += 1;
    }
  }
  const auto per_run = [&](std::uint32_t count) { return static_cast<double>(count) / setting.runs; };
  fmt::print("{:<28} {:>5} {:>12} {:>10.1f} {:>18.3f} {:>18.3f}\n", kind.name, setting.runs, met,
             met == 0 ? 0.0 : 100.0 * found / met, per_run(false_nodes), per_run(false_others));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  Setting setting;
  setting.runs = argc > 1 ? static_cast<std::uint32_t>(std::strtoul(argv[1], nullptr, 10)) : setting.runs;
  setting.noise = argc > 2 ? std::strtod(argv[2], nullptr) / 100 : setting.noise;
  setting.nodes = argc > 3 ? static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 10)) : setting.nodes;
  const auto node = [&](auto& generator) { return generator() % setting.nodes; };
  const auto rail = [](auto& generator) { return generator() % rails; };
  const auto pair = [&](auto& generator) {  // the smaller node first
    const auto one = generator() % (setting.nodes - 1);
    return std::pair(one, one + 1 + generator() % (setting.nodes - 1 - one));
  };
  const std::vector<Kind> kinds{
      {"none", [](auto&) { return std::vector<std::string>{}; }},
      {"node 2 % slow", [&](auto& draw) { return std::vector{fmt::format("slow-node:{}:2%", node(draw))}; }},
      {"node 2 % slow, sending",
       [&](auto& draw) { return std::vector{fmt::format("slow-node:{}:2%:sending", node(draw))}; }},
      {"pair at half speed",
       [&](auto& draw) {
         const auto [one, other] = pair(draw);
         return std::vector{fmt::format("slow-pair:{}-{}:50%", one, other)};
       }},
      {"rail 5 % slow", [&](auto& draw) { return std::vector{fmt::format("slow-rail:{}:5%", rail(draw))}; }},
      {"NIC 10 % slow",
       [&](auto& draw) { return std::vector{fmt::format("slow-nic:{}/{}:10%", node(draw), rail(draw))}; }},
      {"two nodes 2 % slow",
       [&](auto& draw) {
         const auto [one, other] = pair(draw);
         return std::vector{fmt::format("slow-node:{}:2%", one), fmt::format("slow-node:{}:2%", other)};
       }},
      {"node 2 %, rail 5 % slow",
       [&](auto& draw) {
         return std::vector{fmt::format("slow-node:{}:2%", node(draw)), fmt::format("slow-rail:{}:5%", rail(draw))};
       }},
      {"node 2 %, its NIC 10 % slow", [&](auto& draw) {
         const auto both = node(draw);
         return std::vector{fmt::format("slow-node:{}:2%", both), fmt::format("slow-nic:{}/{}:10%", both, rail(draw))};
       }}};
  fmt::print("SIMULATED: {} nodes, {} rails, {} rounds, {} samples of {} % noise; persistent suspects only\n",
             setting.nodes, rails, rounds, samples, setting.noise * 100);
  fmt::print("{:<28} {:>5} {:>12} {:>10} {:>18} {:>18}\n", "fault", "runs", "met in round", "found %",
             "false nodes/run", "false others/run");
  for (const Kind& kind : kinds) {
    score(kind, setting);
  }
  return 0;
}
