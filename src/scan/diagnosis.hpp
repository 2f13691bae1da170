#pragma once

#include <vector>

#include "scan/pair_times.hpp"
#include "scan/suspect.hpp"

namespace hockney::scan {

/// What is slow in the rounds, the worst first. Node and NIC: an excess of the NodeModel of a rail and payload above
/// the limit and above z spreads; a node where that is so on more than half of the rails. Path: a residual above the
/// limit, unless one of its nodes is more suspect itself. Rail: its level above the median of all rails' by the limit
/// and by z spreads.
std::vector<Suspect> find_suspects(const ScanRecord& scan, const Limits& limits = {});

/// Judges suspects by what was measured again: exchanges alone, and repeated rounds.
std::vector<Suspect> judge(const ScanRecord& scan, std::vector<Suspect> suspects, const Limits& limits = {});

/// find_suspects() and judge().
std::vector<Suspect> diagnose(const ScanRecord& scan, const Limits& limits = {});

}  // namespace hockney::scan
