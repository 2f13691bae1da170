#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plan/case.hpp"
#include "vocabulary/operation.hpp"

namespace hockney::import {

/// What the size column of an OSU micro-benchmark counts.
enum class OsuSize {
  payload,       ///< one rank's whole buffer, or one message
  block_of_rank  ///< one rank's block: what it contributes, or what it sends to each peer
};

/// One test of the OSU micro-benchmarks that times an operation of ours.
struct OsuTest {
  Operation operation = Operation::all_reduce;
  OsuSize size = OsuSize::payload;
  Mode mode = Mode::host;  ///< collectives: barrier, clock, operation, clock; stream: a loop between two clock readings
};

/// "# OSU MPI-CUDA Allreduce Latency Test v7.4", taken apart.
struct OsuBanner {
  std::string program;  ///< the line without '#': "OSU MPI-CUDA Allreduce Latency Test v7.4"
  std::string library;  ///< "MPI-CUDA", "MPI", "NCCL-CUDA", "RCCL-ROCM"
  std::string test;     ///< "Allreduce Latency"
  std::string version;  ///< "7.4"
};

/// Reads a banner, with or without its '#'. Nothing when the line is none.
std::optional<OsuBanner> read_osu_banner(std::string_view line);

/// The test that a banner names. Throws InputError, whose message is the reason to refuse, for tests that time what
/// Hockney has no operation for: barriers, both directions at once, message rates, one-sided and non-blocking tests.
OsuTest osu_test(const OsuBanner& banner);

/// The element type: that of "# Datatype: MPI_FLOAT.", else the program's own choice, MPI_FLOAT for reductions before
/// version 7 and with NCCL and RCCL, MPI_CHAR otherwise. Throws InputError for a type that Hockney does not have.
Element osu_element(const OsuBanner& banner, Operation operation, std::string_view datatype);

/// How many operations one number is the mean of when the table does not say: the loop counts of osu_util.h, which
/// become smaller above 8 KiB.
std::uint32_t osu_default_iterations(Operation operation, std::uint64_t size_bytes);

}  // namespace hockney::import
