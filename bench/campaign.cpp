#include "campaign.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <random>

#include "announcement.hpp"
#include "base/stop_request.hpp"
#include "console.hpp"
#include "describe_launch.hpp"
#include "dry_run.hpp"
#include "gbench.hpp"
#include "hosts_picture.hpp"
#include "laid_out_plan.hpp"
#include "machine.hpp"
#include "point_runner.hpp"
#include "recorder.hpp"
#include "scan.hpp"
#include "schedule.hpp"
#include "topology/discover.hpp"

namespace hockney::bench {
namespace {

Schedule schedule_of(const LaidOutPlan& plan, const mpi::Communicator& world, const Options& options,
                     std::uint64_t seed) {
  std::optional<Schedule> schedule;
  world.everywhere([&] {
    schedule.emplace(plan.layout.cases, plan.plan.sampling.passes, seed, NameFilter(options.benchmark),
                     options.budget.count() > 0);
    if (schedule->visits().empty()) {
      throw InputError("--benchmark_filter leaves no point of the plan; see --benchmark_list_tests");
    }
  });
  return std::move(*schedule);
}

/// One visit after the other, from the first connection to its rows.
class VisitRunner {
 public:
  /// `budget`: for all visits; 0 s: no limit.
  VisitRunner(Machine& machine, const Schedule& schedule, const Sampling& sampling, Recorder& recorder, Seconds budget)
      : machine_(machine),
        schedule_(schedule),
        recorder_(recorder),
        points_(machine.world(), machine.transport(), machine.watchdog(), sampling, machine.host()),
        budget_(budget) {}

  /// After a request to stop, on any rank, visits are left for --resume; after the budget, left out.
  Outcome run(const Visit& visit) {
    end_ = std::max(end_, static_cast<End>(machine_.world().largest(static_cast<std::uint64_t>(own_end()))));
    if (end_ == End::stopped) {
      return {{}, "left for --resume: stopped by SIGTERM"};
    }
    if (end_ == End::budget) {
      return leave_out(visit);
    }
    if (schedule_.is_step(visit) != measures_steps_) {
      measures_steps_ = schedule_.is_step(visit);
      machine_.disconnect();  // two launches share no communicator
    }
    machine_.watchdog().begin(schedule_.name(visit));
    Outcome outcome = measure(visit);
    machine_.watchdog().end();
    ++run_;
    return outcome;
  }

  bool is_stopped() const { return end_ == End::stopped; }

 private:
  enum class End : std::uint64_t { none, budget, stopped };

  // Rank 0's clock decides about the budget: whether one more visit of the usual length fits.
  End own_end() const {
    const Seconds spent = std::chrono::steady_clock::now() - began_;
    const Seconds usual = run_ == 0 ? Seconds{0} : spent / static_cast<double>(run_);
    const bool is_spent = budget_.count() > 0 && spent + usual > budget_;
    return stop_requested() ? End::stopped : is_spent && machine_.world().is_root() ? End::budget : End::none;
  }

  Outcome leave_out(const Visit& visit) {
    const std::string reason = fmt::format("left out: the budget of {} is spent", to_clock(budget_));
    if (visit.pass == 0) {
      recorder_.skip(schedule_.point(visit), reason);
    }
    return {{}, reason};
  }

  Outcome measure(const Visit& visit) {
    const Case& point = schedule_.point(visit);
    try {
      const Measured measured = points_.measure(point, visit.point, visit.pass);
      recorder_.keep(measured);
      return {measured.summary, {}};
    } catch (const CannotRun& error) {
      recorder_.skip(point, error.what());
      return {{}, error.what()};
    }
  }

  Machine& machine_;
  const Schedule& schedule_;
  Recorder& recorder_;
  PointRunner points_;
  bool measures_steps_ = false;  ///< the last visit was one of a step
  const Seconds budget_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::size_t run_ = 0;  ///< visits
  End end_ = End::none;  ///< the same on every rank
};

// Rank 0 knows what the file holds; the others learn it visit by visit.
void leave_out_finished(Schedule& schedule, const mpi::Communicator& world, const std::optional<LaunchFiles>& files) {
  std::string marks;
  for (const Visit& visit : schedule.visits()) {
    marks += files && files->is_finished(schedule.point(visit), visit.pass) ? '1' : '0';
  }
  schedule.leave_out(world.broadcast(marks));
}

void run_registered(const mpi::Communicator& world, std::size_t visits) {
  if (visits == 0) {
    return;  // Google Benchmark calls that an error
  }
  const std::size_t ran = run_benchmarks(world.is_root());
  world.everywhere([&] {
    if (ran != visits) {
      throw Failure(fmt::format("{} of {} points ran", ran, visits));
    }
  });
}

void print_on_root(const mpi::Communicator& world, std::FILE* stream, const std::string& text) {
  if (world.is_root()) {
    fmt::print(stream, "{}", text);
  }
}

std::string names_of(const Schedule& schedule) {
  std::string names;
  for (const Visit& visit : schedule.visits()) {
    names += schedule.name(visit) + "\n";
  }
  return names;
}

}  // namespace

ExitCode run_campaign(const mpi::Communicator& world, const Options& options, const std::string& command_line) {
  if (options.topology) {
    print_on_root(world, stdout,
                  picture_of_hosts(world, topology::discover_placements(world), topology::describe_host()));
    return ExitCode::success;
  }
  std::uint64_t seed = world.broadcast(options.seed.value_or(std::random_device{}()));
  Machine machine(world, options, seed);
  if (options.scan) {
    return run_scan(machine, options, command_line, seed);
  }
  const LaidOutPlan plan = lay_out_plan(options.plan, world, machine.transport(), machine.placements());
  if (options.dry_run) {
    print_on_root(world, stdout, describe_dry_run(plan, machine.transport()));
    return ExitCode::success;
  }
  world.everywhere([&] { initialise_benchmark(options.benchmark, world.is_root()); });
  Schedule schedule = schedule_of(plan, world, options, seed);
  if (options.list_only) {
    print_on_root(world, stdout, names_of(schedule));
    return ExitCode::success;
  }

  machine.transport().expect(plan.layout.cases);
  const LaunchFiles::Common launch = describe_launch(machine, plan, options, command_line, seed);
  std::optional<LaunchFiles> files;  // on rank 0
  world.on_root([&] {
    files.emplace(options.resume ? LaunchFiles::resume(launch, plan.plan.name)
                                 : LaunchFiles::begin(launch, schedule.has_curves_and_steps()));
  });
  seed = world.broadcast(files ? files->seed() : 0);  // a resumed launch has a seed of its own
  machine.reseed(seed);
  schedule = schedule_of(plan, world, options, seed);
  const std::size_t in_all = schedule.visits().size();
  leave_out_finished(schedule, world, files);
  const std::size_t visits = schedule.visits().size();

  std::FILE* rows = wants_machine_format(options.benchmark) ? stderr : stdout;
  const Flags flags = machine.transport().flags();
  print_on_root(world, stderr, to_warnings(machine.transport().warnings(), flags));
  print_on_root(
      world, rows,
      to_text({plan, launch.info.ranks, seed, launch.folder, flags, options.resume, in_all - visits, visits}));
  Recorder recorder(world, std::move(files), rows, visits);
  VisitRunner runner(machine, schedule, plan.plan.sampling, recorder, options.budget);
  for (const Visit& visit : schedule.visits()) {
    register_benchmark(schedule.name(visit), [&runner, visit] { return runner.run(visit); });
  }
  run_registered(world, visits);
  machine.disconnect();
  if (runner.is_stopped()) {
    return recorder.leave_unfinished(launch.folder);
  }
  return recorder.finish(launch.folder, schedule.has_curves_and_steps());
}

}  // namespace hockney::bench
