#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/launch.hpp"

namespace hockney::inline record {

/// The software that a launch ran on, as far as it changes results: facts with commas between, empty where nothing is
/// known. Launches whose texts differ are never fitted as one curve. First the versions of NCCL, of the GPU's driver
/// and of MPI that are told ("nccl:2.27.3,driver:570.86.15,mpi:MPICH-4.0.2"), then the settings in the environment
/// (is_setting()), by name: "NCCL_NVLS_ENABLE:0", then those of the command line of a program that measured
/// ("setting.nccl_tests.cta_policy" is "nccl_tests.cta_policy:2"). Commas in a value become semicolons.
std::string software_of(const Provenance& provenance);

/// Such a text without the settings in the environment: "nccl:2.27.3,driver:570.86.15,mpi:MPICH-4.0.2". What a command
/// line set stays: it is no is_setting().
std::string versions_in(const std::string& software);

/// Whether an environment variable changes how libraries communicate: NCCL_*, UCX_*, MPICH_*, MPIR_CVAR_*, FI_*,
/// OMPI_MCA_btl*, _coll*, _mtl* and _pml*, but not those that only log, watch, say where or which the installed library
/// is (NCCL_HOME, NCCL_VERSION), or name a host, an address or a file to write (NCCL_DEBUG*, UCX_LOG_*, ...).
bool is_setting(std::string_view variable);

/// Which of two software texts is taken where both could be: that of the later versions, then that with fewer facts,
/// whose rest is then settings; the text itself where they have as many. An order.
bool is_preferred_software(const std::string& one, const std::string& other);

/// What tells several software texts apart: of each the facts that not all of them have, "none of these" where it has
/// only the common ones.
std::vector<std::string> differences(std::span<const std::string> software);

}  // namespace hockney::inline record
