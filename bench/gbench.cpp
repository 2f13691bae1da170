#include "gbench.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>

#include "base/error.hpp"

namespace hockney::bench {
namespace {

/// Accepts every run and prints none: a reporter that says no to the context would skip the suite on its rank alone.
class SilentReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

bool prints_or_writes(std::string_view flag) {
  return flag.starts_with("--benchmark_out") || flag.starts_with("--benchmark_format");
}

// Google Benchmark would exit on its own, in the middle of the launch.
void require_writable(const std::vector<std::string>& flags) {
  constexpr std::string_view key = "--benchmark_out=";
  for (const std::string& flag : flags) {
    if (flag.starts_with(key) && !std::ofstream(flag.substr(key.size()), std::ios::app)) {
      throw InputError(fmt::format("{}: cannot be written (--benchmark_out)", flag.substr(key.size())));
    }
  }
}

bool machine_format_requested = false;

}  // namespace

bool wants_machine_format(const std::vector<std::string>& flags) {
  for (const std::string& flag : flags) {
    if (flag == "--benchmark_format=json" || flag == "--benchmark_format=csv") {
      return true;
    }
  }
  return false;
}

NameFilter::NameFilter(const std::vector<std::string>& flags) {
  constexpr std::string_view key = "--benchmark_filter=";
  for (const std::string& flag : flags) {
    if (!flag.starts_with(key)) {
      continue;
    }
    std::string text = flag.substr(key.size());
    inverted_ = text.starts_with('-');
    text.erase(0, inverted_ ? 1 : 0);
    if (text.empty() || text == "all") {
      expression_.reset();
      continue;
    }
    try {
      expression_ = std::regex(text, std::regex::extended | std::regex::nosubs);
    } catch (const std::regex_error& error) {
      throw InputError(fmt::format("--benchmark_filter '{}': expected a regular expression: {}", text, error.what()));
    }
  }
}

bool NameFilter::admits(const std::string& name) const {
  return !expression_ || std::regex_search(name, *expression_) != inverted_;
}

void initialise_benchmark(std::vector<std::string> flags, bool is_root) {
  machine_format_requested = wants_machine_format(flags);
  std::erase_if(flags, [](const std::string& flag) { return flag.starts_with("--benchmark_filter"); });
  if (is_root) {
    require_writable(flags);
  } else {
    std::erase_if(flags, prints_or_writes);
  }
  // Google Benchmark takes BENCHMARK_* variables as defaults of its flags before main() begins: too early to unset
  // them, so the flags that steer a run are given explicitly.
  const std::vector<std::string> defaults{"--benchmark_filter=.",
                                          "--benchmark_list_tests=false",
                                          "--benchmark_repetitions=1",
                                          "--benchmark_format=console",
                                          "--benchmark_out=",
                                          "--benchmark_enable_random_interleaving=false",
                                          "--benchmark_perf_counters=",
                                          "--benchmark_report_aggregates_only=false",
                                          "--benchmark_display_aggregates_only=false"};
  flags.insert(flags.begin(), defaults.begin(), defaults.end());
  std::vector<char*> argv;
  static std::string program = "hockney-bench";  // Google Benchmark keeps the pointer for its reports
  argv.push_back(program.data());
  for (std::string& flag : flags) {
    argv.push_back(flag.data());
  }
  argv.push_back(nullptr);
  int argc = static_cast<int>(argv.size()) - 1;
  benchmark::Initialize(&argc, argv.data());
  if (argc > 1) {
    throw InputError(fmt::format("{}: Google Benchmark does not know this flag", argv[1]));
  }
}

void register_benchmark(const std::string& name, std::function<Outcome()> measure) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [measure = std::move(measure)](benchmark::State& state) {
                                 for (auto _ : state) {
                                   const auto [summary, not_measured] = measure();
                                   if (!not_measured.empty()) {
                                     state.SkipWithError(not_measured.c_str());
                                     break;
                                   }
                                   state.SetIterationTime(summary.median_s);
                                   state.counters["median_low_s"] = summary.median_interval_s.low;
                                   state.counters["median_high_s"] = summary.median_interval_s.high;
                                   state.counters["p99_s"] = summary.p99_s;
                                   state.counters["algbw_bytes_per_s"] = summary.algbw.value;
                                   state.counters["busbw_bytes_per_s"] = summary.busbw.value;
                                   state.counters["skew"] = summary.skew;
                                   state.counters["samples"] = static_cast<double>(summary.samples);
                                 }
                               })
      ->Iterations(1)
      ->Repetitions(1)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

std::size_t run_benchmarks(bool is_root) {
  if (is_root && machine_format_requested) {
    return benchmark::RunSpecifiedBenchmarks();
  }
  SilentReporter silent;
  return benchmark::RunSpecifiedBenchmarks(&silent);
}

}  // namespace hockney::bench
