#include "gbench.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

#include "errors/error.hpp"

namespace hockney {
namespace {

/// Accepts every run and prints none: a reporter that says no to the context would skip the suite on its rank alone.
class SilentReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

bool prints_or_writes(std::string_view flag) {
  return flag.starts_with("--benchmark_out") || flag.starts_with("--benchmark_format") ||
         flag.starts_with("--benchmark_list_tests");
}

bool machine_format_requested = false;

}  // namespace

void clear_benchmark_environment() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    if (pair.starts_with("BENCHMARK_")) {
      names.emplace_back(pair.substr(0, pair.find('=')));
    }
  }
  for (const std::string& name : names) {
    unsetenv(name.c_str());
  }
}

bool wants_machine_format(const std::vector<std::string>& flags) {
  for (const std::string& flag : flags) {
    if (flag == "--benchmark_format=json" || flag == "--benchmark_format=csv") {
      return true;
    }
  }
  return false;
}

void initialise_benchmark(std::vector<std::string> flags, bool is_root) {
  machine_format_requested = wants_machine_format(flags);
  if (!is_root) {
    std::erase_if(flags, prints_or_writes);
  }
  std::vector<char*> argv;
  std::string program = "hockney-bench";
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

void register_benchmark(const std::string& name, std::function<Summary()> measure) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [measure = std::move(measure)](benchmark::State& state) {
                                 for (auto _ : state) {
                                   const Summary summary = measure();
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

}  // namespace hockney
