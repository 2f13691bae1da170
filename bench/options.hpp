#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/seconds.hpp"
#include "launch_setting.hpp"
#include "plan/case.hpp"
#include "transport/scripted/scripted_transport.hpp"

namespace hockney::bench {

/// How long a launch may take, and what it may add.
struct Budget {
  Seconds time{0};                 ///< for all its visits; 0 s: no limit
  std::uint32_t added_sizes = 16;  ///< per curve, at most
  std::uint32_t launches = 1;      ///< that the campaign is to have, this one included; 0: as many as it takes

  explicit operator bool() const { return time.count() > 0; }
};

/// The command line of hockney-bench.
struct Options {
  std::string plan;           ///< name of a shipped plan, or a TOML file
  std::filesystem::path out;  ///< campaign folder; empty: campaigns/PLAN
  std::string campaign;       ///< name stored in the file; empty: the plan's name
  TransportKind transport = TransportKind::mpi;
  transport::ScriptedMachine scripted;  ///< --transport scripted only
  bool share_gpu = false;               ///< --transport nccl only: ranks may share a GPU (functional runs)
  bool force_network = false;           ///< --transport nccl only: ranks of one node talk through the network too
  std::vector<LaunchSetting> settings;  ///< --transport nccl only: of NCCL, for this whole launch
  Budget budget;
  Seconds point_limit{60};            ///< a point that takes longer ends the launch; 0 s: no limit
  std::optional<std::uint64_t> seed;  ///< of the order of points; random when not given, stored in any case
  bool dry_run = false;
  bool topology = false;          ///< show hosts, GPUs and NICs, measure nothing
  bool scan = false;              ///< look for slow nodes instead of measuring curves
  std::uint32_t scan_rounds = 8;  ///< of a tournament of pairs
  Seconds scan_spread{600};       ///< over which suspects are measured again
  bool resume = false;
  bool list_only = false;              ///< --benchmark_list_tests
  std::vector<std::string> benchmark;  ///< Google Benchmark's own flags, checked; without --benchmark_list_tests
};

/// What to do after reading the command line.
struct Command {
  std::optional<Options> options;  ///< empty when help or the version was asked for
  std::string text;                ///< to print on stdout when `options` is empty
};

/// Reads the command line (without the program's name). Throws InputError for unknown flags, for flags that do not go
/// with the transport, and for those of Google Benchmark that would break the lockstep of the ranks or have no effect
/// here (random interleaving, repetitions, minimal times, performance counters).
Command read_command_line(const std::vector<std::string>& arguments);

}  // namespace hockney::bench
