#pragma once

#include <benchmark/benchmark.h>
#include <functional>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "record/measurement.hpp"

namespace hockney::bench {

/// What differs between versions of Google Benchmark, and what must hold for it under MPI, stands in this file alone.
///
/// Under MPI every rank must make the same decisions. Google Benchmark's runner decides from the manual time, the
/// flags and BENCHMARK_* variables of its own process; so every benchmark here has Iterations(1) and UseManualTime(),
/// the flags are those of rank 0, and every flag that a variable may have set is set back first.

/// Hands Google Benchmark its flags. On ranks other than 0 those that write or print are dropped, and the filter on
/// every rank: NameFilter has applied it. Throws InputError when the file of --benchmark_out cannot be written.
void initialise_benchmark(std::vector<std::string> flags, bool is_root);

/// What a benchmark's body came to; the same kind on every rank, or the others would wait for it.
struct Outcome {
  Summary summary{};           ///< complete on rank 0
  std::string not_measured{};  ///< why not; empty: it was
};

/// Registers one benchmark whose body calls `measure` once and reports the median that it returns, in s, with counters
/// from its summary, or that it was skipped and why. The order of registration is the order of running.
void register_benchmark(const std::string& name, std::function<Outcome()> measure);

/// Runs what was registered; returns the number of benchmarks that ran.
/// On rank 0 the display is Google Benchmark's own when --benchmark_format asks for json or csv, else nothing: the
/// Console prints. On the other ranks nothing is printed.
std::size_t run_benchmarks(bool is_root);

/// The expression of --benchmark_filter, as Google Benchmark reads it: extended syntax, found anywhere in the name, a
/// leading '-' inverts. Throws InputError when it is none. Known before anything runs, so that progress counts right.
class NameFilter {
 public:
  explicit NameFilter(const std::vector<std::string>& flags);
  bool admits(const std::string& name) const;

 private:
  std::optional<std::regex> expression_;
  bool inverted_ = false;
};

/// Whether the flags ask Google Benchmark for json or csv on stdout, so that our own rows must go elsewhere.
bool wants_machine_format(const std::vector<std::string>& flags);

}  // namespace hockney::bench
