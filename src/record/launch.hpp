#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "record/measurement.hpp"
#include "vocabulary/placement.hpp"

namespace hockney::inline record {

/// Where the numbers of one launch come from. One launch is one start of hockney-bench (new processes, new
/// communicators) or one imported table.
struct LaunchInfo {
  std::string run_uuid;   ///< UUID of version 4, of imported tables version 8; launch files are named after it
  std::string campaign;   ///< the name that launches of one campaign share (plan name, or given)
  std::string producer;   ///< "hockney-bench 0.1.0", "nccl-tests (imported)"
  std::string source;     ///< imported: file name and citation; else empty
  std::string machine;    ///< host name pattern or the name given by the user
  std::string argv;       ///< the command line, blanks between arguments
  std::string plan_text;  ///< the plan file as read; empty when imported
  std::uint64_t seed = 0;
  std::uint32_t ranks = 0;
  std::uint32_t nodes = 0;  ///< 0: not known
  std::int64_t started_utc_ns = 0;
  std::int64_t ended_utc_ns = 0;  ///< 0 while the launch is running or when it was killed
  bool finalised = false;         ///< the writer ended normally
};

/// Versions, build and environment, as ordered text pairs ("mpi.library" -> "MPICH 4.0.2"). Keys of environment
/// variables are "env.NAME"; only those that is_allowed_environment() names are ever collected.
using Provenance = std::map<std::string, std::string>;

/// The allow-list: NCCL_*, UCX_*, MPICH_*, FI_*, MPIR_CVAR_*, Open MPI's OMPI_MCA_btl*, _coll*, _mtl* and _pml* (not
/// what its mpiexec sets for each process), OMP_NUM_THREADS, CUDA_VISIBLE_DEVICES,
/// CUDA_MODULE_LOADING, SLURM_JOB_ID, SLURM_JOB_NODELIST, SLURM_NTASKS... Never the whole environment.
bool is_allowed_environment(std::string_view name);

/// The allowed part of this process's environment, keys "env.NAME".
Provenance allowed_environment();

/// Everything one launch file holds.
struct Launch {
  LaunchInfo info;
  Provenance provenance;
  std::vector<Placement> placements;
  std::vector<Measurement> measurements;  ///< in the order of measuring
  std::vector<Skipped> skipped;
};

/// A random RFC 4122 version 4 UUID from std::random_device.
std::string random_uuid();

/// The UUID that stands for a text: the same text has the same one everywhere, other texts have others (two FNV-1a
/// hashes of 64 bits). Of version 8, which RFC 9562 leaves to the application.
std::string uuid_of(std::string_view text);

/// Nanoseconds since 1970-01-01 UTC.
std::int64_t now_utc_ns();

/// "2026-11-22T23:10:05Z".
std::string to_iso8601(std::int64_t utc_ns);

}  // namespace hockney::inline record
