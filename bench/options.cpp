#include "options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/names.hpp"
#include "base/number.hpp"
#include "base/shipped.hpp"
#include "experiments/experiment.hpp"
#include "machine.hpp"

namespace hockney::bench {
namespace {

// Google Benchmark exits, or does nothing, on values that it does not know, and on one rank alone; so every flag and
// value that it gets is known here.
void check_benchmark_flag(const std::string& argument) {
  constexpr std::array<std::string_view, 7> known{"--benchmark_list_tests", "--benchmark_filter", "--benchmark_out",
                                                  "--benchmark_out_format", "--benchmark_format", "--benchmark_context",
                                                  "--benchmark_time_unit"};
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> refused{{
      {"--benchmark_enable_random_interleaving",
       "each process would draw its own order; the plan is shuffled from --seed on all ranks alike"},
      {"--benchmark_repetitions", "passes are part of the plan (key 'passes')"},
      {"--benchmark_min_time", "the plan's [sampling] decides how long a point is measured"},
      {"--benchmark_min_warmup_time", "the plan's [sampling] decides about warm-up"},
      {"--benchmark_perf_counters", "it runs the body again, on its own"},
      {"--benchmark_dry_run", "use --dry-run"},
  }};
  const std::size_t equals = argument.find('=');
  const std::string flag = argument.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
  for (const auto& [name, reason] : refused) {
    if (flag == name) {
      throw InputError(fmt::format("{}: not with hockney-bench: {}", name, reason));
    }
  }
  if (std::find(known.begin(), known.end(), flag) == known.end()) {
    throw InputError(unknown_name("flag", flag, known));
  }
  const auto require = [&](std::initializer_list<std::string_view> values) {
    if (std::find(values.begin(), values.end(), value) == values.end()) {
      throw InputError(fmt::format("{}: '{}' given, expected one of: {}", flag, value, fmt::join(values, ", ")));
    }
  };
  if (flag == "--benchmark_list_tests") {
    require({"", "true", "false"});
  } else if (flag == "--benchmark_format" || flag == "--benchmark_out_format") {
    require({"console", "json", "csv"});
  } else if (flag == "--benchmark_time_unit") {
    require({"ns", "us", "ms", "s"});
  } else if (equals == std::string::npos) {
    throw InputError(fmt::format("{}: expected {}=VALUE", flag, flag));
  }
}

std::uint64_t parse_seed(const std::string& text) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw InputError(fmt::format("--seed '{}': expected a whole number between 0 and 2^64 - 1", text));
  }
  return seed;
}

// What `parse` makes of a flag's value; an error names both.
template <class Parse>
auto value_of(std::string_view flag, const std::string& text, Parse parse) {
  try {
    return parse(text);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{} {}", flag, error.what()));
  }
}

// "--switch 64KiB:8us:200GB/s"
transport::ScriptedSegment parse_switch(const std::string& text) {
  const auto first = text.find(':');
  const auto second = text.find(':', first + 1);
  if (first == std::string::npos || second == std::string::npos) {
    throw InputError(fmt::format("'{}': expected FROM:ALPHA:BETA, e.g. 64KiB:8us:200GB/s", text));
  }
  return {.from = parse_bytes(text.substr(0, first)),
          .alpha = parse_seconds(text.substr(first + 1, second - first - 1)),
          .beta = inverse(parse_rate(text.substr(second + 1)))};
}

std::string experiments_text() {
  std::string text = "Experiments:\n";
  for (const experiments::Experiment& experiment : experiments::all_experiments()) {
    text += fmt::format("  {:<16}{}\n", experiment.name, experiment.summary);
  }
  return text;
}

struct ScriptedFlags {
  std::string machine;
  std::string alpha = "4us";
  std::string beta = "180GB/s";
  std::string noise = "1%";
  std::string launch_noise = "0%";
  std::string jitter = "0s";
  std::vector<std::string> switches;
  std::vector<std::string> faults;
  std::int64_t ranks = 8;
  std::int64_t ranks_per_node = 8;
  std::int64_t nodes = 0;
};

// The times of operations.
transport::ScriptedMachine scripted_segments(const ScriptedFlags& flags) {
  transport::ScriptedMachine machine;
  machine.segments = {{.from = {},
                       .alpha = value_of("--alpha", flags.alpha, parse_seconds),
                       .beta = inverse(value_of("--beta", flags.beta, parse_rate))}};
  for (const std::string& text : flags.switches) {
    machine.segments.push_back(value_of("--switch", text, parse_switch));
    const auto last = machine.segments.end() - 1;
    if (last->from <= (last - 1)->from) {
      throw InputError(fmt::format("--switch '{}': expected sizes above 0 B in ascending order", text));
    }
  }
  return machine;
}

double noise_of(std::string_view flag, const std::string& text) {
  const double noise = value_of(flag, text, parse_fraction);
  if (noise > 1) {
    throw InputError(fmt::format("{} '{}': expected at most 100%", flag, text));
  }
  return noise;
}

std::uint32_t count_of(std::string_view flag, std::int64_t value, std::int64_t least) {
  constexpr std::int64_t most = 4096;  // every sample of every rank is kept
  if (value < least || value > most) {
    throw InputError(fmt::format("{} {}: expected {} to {}", flag, value, least, most));
  }
  return static_cast<std::uint32_t>(value);
}

transport::ScriptedMachine scripted_machine(const ScriptedFlags& flags) {
  transport::ScriptedMachine machine =
      flags.machine.empty() ? scripted_segments(flags)
                            : transport::read_scripted_machine(flags.machine, shipped_folder() / "machines");
  machine.noise = noise_of("--noise", flags.noise);
  machine.launch_noise = noise_of("--launch-noise", flags.launch_noise);
  machine.jitter = value_of("--jitter", flags.jitter, parse_seconds);
  if (flags.machine.empty()) {
    machine.ranks = count_of("--ranks", flags.ranks, 2);
    machine.ranks_per_node = std::min(machine.ranks, count_of("--ranks-per-node", flags.ranks_per_node, 1));
  }
  if (flags.nodes != 0) {
    if (flags.machine.empty()) {
      machine.ranks_per_node = count_of("--ranks-per-node", flags.ranks_per_node, 1);
    }
    machine.ranks = count_of("--nodes times ranks per node:", flags.nodes * machine.ranks_per_node, 2);
  }
  std::transform(flags.faults.begin(), flags.faults.end(), std::back_inserter(machine.faults),
                 [](const std::string& text) { return value_of("--fault", text, transport::parse_fault); });
  transport::require_faults_fit(machine);
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
  std::vector<std::string> settings;
  std::string seed;
  std::string point_limit = "60s";
  std::string scan_spread = "10min";
  std::string budget;
  bool show_version = false;

  app.add_option(
      "--plan", options.plan,
      "Plan to measure: a shipped name (smoke, host, replay, matmul, dgx-short, dgx, scan, gpu-selftest) or a TOML "
      "file (default: dgx-short with --transport nccl, else smoke)");
  app.add_option("--out", options.out, "Campaign folder, made when missing (default: campaigns/PLAN)");
  app.add_option("--campaign", options.campaign, "Name of the campaign in the file (default: the plan's name)");
  app.add_option(
         "--transport", transport,
         "mpi: host memory between MPI ranks; nccl: GPU memory, one rank per GPU; scripted: a simulated machine")
      ->capture_default_str();
  CLI::Option* seed_flag =
      app.add_option("--seed", seed, "Seed of the order of points and of scripted noise (default: random; stored)");
  app.add_flag("--dry-run", options.dry_run, "List the points with estimates of time and memory, measure nothing");
  app.add_flag("--topology", options.topology,
               "Show hosts, GPUs, NVLinks, NICs and what is near what, measure nothing");
  CLI::Option* scan = app.add_flag("--scan", options.scan,
                                   "Look for slow nodes, NICs, paths and rails: nodes exchange in pairs, suspects "
                                   "again alone, both ways and one way (plan: scan)");
  app.add_option("--scan-rounds", options.scan_rounds, "Rounds of pairs; of two or three nodes every two meet thrice")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000))
      ->needs(scan);
  app.add_option("--scan-spread", scan_spread, "Time over which suspects are measured again, three times")
      ->capture_default_str()
      ->needs(scan);
  app.add_flag("--resume", options.resume, "Go on with the unfinished launch in --out, skipping finished points");
  app.add_option("--budget", budget,
                 "Wall time for measuring, e.g. 20min: coarse grids of payloads first, then what narrows the curves\n"
                 "most per second; ends early when nothing is worth its time, and lists what is left out");
  const std::vector<CLI::Option*> budget_flags{
      app.add_option("--added-sizes", options.budget.added_sizes,
                     "With --budget: sizes per curve that are added, at most, where its law or label changes")
          ->capture_default_str()
          ->check(CLI::Range(0, 1000)),
      app.add_option(
             "--launches", options.budget.launches,
             "With --budget: launches that the campaign is to have, so that all of them together, and not each\n"
             "alone, are as certain as the plan asks for; 0: as many as it takes, each as long as is cheapest in all")
          ->capture_default_str()
          ->check(CLI::Range(0, 1000)),
  };
  app.add_option(
         "--point-limit", point_limit,
         "A point that takes longer is given up: the stuck ranks are named, what was measured is kept, and the\n"
         "launch ends within twice this time; 0s: never")
      ->capture_default_str();
  app.add_flag("--version", show_version, "Print the version, and what CUDA and driver it needs");
  std::vector<CLI::Option*> nccl_flags;
  if (has_nccl()) {
    nccl_flags = {
        app.add_flag("--share-gpu", options.share_gpu,
                     "Let ranks share a GPU: functional runs only, every point is marked shared_gpu"),
        app.add_flag(
            "--force-network", options.force_network,
            "Loopback: ranks of one node talk through their NICs (P2P, SHM and NVLS off), for this whole launch"),
        app.add_option("--set", settings,
                       "NAME=VALUE of NCCL, for this whole launch: NCCL_NVLS_ENABLE=0, NCCL_COLLNET_ENABLE=1 (SHARP),\n"
                       "NCCL_MAX_CTAS=4 ...; stored, its curves are never pooled with others; repeats"),
    };
  }
  for (CLI::Option* flag : nccl_flags) {
    flag->group("With --transport nccl");
  }
  CLI::Option* machine = app.add_option("--machine", scripted.machine,
                                        "A machine on paper: dgx-a100, or a TOML file like those of data/machines");
  CLI::Option* ranks = app.add_option("--ranks", scripted.ranks, "Pretended ranks")->capture_default_str();
  CLI::Option* nodes =
      app.add_option("--nodes", scripted.nodes, "Pretended nodes, in place of --ranks")->check(CLI::Range(1, 4096));
  nodes->excludes(ranks);
  std::vector<CLI::Option*> scripted_flags{
      machine,
      nodes,
      ranks,
      app.add_option("--alpha", scripted.alpha, "Latency of every operation")->capture_default_str(),
      app.add_option("--beta", scripted.beta, "Bandwidth of every operation")->capture_default_str(),
      app.add_option("--noise", scripted.noise, "Relative standard deviation of a sample")->capture_default_str(),
      app.add_option("--switch", scripted.switches, "Protocol switch FROM:ALPHA:BETA, e.g. 64KiB:8us:200GB/s; repeats"),
      app.add_option("--launch-noise", scripted.launch_noise, "The same of a launch as a whole")->capture_default_str(),
      app.add_option("--jitter", scripted.jitter, "Mean of a delay on top of each sample, as of a busy host")
          ->capture_default_str(),
      app.add_option(
          "--fault", scripted.faults,
          "Something slow between nodes: slow-node:17:2%, slow-nic:17/5:30% (node, rail), slow-pair:3-9:50%,\n"
          "slow-rail:5:10%; with :sending or :receiving one way only, with :loaded only while several pairs exchange,\n"
          "with :first=16 only in the first 16 visits; repeats"),
      app.add_option("--ranks-per-node", scripted.ranks_per_node, "Pretended ranks per node")->capture_default_str(),
  };
  for (CLI::Option* flag : scripted_flags) {
    flag->group("With --transport scripted");
  }
  for (const char* own : {"--alpha", "--beta", "--switch", "--ranks", "--ranks-per-node"}) {
    machine->excludes(app.get_option(own));
  }
  app.footer(
      experiments_text() +
      "Google Benchmark's own flags work too: --benchmark_list_tests, --benchmark_filter=REGEX,\n"
      "--benchmark_out=FILE, --benchmark_format=console|json|csv.\n"
      "Exit codes: 0 done, 1 something broke or a result was wrong, 2 bad input, 75 stopped by a signal (go on with "
      "--resume).");

  std::vector<std::string> ours;
  for (const std::string& argument : arguments) {
    if (argument.starts_with("--benchmark_")) {
      check_benchmark_flag(argument);
      if (argument.starts_with("--benchmark_list_tests")) {
        options.list_only = !argument.ends_with("=false");
      } else {
        options.benchmark.push_back(argument);
      }
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
    return {std::nullopt, HOCKNEY_VERSION "\n" + (has_nccl() ? gpu_needs() + "\n" : "")};
  }
  options.transport = parse_name<TransportKind>(transport);
  if (options.plan.empty()) {
    options.plan = options.scan ? "scan" : options.transport == TransportKind::nccl ? "dgx-short" : "smoke";
  }
  if (options.transport == TransportKind::imported) {
    throw InputError("--transport imported: imported logs come from: hockney import");
  }
  if (options.transport == TransportKind::nccl && !has_nccl()) {
    throw InputError("--transport nccl: this program was built without CUDA and NCCL; expected mpi or scripted");
  }
  const auto require_transport = [&](const std::vector<CLI::Option*>& flags, TransportKind kind) {
    for (const CLI::Option* flag : flags) {
      if (options.transport != kind && flag->count() > 0) {
        throw InputError(fmt::format("{}: only with --transport {}", flag->get_name(), name_of(kind)));
      }
    }
  };
  require_transport(scripted_flags, TransportKind::scripted);
  require_transport(nccl_flags, TransportKind::nccl);
  std::transform(settings.begin(), settings.end(), std::back_inserter(options.settings), parse_launch_setting);
  options.point_limit = value_of("--point-limit", point_limit, parse_seconds);
  options.scan_spread = value_of("--scan-spread", scan_spread, parse_seconds);
  if (!budget.empty()) {
    options.budget.time = value_of("--budget", budget, parse_seconds);
    if (!options.budget || options.scan) {
      throw InputError(fmt::format("--budget '{}': expected a time above 0 s, and not with --scan", budget));
    }
    const auto reports = [](const std::string& flag) {
      return flag.starts_with("--benchmark_out") || flag.starts_with("--benchmark_format");
    };
    const auto report = std::find_if(options.benchmark.begin(), options.benchmark.end(), reports);
    if (report != options.benchmark.end()) {
      throw InputError(
          fmt::format("{}: not with --budget: Google Benchmark must know all points before the first one", *report));
    }
  }
  for (const CLI::Option* flag : budget_flags) {
    if (flag->count() > 0 && !options.budget) {
      throw InputError(fmt::format("{}: only with --budget", flag->get_name()));
    }
  }
  if (options.scan && (options.resume || options.list_only || options.dry_run)) {
    throw InputError(
        "--scan: not with --resume, --dry-run or --benchmark_list_tests: what it measures follows from what it finds");
  }
  if (seed_flag->count() > 0) {
    options.seed = parse_seed(seed);
  }
  options.scripted = scripted_machine(scripted);
  return {std::move(options), {}};
}

}  // namespace hockney::bench
