// How well does a health scan find what is slow? Scripted machines of 64 nodes and 8 rails with a planted fault, many
// seeds: shares of faults found and named persistent (and, where planted one way, that way), and false suspects per
// run. Usage: scan_quality [runs of each kind, 200] [noise of a sample in %, 1]
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

constexpr std::uint32_t nodes = 64;
constexpr std::uint32_t rails = 8;
constexpr std::uint32_t rounds = 8;
constexpr std::uint32_t repeats = 3;
constexpr std::uint32_t samples = 20;

transport::ScriptedMachine machine_with(const std::string& fault, double noise) {
  transport::ScriptedMachine machine;
  machine.segments = {{{}, Seconds{10e-6}, inverse(parse_rate("24GB/s"))}};
  machine.ranks = nodes * rails;
  machine.ranks_per_node = rails;
  machine.noise = noise;
  if (!fault.empty()) {
    machine.faults = {transport::parse_fault(fault)};
  }
  return machine;
}

/// A scan as hockney-bench runs it, without warm-up and files.
class Run {
 public:
  Run(const std::string& fault, double noise, std::uint64_t seed)
      : transport_(transport::make_scripted_transport(machine_with(fault, noise), seed)) {
    rails_.become(Operation::all_to_all_v);
    rails_.transport = TransportKind::scripted;
    rails_.group = {.ranks = nodes, .ranks_per_node = 1, .stride = rails, .concurrent = rails};
    record_.nodes = nodes;
    record_.rails = rails;
    record_.rounds = scan::draw_tournament(nodes, rounds, seed);
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

  const std::vector<scan::Round>& tournament() const { return record_.rounds; }

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

struct Kind {
  const char* name;
  std::function<std::string(std::mt19937_64&)> fault;
  std::function<bool(const Suspect&, const transport::ScriptedFault&)> is_right;
};

void score(const Kind& kind, std::uint32_t runs, double noise) {
  std::uint32_t found = 0;
  std::uint32_t met = 0;
  std::uint32_t false_nodes = 0;
  std::uint32_t false_others = 0;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    std::mt19937_64 generator(seed);
    const std::string text = kind.fault(generator);
    Run run(text, noise, seed);
    const std::vector<Suspect> suspects = run.suspects();
    const transport::ScriptedFault fault = text.empty() ? transport::ScriptedFault{} : transport::parse_fault(text);
    bool is_met = fault.place != transport::FaultPlace::pair;
    for (const scan::Round& round : run.tournament()) {
      for (const NodePair& pair : round) {
        is_met = is_met || (pair.one == fault.node && pair.other == fault.other);
      }
    }
    met += is_met ? 1 : 0;
    bool is_found = false;
    for (const Suspect& suspect : suspects) {
      const bool is_persistent = suspect.verdict == scan::Verdict::persistent;
      if (!text.empty() && kind.is_right(suspect, fault)) {
        is_found = is_found || is_persistent;
      } else if (is_persistent) {
        const bool is_node = suspect.kind == scan::SuspectKind::node || suspect.kind == scan::SuspectKind::nic;
        (is_node ? false_nodes : false_others) += 1;
      }
    }
    found += is_found ? 1 : 0;
  }
  const auto per_run = [&](std::uint32_t count) { return static_cast<double>(count) / runs; };
  fmt::print("{:<22} {:>5} {:>12} {:>10.1f} {:>18.3f} {:>18.3f}\n", kind.name, runs, met,
             met == 0 ? 0.0 : 100.0 * found / met, per_run(false_nodes), per_run(false_others));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const auto runs = static_cast<std::uint32_t>(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 200);
  const double noise = (argc > 2 ? std::strtod(argv[2], nullptr) : 1) / 100;
  const auto node = [](std::mt19937_64& generator) { return generator() % nodes; };
  const std::vector<Kind> kinds{
      {"none", [](auto&) { return std::string(); }, [](const Suspect&, const auto&) { return false; }},
      {"node 2 % slow", [&](auto& generator) { return fmt::format("slow-node:{}:2%", node(generator)); },
       [](const Suspect& suspect, const auto& fault) {
         return suspect.kind == scan::SuspectKind::node && suspect.nodes.one == fault.node;
       }},
      {"node 2 % slow, sending",
       [&](auto& generator) { return fmt::format("slow-node:{}:2%:sending", node(generator)); },
       [](const Suspect& suspect, const auto& fault) {
         return suspect.kind == scan::SuspectKind::node && suspect.nodes.one == fault.node &&
                suspect.direction == scan::Direction::sending;
       }},
      {"pair at half speed",
       [&](auto& generator) {
         const auto one = node(generator) % (nodes - 1);
         return fmt::format("slow-pair:{}-{}:50%", one, one + 1 + generator() % (nodes - 1 - one));
       },
       [](const Suspect& suspect, const auto& fault) {
         return suspect.kind == scan::SuspectKind::path && suspect.nodes == NodePair{fault.node, fault.other};
       }},
      {"rail 5 % slow", [](auto& generator) { return fmt::format("slow-rail:{}:5%", generator() % rails); },
       [](const Suspect& suspect, const auto& fault) {
         return suspect.kind == scan::SuspectKind::rail && suspect.rails.front() == fault.rail;
       }},
      {"NIC 10 % slow",
       [&](auto& generator) { return fmt::format("slow-nic:{}/{}:10%", node(generator), generator() % rails); },
       [](const Suspect& suspect, const auto& fault) {
         return suspect.kind == scan::SuspectKind::nic && suspect.nodes.one == fault.node &&
                suspect.rails == std::vector{fault.rail};
       }}};
  fmt::print("SIMULATED: {} nodes, {} rails, {} rounds, {} samples of {} % noise; persistent suspects only\n", nodes,
             rails, rounds, samples, noise * 100);
  fmt::print("{:<22} {:>5} {:>12} {:>10} {:>18} {:>18}\n", "fault", "runs", "met in round", "found %",
             "false nodes/run", "false others/run");
  for (const Kind& kind : kinds) {
    score(kind, runs, noise);
  }
  return 0;
}
