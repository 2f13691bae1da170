#include "options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "errors/error.hpp"
#include "experiments/experiment.hpp"
#include "names/names.hpp"
#include "units/number.hpp"

namespace hockney {
namespace {

void refuse_unsafe_benchmark_flag(std::string_view flag) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> refused{{
      {"--benchmark_enable_random_interleaving",
       "each process would draw its own order; the plan is shuffled from "
       "--seed on all ranks alike"},
      {"--benchmark_repetitions", "passes are part of the plan (key 'passes')"},
      {"--benchmark_min_time", "the plan's [sampling] decides how long a point is measured"},
      {"--benchmark_min_warmup_time", "the plan's [sampling] decides about warm-up"},
      {"--benchmark_perf_counters", "it runs the body again, on its own"},
      {"--benchmark_dry_run", "use --dry-run"},
  }};
  for (const auto& [name, reason] : refused) {
    if (flag.substr(0, flag.find('=')) == name) {
      throw InputError(fmt::format("{}: not with hockney-bench: {}", name, reason));
    }
  }
}

// "--switch 64KiB:8us:200GB/s"
ScriptedSegment parse_switch(const std::string& text) {
  const auto first = text.find(':');
  const auto second = text.find(':', first + 1);
  if (first == std::string::npos || second == std::string::npos) {
    throw InputError(fmt::format("--switch '{}': expected FROM:ALPHA:BETA, e.g. 64KiB:8us:200GB/s", text));
  }
  return {.from = parse_bytes(text.substr(0, first)),
          .alpha = parse_seconds(text.substr(first + 1, second - first - 1)),
          .beta = inverse(parse_rate(text.substr(second + 1)))};
}

std::string experiments_text() {
  std::string text = "Experiments:\n";
  for (const Experiment& experiment : all_experiments()) {
    text += fmt::format("  {:<16}{}\n", experiment.name, experiment.summary);
  }
  return text;
}

struct ScriptedFlags {
  std::string alpha = "4us";
  std::string beta = "180GB/s";
  std::string noise = "1%";
  std::vector<std::string> switches;
};

ScriptedMachine scripted_machine(const ScriptedFlags& flags, std::uint32_t ranks, std::uint32_t ranks_per_node,
                                 std::uint64_t seed) {
  ScriptedMachine machine;
  machine.segments = {{.from = {}, .alpha = parse_seconds(flags.alpha), .beta = inverse(parse_rate(flags.beta))}};
  for (const std::string& text : flags.switches) {
    machine.segments.push_back(parse_switch(text));
    const auto last = machine.segments.end() - 1;
    if (last->from <= (last - 1)->from) {
      throw InputError(fmt::format("--switch '{}': expected sizes above 0 B in ascending order", text));
    }
  }
  machine.noise = parse_fraction(flags.noise);
  if (machine.noise > 1) {
    throw InputError(fmt::format("--noise '{}': expected at most 100%", flags.noise));
  }
  if (ranks < 2) {
    throw InputError(fmt::format("--ranks {}: expected 2 or more", ranks));
  }
  machine.ranks = ranks;
  machine.ranks_per_node = std::min(ranks, ranks_per_node);
  machine.seed = seed;
  return machine;
}

}  // namespace

Command read_command_line(const std::vector<std::string>& arguments) {
  CLI::App app{
      "hockney-bench: measure what collectives and pipeline sends cost, and store every sample.\n"
      "Start it with mpiexec -n RANKS (or srun). Results go to --out as one HDF5 file per launch;\n"
      "fit them with: hockney fit DIR --out model.cost.json",
      "hockney-bench"};
  Options options;
  std::string transport = "mpi";
  ScriptedFlags scripted;
  std::uint32_t ranks = 8;
  std::uint32_t ranks_per_node = 8;
  std::uint64_t seed = 0;
  bool show_version = false;

  app.add_option("--plan", options.plan, "Plan to measure: a shipped name (smoke, host, dgx) or a TOML file")
      ->capture_default_str();
  app.add_option("--out", options.out, "Campaign folder, made when missing (default: campaigns/PLAN)");
  app.add_option("--campaign", options.campaign, "Name of the campaign in the file (default: the plan's name)");
  app.add_option("--transport", transport, "mpi: host memory between MPI ranks; scripted: a simulated machine")
      ->capture_default_str();
  CLI::Option* seed_flag =
      app.add_option("--seed", seed, "Seed of the order of points and of scripted noise (default: random; stored)");
  app.add_flag("--dry-run", options.dry_run, "List the points with estimates of time and memory, measure nothing");
  app.add_flag("--resume", options.resume, "Go on with the unfinished launch in --out, skipping finished points");
  app.add_flag("--version", show_version, "Print the version");
  std::vector<CLI::Option*> scripted_flags{
      app.add_option("--alpha", scripted.alpha, "Latency of every operation")->capture_default_str(),
      app.add_option("--beta", scripted.beta, "Bandwidth of every operation")->capture_default_str(),
      app.add_option("--noise", scripted.noise, "Relative standard deviation of a sample")->capture_default_str(),
      app.add_option("--switch", scripted.switches, "Protocol switch FROM:ALPHA:BETA, e.g. 64KiB:8us:200GB/s; repeats"),
      app.add_option("--ranks", ranks, "Pretended ranks")->capture_default_str(),
      app.add_option("--ranks-per-node", ranks_per_node, "Pretended ranks per node")->capture_default_str(),
  };
  for (CLI::Option* flag : scripted_flags) {
    flag->group("With --transport scripted");
  }
  app.footer(experiments_text() +
             "Google Benchmark's own flags work too: --benchmark_list_tests, --benchmark_filter=REGEX,\n"
             "--benchmark_out=FILE, --benchmark_format=console|json|csv.\n"
             "Exit codes: 0 done, 1 something broke or a result was wrong, 2 bad input.");

  std::vector<std::string> ours;
  for (const std::string& argument : arguments) {
    if (argument.starts_with("--benchmark_") || argument.starts_with("--v=")) {
      refuse_unsafe_benchmark_flag(argument);
      options.list_only = options.list_only || (argument.starts_with("--benchmark_list_tests") &&
                                                argument != "--benchmark_list_tests=false");
      options.benchmark.push_back(argument);
    } else {
      ours.push_back(argument);
    }
  }
  std::reverse(ours.begin(), ours.end());  // CLI11 takes the arguments from the back
  try {
    app.parse(ours);
  } catch (const CLI::CallForHelp&) {
    return {std::nullopt, app.help()};
  } catch (const CLI::ParseError& error) {
    throw InputError(fmt::format("{} (see hockney-bench --help)", error.what()));
  }
  if (show_version) {
    return {std::nullopt, HOCKNEY_VERSION "\n"};
  }
  options.transport = parse_name<TransportKind>(transport);
  if (options.transport == TransportKind::imported) {
    throw InputError("--transport imported: imported logs come from: hockney import");
  }
  if (options.transport == TransportKind::nccl) {
    throw InputError("--transport nccl: this program was built without it; expected mpi or scripted");
  }
  for (const CLI::Option* flag : scripted_flags) {
    if (options.transport != TransportKind::scripted && flag->count() > 0) {
      throw InputError(fmt::format("{}: only with --transport scripted", flag->get_name()));
    }
  }
  if (seed_flag->count() > 0) {
    options.seed = seed;
  }
  options.scripted = scripted_machine(scripted, ranks, ranks_per_node, seed);
  return {std::move(options), {}};
}

}  // namespace hockney
