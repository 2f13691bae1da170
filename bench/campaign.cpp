#include "campaign.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>
#include <mpi.h>
#include <optional>
#include <random>
#include <thread>

#include "base/shipped.hpp"
#include "base/strict_table.hpp"
#include "console.hpp"
#include "dry_run.hpp"
#include "experiments/experiment.hpp"
#include "gbench.hpp"
#include "launch_files.hpp"
#include "measure/sampler.hpp"
#include "provenance.hpp"
#include "store/launch_reader.hpp"
#include "store/launch_writer.hpp"
#include "topology/discover.hpp"
#include "transports.hpp"
#include "watchdog/watchdog.hpp"

namespace hockney::bench {
namespace {

/// The plan as rank 0 read it: every rank parses the same text.
struct PlanText {
  std::string origin;
  std::string text;
};

PlanText read_plan_text(const mpi::Communicator& world, const std::string& name_or_file) {
  PlanText plan;
  world.on_root([&] {
    const auto file = find_shipped_toml("plan", name_or_file, shipped_folder() / "plans");
    plan = {file.string(), read_text_file(file)};
  });
  return {world.broadcast(plan.origin), world.broadcast(plan.text)};
}

std::string visit_name(const Case& point, std::uint32_t pass) { return fmt::format("{}/pass:{}", point.name(), pass); }

class CampaignRun {
 public:
  CampaignRun(const mpi::Communicator& world, const Options& options, std::string command_line)
      : world_(world), options_(options), command_line_(std::move(command_line)) {
    placements_ = topology::discover_placements(world_);
    seed_ = world_.broadcast(options_.seed.value_or(std::random_device{}()));
    facts_ = collect_provenance();  // before NCCL's variables are set
    watchdog_.emplace(options_.point_limit, who(), watchdog_actions());
    watchdog_->begin("setting up the transport");
    transport_ = make_transport(world_, options_, seed_, placements_, *watchdog_);
    watchdog_->end();
    facts_["transport"] = name_of(options_.transport);
    facts_.merge(transport_->facts());
    rows_ = wants_machine_format(options_.benchmark) ? stderr : stdout;
  }

  ExitCode run() {
    read_plan();
    if (options_.dry_run) {
      if (world_.is_root()) {
        fmt::print("{}", describe_dry_run(plan_, layout_, transport_->world(), transport_->cache_size()));
      }
      return ExitCode::success;
    }
    world_.everywhere([&] { initialise_benchmark(options_.benchmark, world_.is_root()); });
    world_.everywhere([&] {
      schedule_visits();
      if (visits_.empty()) {
        throw InputError("--benchmark_filter leaves no point of the plan; see --benchmark_list_tests");
      }
    });
    if (options_.list_only) {
      for (const Visit& visit : visits_) {
        if (world_.is_root()) {
          fmt::print("{}\n", visit_name(layout_.cases[visit.point], visit.pass));
        }
      }
      return ExitCode::success;
    }
    open_launch();
    if (options_.transport == TransportKind::scripted) {
      // a resumed launch has a seed of its own
      transport_ = make_transport(world_, options_, seed_, placements_, *watchdog_);
    }
    register_visits();
    warn();
    if (!visits_.empty()) {
      const std::size_t ran = run_benchmarks(world_.is_root());
      world_.everywhere([&] {
        if (ran != visits_.size()) {
          throw Failure(fmt::format("{} of {} points ran", ran, visits_.size()));
        }
      });
    }
    return finish();
  }

 private:
  void read_plan() {
    const PlanText text = read_plan_text(world_, options_.plan);
    plan_text_ = text.text;
    world_.everywhere([&] {
      plan_ = parse_plan(text.text, text.origin, shipped_folder() / "models");
      layout_ = plan_.lay_out(transport_->world());
      std::erase_if(layout_.cases, [&](const Case& point) {
        const auto reason = transport_->refusal(point);
        if (reason) {
          layout_.skipped.push_back({point, *reason});
        }
        return reason.has_value();
      });
      if (layout_.cases.empty()) {
        throw InputError(fmt::format("{}: no point of this plan can run here: {}", text.origin,
                                     layout_.skipped.empty() ? "it is empty" : layout_.skipped.front().reason));
      }
    });
    require_same_layout();
  }

  // Ranks that see different GPUs or libraries would lay out different points, and wait for each other for ever.
  void require_same_layout() {
    std::string names;
    for (const Case& point : layout_.cases) {
      names += point.name() + "\n";
    }
    const auto digests = world_.all_gather(std::to_string(std::hash<std::string>{}(names)));
    world_.everywhere([&] {
      for (std::size_t rank = 0; rank < digests.size(); ++rank) {
        if (digests[rank] != digests.front()) {
          throw InputError(
              fmt::format("rank {} on {} can run other points of this plan than rank 0: expected the same "
                          "GPUs, libraries and files on every node",
                          rank, placements_[rank].host));
        }
      }
    });
  }

  bool is_step(const Visit& visit) const { return layout_.cases[visit.point].operation == Operation::step_replay; }

  LaunchInfo describe_launch() const {
    LaunchInfo info;
    info.campaign = options_.campaign.empty() ? plan_.name : options_.campaign;
    info.producer = "hockney-bench " HOCKNEY_VERSION;
    info.machine = machine();
    info.argv = command_line_;
    info.plan_text = plan_text_;
    info.seed = seed_;
    const World world = transport_->world();
    info.ranks = world.ranks;
    info.nodes = world.nodes;
    info.started_utc_ns = now_utc_ns();
    return info;
  }

  // Launches of one machine are pooled by the fit; two scripts are two machines.
  std::string machine() const {
    return options_.transport == TransportKind::scripted ? "scripted: " + to_string(options_.scripted)
                                                         : placements_.front().host;
  }

  std::filesystem::path folder() const {
    return options_.out.empty() ? std::filesystem::path("campaigns") / plan_.name : options_.out;
  }

  void open_launch() {
    world_.on_root([&] {
      if (options_.resume) {
        resume_launch();
      } else {
        files_.emplace(LaunchFiles::begin(what_launches_share(), has_two_parts_));
      }
    });
    seed_ = world_.broadcast(seed_);
    schedule_visits();
    leave_out_finished_visits();
  }

  LaunchFiles::Common what_launches_share() const {
    return {folder(), describe_launch(), facts_, placements_, layout_.skipped};
  }

  void resume_launch() {
    const auto part = store::unfinished_launch(folder());
    if (!part) {
      throw InputError(fmt::format("{}: no unfinished launch (*.h5.part) to resume", folder().string()));
    }
    const Launch begun = store::read_launch(*part);
    const LaunchInfo& info = begun.info;
    const auto require_same = [&](std::string_view what, const std::string& then, const std::string& now) {
      if (then != now) {
        throw InputError(
            fmt::format("{}: cannot be resumed: its {} was '{}', now it is '{}'", part->string(), what, then, now));
      }
    };
    require_same("machine", info.machine, machine());
    require_same("number of ranks", std::to_string(info.ranks), std::to_string(transport_->world().ranks));
    if (info.plan_text != plan_text_) {
      throw InputError(fmt::format("{}: cannot be resumed: it was begun with another version of plan '{}'",
                                   part->string(), plan_.name));
    }
    for (const char* fact : {"transport", "nccl.process_settings", "version.nccl", "version.cuda_driver"}) {
      if (begun.provenance.contains(fact)) {
        require_same(fact, begun.provenance.at(fact), facts_.contains(fact) ? facts_.at(fact) : "");
      }
    }
    for (const Placement& then : begun.placements) {
      const Placement& now = placements_.at(static_cast<std::size_t>(then.rank));
      require_same(fmt::format("place of rank {}", then.rank), then.host + " " + then.gpu, now.host + " " + now.gpu);
    }
    files_.emplace(LaunchFiles::resume(what_launches_share(), *part, begun));
    seed_ = info.seed;
  }

  void schedule_visits() {
    visits_ = schedule(layout_.cases.size(), plan_.sampling.passes, seed_);
    const NameFilter filter(options_.benchmark);
    std::erase_if(visits_, [&](const Visit& visit) {
      return !filter.admits(visit_name(layout_.cases[visit.point], visit.pass));
    });
    // every pass measures its curves and then its steps: a machine that changes meanwhile changes both
    std::stable_sort(visits_.begin(), visits_.end(), [this](const Visit& a, const Visit& b) {
      return std::pair(a.pass, is_step(a)) < std::pair(b.pass, is_step(b));
    });
    const auto steps = std::count_if(visits_.begin(), visits_.end(), [this](const Visit& v) { return is_step(v); });
    has_two_parts_ = steps != 0 && static_cast<std::size_t>(steps) != visits_.size();
  }

  // Rank 0 knows what the file holds; the others learn it visit by visit.
  void leave_out_finished_visits() {
    std::string finished(visits_.size(), '0');
    for (std::size_t i = 0; i < visits_.size() && world_.is_root(); ++i) {
      const Visit& visit = visits_[i];
      finished[i] = files_->is_finished(layout_.cases[visit.point], visit.pass) ? '1' : '0';
    }
    finished = world_.broadcast(finished);
    std::vector<Visit> left;
    for (std::size_t i = 0; i < visits_.size(); ++i) {
      if (finished[i] == '0') {
        left.push_back(visits_[i]);
      }
    }
    resumed_after_ = visits_.size() - left.size();
    visits_ = std::move(left);
  }

  void register_visits() {
    if (world_.is_root()) {
      console_ = std::make_unique<Console>(rows_, visits_.size());
    }
    for (const Visit& visit : visits_) {
      register_benchmark(visit_name(layout_.cases[visit.point], visit.pass), [this, visit] { return measure(visit); });
    }
  }

  void warn() {
    if (!world_.is_root()) {
      return;
    }
    const World world = transport_->world();
    fmt::print(rows_, "plan '{}': {} points x {} passes on {} ranks, seed {}; samples go to {}\n", plan_.name,
               layout_.cases.size(), plan_.sampling.passes, world.ranks, seed_, folder().string());
    warn_of(transport_->flags());
    if (options_.resume) {
      fmt::print(rows_, "resumed: {} visits are in the file already, {} are left\n", resumed_after_, visits_.size());
    }
    for (const Skipped& skipped : layout_.skipped) {
      fmt::print(rows_, "skipped: {}: {}\n", skipped.point.name(), skipped.reason);
    }
    console_->print_heading();
  }

  void warn_of(Flags flags) {
    for (const std::string& warning : transport_->warnings()) {
      fmt::print(stderr, "warning: {}\n", warning);
    }
    if (flags.has(Flag::simulated)) {
      fmt::print(rows_, "SIMULATED: the scripted transport answers alpha + beta * payload; nothing is transferred\n");
    }
    if (flags.has(Flag::emulated)) {
      fmt::print(rows_, "EMULATED: a test double stands in for CUDA and NCCL; no GPU is involved\n");
    }
    if (flags.has(Flag::shared_gpu)) {
      fmt::print(rows_, "SHARED GPU: ranks share a GPU; the times are no network constants\n");
    }
    if (flags.has(Flag::oversubscribed)) {
      fmt::print(stderr,
                 "warning: more ranks than logical CPUs on a host: times are the scheduler's, not the "
                 "fabric's; every point is marked oversubscribed\n");
    }
  }

  std::string who() const {
    const Placement& mine = placements_.at(static_cast<std::size_t>(world_.rank()));
    return fmt::format("rank {} on {}", mine.rank, mine.host);
  }

  watchdog::Watchdog::Actions watchdog_actions() {
    return {.print = [](const std::string& line) { fmt::print(stderr, "hockney-bench: {}\n", line); },
            .give_up =
                [this] {
                  if (transport_) {
                    transport_->abort();
                  }
                },
            .end_all =
                [] {
                  // MPI may be busy in the main thread and never return
                  std::thread([] {
                    std::this_thread::sleep_for(std::chrono::seconds(2));
                    std::_Exit(static_cast<int>(ExitCode::failure));
                  }).detach();
                  MPI_Abort(MPI_COMM_WORLD, static_cast<int>(ExitCode::failure));
                  std::_Exit(static_cast<int>(ExitCode::failure));
                }};
  }

  // Throws CannotRun on every rank when any rank's library refused.
  void agree_on(const std::string& refusal) const {
    for (const std::string& reason : world_.all_gather(refusal)) {
      if (!reason.empty()) {
        throw CannotRun(reason);
      }
    }
  }

  // A step that every rank of the world takes.
  template <class Step>
  void together(Step step) const {
    std::string refusal;
    world_.everywhere([&] {
      try {
        step();
      } catch (const CannotRun& error) {
        refusal = error.what();
      }
    });
    agree_on(refusal);
  }

  Measurement sample(transport::Link& link, transport::Trial* trial, const Case& point) {
    try {
      return measure::sample_point(link, trial, point, plan_.sampling);
    } catch (const CannotRun&) {
      throw;
    } catch (const std::exception& error) {
      transport_->abort();  // before the trial's buffers go: freeing them waits for the work that uses them
      throw Failure(fmt::format("{}: {}: {}", placements_.at(static_cast<std::size_t>(world_.rank())).host,
                                point.name(), error.what()));
    }
  }

  Measurement measure_point(const Case& point) {
    std::unique_ptr<transport::Link> link;
    std::unique_ptr<transport::Trial> trial;
    together([&] { link = transport_->join(point); });
    watchdog_->waits_for(link ? "its own work" : "the ranks that measure: it takes no part");
    together([&] {
      if (link && link->verbs() != nullptr) {
        trial = experiments::experiment_for(point.operation).make(*link->verbs(), point);
      }
    });
    Measurement measurement;
    std::string refusal;
    try {
      if (link) {
        measurement = sample(*link, trial.get(), point);
      }
    } catch (const CannotRun& error) {
      refusal = error.what();
    }
    agree_on(refusal);
    return measurement;
  }

  // What turned out not to run is a row with its reason, as what was known not to run is.
  void skip(const Case& point, const std::string& reason) {
    transport_->forget(point);
    world_.on_root([&] {
      files_->append(Skipped{point, reason});
      console_->print_skipped(point, reason);
    });
    ++refused_;
  }

  Summary measure(const Visit& visit) {
    const Case& point = layout_.cases[visit.point];
    if (is_step(visit) != measures_steps_) {
      measures_steps_ = is_step(visit);
      disconnect();  // two launches share no communicator
    }
    watchdog_->begin(visit_name(point, visit.pass));
    Measurement measurement;
    try {
      measurement = measure_point(point);
    } catch (const CannotRun& error) {
      skip(point, error.what());
      watchdog_->end();
      return {};
    } catch (const mpi::AgreedError& error) {
      throw mpi::AgreedError(error.code(), fmt::format("{}: {}", point.name(), error.what()));
    }
    Summary summary;
    world_.on_root([&] {
      measurement.point_id = visit.point;
      measurement.pass = visit.pass;
      measurement.flags.bits |= transport_->flags().bits;
      summary = summarise(measurement);
      files_->append(measurement);
      console_->print(measurement);
      wrong_points_ += measurement.verification == Verification::failed ? 1 : 0;
    });
    watchdog_->end();
    return summary;
  }

  void disconnect() {
    watchdog_->begin("disconnecting");
    transport_->finish();
    watchdog_->end();
  }

  ExitCode finish() {
    disconnect();
    world_.on_root([&] {
      for (const auto& file : files_->finish()) {
        fmt::print(rows_, "wrote {}\n", file.string());
      }
      fmt::print(rows_, "next: hockney fit {} --out {}.cost.json\n", folder().string(), folder().filename().string());
      if (has_two_parts_) {
        fmt::print(rows_, "      hockney predict --against {}\n", folder().string());
      }
    });
    const auto wrong = world_.broadcast(static_cast<std::uint64_t>(wrong_points_));
    if (wrong != 0 && world_.is_root()) {
      fmt::print(stderr, "hockney-bench: {} points gave wrong results; they are marked and no fit uses them\n", wrong);
    }
    if (!visits_.empty() && refused_ == visits_.size()) {
      throw mpi::AgreedError(ExitCode::failure, "no point could be measured; the reasons stand above and in the file");
    }
    return wrong == 0 ? ExitCode::success : ExitCode::failure;
  }

  const mpi::Communicator& world_;
  Options options_;
  std::string command_line_;
  std::vector<Placement> placements_;
  std::optional<watchdog::Watchdog> watchdog_;
  std::unique_ptr<transport::Transport> transport_;
  Provenance facts_;  ///< of rank 0
  std::FILE* rows_ = stdout;
  std::string plan_text_;
  Plan plan_;
  Plan::Layout layout_;
  std::uint64_t seed_ = 0;
  std::vector<Visit> visits_;
  bool has_two_parts_ = false;        ///< curves and steps, a launch each
  bool measures_steps_ = false;       ///< the last visit was one of a step
  std::size_t resumed_after_ = 0;     ///< visits that an earlier run of this launch finished
  std::optional<LaunchFiles> files_;  ///< on rank 0
  std::unique_ptr<Console> console_;
  std::size_t wrong_points_ = 0;
  std::size_t refused_ = 0;  ///< visits that the library turned out not to be able to run
};

}  // namespace

ExitCode run_campaign(const mpi::Communicator& world, const Options& options, const std::string& command_line) {
  return CampaignRun(world, options, command_line).run();
}

}  // namespace hockney::bench
