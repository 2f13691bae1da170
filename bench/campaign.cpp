#include "campaign.hpp"

#include <fmt/format.h>
#include <random>

#include "announcement.hpp"
#include "budget_run.hpp"
#include "describe_launch.hpp"
#include "dry_run.hpp"
#include "gbench.hpp"
#include "hosts_picture.hpp"
#include "laid_out_plan.hpp"
#include "machine.hpp"
#include "recorder.hpp"
#include "scan.hpp"
#include "schedule.hpp"
#include "topology/discover.hpp"
#include "visit_runner.hpp"

namespace hockney::bench {
namespace {

Schedule schedule_of(const LaidOutPlan& plan, const mpi::Communicator& world, const Options& options,
                     std::uint64_t seed) {
  std::optional<Schedule> schedule;
  world.everywhere([&] {
    const std::uint32_t passes = options.budget ? 1 : plan.plan.sampling.passes;  // a budget chooses further ones
    schedule.emplace(plan.layout.cases, passes, seed, NameFilter(options.benchmark));
    if (schedule->visits().empty()) {
      throw InputError("--benchmark_filter leaves no point of the plan; see --benchmark_list_tests");
    }
  });
  return std::move(*schedule);
}

// Rank 0 knows what the file holds; the others learn it visit by visit.
void leave_out_finished(Schedule& schedule, const mpi::Communicator& world, const std::optional<LaunchFiles>& files) {
  std::string marks;
  for (const Visit& visit : schedule.visits()) {
    marks += files && files->is_finished(schedule.point(visit), visit.pass) ? '1' : '0';
  }
  schedule.leave_out(world.broadcast(marks));
}

// Google Benchmark calls each visit.
void run_schedule(const mpi::Communicator& world, const Sampling& sampling, const Schedule& schedule,
                  VisitRunner& runner) {
  const std::size_t visits = schedule.visits().size();
  if (visits == 0) {
    return;  // Google Benchmark calls that an error
  }
  for (const Visit& visit : schedule.visits()) {
    register_benchmark(schedule.name(visit), [&runner, &sampling, &schedule, visit] {
      VisitRunner::Visited visited = runner.run(schedule.point(visit), visit.point, visit.pass, sampling);
      return Outcome{visited.measured.summary, std::move(visited.not_measured)};
    });
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
    print_on_root(world, stdout, describe_dry_run(plan, machine.transport(), options.budget));
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
  std::optional<LaunchFiles> files;            // on rank 0
  std::vector<store::LaunchOutline> outlines;  // likewise
  world.on_root([&] {
    outlines = options.budget ? outlines_in(launch.folder) : outlines;
    files.emplace(options.resume ? LaunchFiles::resume(launch, plan.plan.name)
                                 : LaunchFiles::begin(launch, schedule.has_curves_and_steps()));
  });
  seed = world.broadcast(files ? files->seed() : 0);  // a resumed launch has a seed of its own
  machine.reseed(seed);
  schedule = schedule_of(plan, world, options, seed);
  const std::size_t in_all = schedule.visits().size();
  std::optional<measure::VisitChoice> choice;  // likewise
  if (options.budget) {
    world.on_root([&] { choice.emplace(choice_within(options.budget, plan, schedule, outlines, *files, launch)); });
  } else {
    leave_out_finished(schedule, world, files);
  }
  const std::size_t visits = schedule.visits().size();

  std::FILE* rows = wants_machine_format(options.benchmark) ? stderr : stdout;
  const Flags flags = machine.transport().flags();
  print_on_root(world, stderr, to_warnings(machine.transport().warnings(), flags));
  print_on_root(world, rows,
                to_text({plan, launch.info.ranks, seed, launch.folder, flags, options.resume,
                         choice ? choice->visits() : in_all - visits, visits, options.budget}));
  Recorder recorder(world, std::move(files), rows, {visits, options.budget.time});
  VisitRunner runner(machine, recorder);
  std::string budget_text;
  if (options.budget) {
    budget_text = run_within(options.budget, world, plan.plan.sampling, schedule, choice, runner, recorder);
  } else {
    run_schedule(world, plan.plan.sampling, schedule, runner);
  }
  machine.disconnect();
  if (runner.is_stopped()) {
    return recorder.leave_unfinished(launch.folder);
  }
  print_on_root(world, rows, budget_text);
  return recorder.finish(launch.folder, schedule.has_curves_and_steps());
}

}  // namespace hockney::bench
