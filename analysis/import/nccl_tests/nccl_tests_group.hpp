#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "import/imported.hpp"
#include "import/nccl_tests/nccl_tests_text.hpp"
#include "vocabulary/group.hpp"
#include "vocabulary/placement.hpp"

namespace hockney::import {

/// Who took part in a table's operations.
struct NcclTestsGroup {
  Group group;
  std::uint32_t nodes = 1;  ///< 0: not known
  std::string evidence;     ///< where the rank count comes from: "rank list, confirmed by busbw", "--ranks" ...
  std::vector<NcclTestsRank> members;  ///< the rank list, of one job where it lists several
  std::vector<std::string> notes;
};

/// Ranks: --ranks, unless all rows together rule it out and allow another count, else the rank list (a list with gaps
/// only if busbw confirms its highest rank), else busbw alone where one whole number fits it, else nThread x nGpus
/// where busbw allows it. A list that names every rank several times is of several jobs, and is used, with a note,
/// where all have their ranks on one node or all on the same nodes. Nodes: the rank list's hosts, else --nodes or
/// --ranks-per-node, else one when a single process holds all ranks, else not known: the group is then not placed.
/// Throws InputError, whose message is the reason to refuse the table, when these contradict each other or do not tell
/// the ranks.
NcclTestsGroup group_of(const NcclTestsTable& table, Operation operation, const ImportOptions& options);

/// The rank list as placements: `gpu` holds the PCI address, since such logs have no UUIDs.
std::vector<Placement> placements_of(const std::vector<NcclTestsRank>& ranks);

/// Whether two ranks of one host have the same PCI address.
bool share_a_gpu(const std::vector<NcclTestsRank>& ranks);

/// Distinct host names, in order of appearance.
std::vector<std::string> hosts_of(const std::vector<NcclTestsRank>& ranks);

}  // namespace hockney::import
