#include "provenance.hpp"

#include "build_info.hpp"
#include "mpi/communicator.hpp"
#include "topology/discover.hpp"
#include "topology/sysfs.hpp"

namespace hockney::bench {

Provenance collect_provenance() {
  Provenance facts = allowed_environment();
  facts.merge(topology::describe_host());
  facts["build.commit"] = build_info::commit;
  facts["build.compiler"] = build_info::compiler;
  facts["build.type"] = build_info::build_type;
  facts["build.flags"] = build_info::flags;
  facts["version.hockney"] = HOCKNEY_VERSION;
  facts["version.mpi"] = mpi::Environment::library_version();
  facts["version.google_benchmark"] = build_info::google_benchmark;
  facts["version.hdf5"] = build_info::hdf5;
  facts["cpu.governor"] = topology::first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (facts["cpu.governor"].empty()) {
    facts["cpu.governor"] = "not readable";
  }
  return facts;
}

}  // namespace hockney::bench
