#include "scan.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "announcement.hpp"
#include "base/stop_request.hpp"
#include "console.hpp"
#include "describe_launch.hpp"
#include "laid_out_plan.hpp"
#include "launch_files.hpp"
#include "point_runner.hpp"
#include "record/usable.hpp"
#include "scan/diagnosis.hpp"
#include "scan/exchanges_alone.hpp"
#include "scan/node_model.hpp"

namespace hockney::bench {
namespace {

constexpr std::uint32_t repeats = 3;

// Of few nodes, every two three times.
std::uint32_t rounds_for(std::uint32_t nodes, std::uint32_t asked) {
  return nodes >= scan::least_nodes ? asked : repeats * (nodes == 2 ? 1 : nodes);
}

void require_rails(const LaidOutPlan& plan, const mpi::Communicator& world) {
  world.everywhere([&] {
    for (const Case& point : plan.layout.cases) {
      if (point.operation != Operation::all_to_all_v || point.group.ranks_per_node != 1 || point.group.ranks < 2) {
        throw InputError(fmt::format(
            "{}: --scan makes pairs of nodes; expected a plan with experiment all_to_all_v and group rail only, as "
            "plan scan has",
            point.name()));
      }
    }
  });
}

std::string rate_of(const scan::PairTime& time) { return to_string(time.payload / Seconds{time.time_s}); }

// "node-3 - node-17", "node-17 to node-3".
std::string ends_of(const scan::PairTime& time, const scan::NodeNames& names) {
  const std::string one = names.host(time.nodes.one);
  const std::string other = names.host(time.nodes.other);
  return time.way == scan::Way::back ? other + " to " + one
                                     : one + (time.way == scan::Way::both ? " - " : " to ") + other;
}

/// "256 MiB: median 24 GB/s, slowest node-3 - node-17 11.9 GB/s on rail 5".
std::string line_of(const std::vector<scan::PairTime>& times, const scan::NodeNames& names) {
  std::vector<double> all;
  const scan::PairTime* slowest = &times.front();
  for (const scan::PairTime& time : times) {
    all.push_back(time.time_s);
    slowest = time.time_s > slowest->time_s ? &time : slowest;
  }
  scan::PairTime typical = times.front();
  typical.time_s = median(all);
  return fmt::format("{}: median {} ({}), slowest {} ({}), {} on rail {}", to_string(typical.payload),
                     to_string(Seconds{typical.time_s}), rate_of(typical), to_string(Seconds{slowest->time_s}),
                     rate_of(*slowest), ends_of(*slowest, names), slowest->rail);
}

/// What is measured after the rounds.
struct Repeats {
  std::vector<scan::Alone> alone;    ///< one after the other, several times
  std::vector<scan::Alone> one_way;  ///< likewise, once
  std::vector<std::size_t> rounds;   ///< once more, with all their pairs
  std::set<Bytes> payloads;          ///< of those

  std::size_t visits() const { return repeats * alone.size() + one_way.size() + payloads.size() * rounds.size(); }
};

Repeats repeats_for(const scan::ScanRecord& record) {
  Repeats wanted;
  const std::vector<scan::Suspect> suspects = scan::find_suspects(record);
  std::set<std::size_t> rounds;
  for (const scan::Suspect& suspect : suspects) {
    wanted.payloads.insert(suspect.payload);
    for (std::size_t number = 0; number < record.rounds.size(); ++number) {
      const scan::Round& round = record.rounds[number];
      const bool shows_it = suspect.kind != scan::SuspectKind::path ||
                            std::find(round.begin(), round.end(), suspect.nodes) != round.end();
      if (shows_it) {
        rounds.insert(number);
        break;
      }
    }
  }
  wanted.rounds.assign(rounds.begin(), rounds.end());
  for (const scan::NodePair& pair : scan::pairs_to_repeat(record, suspects)) {
    for (const Bytes payload : wanted.payloads) {
      wanted.alone.push_back({pair, payload});
    }
  }
  wanted.one_way = scan::exchanges_one_way(record, suspects);
  return wanted;
}

class Scan {
 public:
  Scan(Machine& machine, const Options& options, const std::string& command_line, std::uint64_t seed)
      : machine_(machine),
        world_(machine.world()),
        spread_(options.transport == TransportKind::scripted ? Seconds{0} : options.scan_spread),
        plan_(lay_out_plan(options.plan, world_, machine.transport(), machine.placements())),
        points_(world_, machine.transport(), machine.watchdog(), machine.host()),
        names_(machine.placements(), machine.facts()) {
    require_rails(plan_, world_);
    machine.transport().expect(plan_.layout.cases);
    record_.nodes = rails().group.ranks;
    record_.rails = rails().group.concurrent;
    record_.rounds = scan::draw_tournament(record_.nodes, rounds_for(record_.nodes, options.scan_rounds), seed);
    launch_ = describe_launch(machine, plan_, options, command_line, seed);
    launch_.facts[scan::rounds_fact] = scan::to_text(record_.rounds);
  }

  std::string announcement() const {
    std::string text =
        fmt::format("health scan: {} nodes in {} rounds of pairs, {} rail{}, {} payloads; seed {}\nsamples go to {}\n",
                    record_.nodes, record_.rounds.size(), record_.rails, record_.rails == 1 ? "" : "s",
                    plan_.layout.cases.size(), launch_.info.seed, launch_.folder.string());
    for (const std::string& line : describe(machine_.transport().flags())) {
      text += line + "\n";
    }
    return text;
  }

  ExitCode run() {
    world_.on_root([&] { files_.emplace(LaunchFiles::begin(launch_, false)); });
    print(to_warnings(machine_.transport().warnings(), machine_.transport().flags()), stderr);
    print(announcement(), stdout);
    left_ = record_.rounds.size() * plan_.layout.cases.size();
    for (std::size_t number = 0; number < record_.rounds.size(); ++number) {
      for (const Case& size : plan_.layout.cases) {
        visit(scan::case_of_round(rails(), record_.rounds[number], number, size.payload), 0,
              fmt::format("round {} of {}", number + 1, record_.rounds.size()));
      }
    }
    measure_again(agreed_repeats());
    machine_.disconnect();
    if (is_stopped_) {
      print(fmt::format("stopped by a signal; what was measured is kept in {}, and a scan begins anew\n",
                        launch_.folder.string()),
            stdout);
      return ExitCode::stopped;
    }
    return finish();
  }

 private:
  const Case& rails() const { return plan_.layout.cases.front(); }

  void print(const std::string& text, std::FILE* stream) const {
    if (world_.is_root()) {
      fmt::print(stream, "{}", text);
      std::fflush(stream);
    }
  }

  // Rank 0 has the times.
  Repeats agreed_repeats() const {
    Repeats wanted;
    std::string alone;
    std::string one_way;
    std::string rounds;
    std::string payloads;
    world_.on_root([&] {
      wanted = repeats_for(record_);
      alone = scan::to_text(wanted.alone);
      one_way = scan::to_text(wanted.one_way);
      rounds = fmt::format("{}", fmt::join(wanted.rounds, " "));
      for (const Bytes payload : wanted.payloads) {
        payloads += fmt::format("{} ", payload.count);
      }
    });
    wanted.alone = scan::parse_exchanges(world_.broadcast(alone));
    wanted.one_way = scan::parse_exchanges(world_.broadcast(one_way));
    wanted.rounds.clear();
    wanted.payloads.clear();
    std::istringstream round_numbers(world_.broadcast(rounds));
    for (std::size_t number = 0; round_numbers >> number;) {
      wanted.rounds.push_back(number);
    }
    std::istringstream sizes(world_.broadcast(payloads));
    for (std::uint64_t bytes = 0; sizes >> bytes;) {
      wanted.payloads.insert(Bytes{bytes});
    }
    return wanted;
  }

  void measure_again(const Repeats& wanted) {
    left_ = wanted.visits();
    if (left_ == 0 || is_stopped_) {
      return;
    }
    print(fmt::format("suspects found: exchanges alone: {}, {} times{}; then one way: {}\n", wanted.alone.size(),
                      repeats, spread_.count() > 0 ? " within " + to_clock(spread_) : "", wanted.one_way.size()),
          stdout);
    for (std::uint32_t repeat = 0; repeat < repeats; ++repeat) {
      wait(repeat == 0 ? Seconds{0} : spread_ / (repeats - 1));
      for (const scan::Alone& exchange : wanted.alone) {
        visit(scan::case_of(rails(), exchange), repeat, fmt::format("alone, repeat {}", repeat + 1));
      }
    }
    for (const scan::Alone& exchange : wanted.one_way) {
      visit(scan::case_of(rails(), exchange), 0, "alone, one way");
    }
    for (const std::size_t number : wanted.rounds) {
      for (const Bytes payload : wanted.payloads) {
        visit(scan::case_of_round(rails(), record_.rounds[number], number, payload), 1,
              fmt::format("round {} again", number + 1));
      }
    }
  }

  void wait(Seconds time) {
    constexpr Seconds step{1};
    for (Seconds left = time; left.count() > 0 && !stops(); left -= step) {
      std::this_thread::sleep_for(std::min(left, step));
    }
  }

  bool stops() {
    is_stopped_ = is_stopped_ || world_.largest(stop_requested() ? 1 : 0) != 0;
    return is_stopped_;
  }

  void visit(const Case& point, std::uint32_t pass, const std::string& progress) {
    if (stops()) {
      return;
    }
    machine_.watchdog().begin(fmt::format("{}/pass:{}", point.name(), pass));
    try {
      const Measured measured = points_.measure(point, visited_++, pass, plan_.plan.sampling);
      machine_.watchdog().end();
      world_.on_root([&] { keep(measured, progress); });
    } catch (const CannotRun& error) {
      throw mpi::AgreedError(ExitCode::failure, fmt::format("{}: {}", point.name(), error.what()));
    }
  }

  void keep(const Measured& measured, const std::string& progress) {
    --left_;
    files_->append(measured);
    const Usability counts = usable(measured.visit);
    std::string line = counts.reason;
    unusable_ += counts ? 0 : 1;
    wrong_ += measured.visit.verification == Verification::failed ? 1 : 0;
    if (counts) {
      const auto times = scan::pair_times(measured.visit, record_.rounds, record_.rails);
      record_.times.insert(record_.times.end(), times.begin(), times.end());
      line = line_of(times, names_);
    }
    print(fmt::format("[{} left] {}, {}\n", left_, progress, line), stdout);
  }

  ExitCode finish() {
    world_.on_root([&] {
      const std::vector<scan::Suspect> suspects = scan::diagnose(record_);
      for (const std::filesystem::path& file : files_->finish()) {
        print(fmt::format("wrote {}\n", file.string()), stdout);
      }
      for (const scan::Suspect& suspect : suspects) {
        print(scan::to_text(suspect, names_, "\n  ") + "\n", stdout);
      }
      if (unusable_ != 0) {
        print(fmt::format("{} of {} visits do not count, {} of them for wrong results; the reasons stand above\n",
                          unusable_, visited_, wrong_),
              stderr);
      }
      if (suspects.empty()) {
        print(record_.times.empty() ? "nothing can be said of what is slow\n" : "nothing looks slow\n", stdout);
      }
      for (const std::string& line : record_.times.empty() ? std::vector<std::string>{} : scan::blind_spots(record_)) {
        print(line + "\n", stdout);
      }
      print(fmt::format("next: hockney show {}\n", launch_.folder.string()), stdout);
    });
    return world_.broadcast(wrong_) == 0 ? ExitCode::success : ExitCode::failure;
  }

  Machine& machine_;
  const mpi::Communicator& world_;
  Seconds spread_;
  LaidOutPlan plan_;
  PointRunner points_;
  scan::NodeNames names_;
  scan::ScanRecord record_;  ///< its times on rank 0 only
  LaunchFiles::Common launch_;
  std::optional<LaunchFiles> files_;  ///< on rank 0
  std::size_t visited_ = 0;
  std::size_t left_ = 0;
  std::uint64_t unusable_ = 0;  ///< visits, on rank 0
  std::uint64_t wrong_ = 0;     ///< of them, on rank 0
  bool is_stopped_ = false;     ///< the same on every rank
};

}  // namespace

ExitCode run_scan(Machine& machine, const Options& options, const std::string& command_line, std::uint64_t seed) {
  return Scan(machine, options, command_line, seed).run();
}

}  // namespace hockney::bench
