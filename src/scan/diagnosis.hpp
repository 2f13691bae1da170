#pragma once

#include <string>
#include <vector>

#include "scan/pair_times.hpp"
#include "scan/suspect.hpp"

namespace hockney::scan {

/// What is slow in the rounds, the worst first, by the NodeModels of each payload. Node: its excess on more than half
/// of the rails above the limit and above z spreads of that between nodes. NIC: the same on single rails, beyond what
/// its node is slow by. Path: a residual above the limit, unless one of its nodes is more suspect itself. Rail: its
/// level above the median of all rails', or of two above the other's, by the limit and by z spreads.
std::vector<Suspect> find_suspects(const ScanRecord& scan, const Limits& limits = {});

/// Judges suspects by what was measured again: exchanges alone, and repeated rounds.
std::vector<Suspect> judge(const ScanRecord& scan, std::vector<Suspect> suspects, const Limits& limits = {});

/// find_suspects() and judge().
std::vector<Suspect> diagnose(const ScanRecord& scan, const Limits& limits = {});

/// What a scan cannot tell, a sentence each: how slow nodes and paths must be to show, which pairs of nodes did not
/// meet, what two nodes have nothing to be compared with for. A scan with exchanges in it.
std::vector<std::string> blind_spots(const ScanRecord& scan, const Limits& limits = {});

}  // namespace hockney::scan
