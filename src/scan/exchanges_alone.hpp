#pragma once

#include <vector>

#include "scan/pair_times.hpp"
#include "scan/suspect.hpp"

namespace hockney::scan {

/// The exchanges that tell, alone, whether suspects are slow: each suspect with three good nodes, or the suspected pair
/// itself, and pairs of good nodes to compare with. Good are the nodes that no suspect names, the most typical first;
/// empty where there are fewer than two of them.
std::vector<NodePair> pairs_to_repeat(const ScanRecord& scan, const std::vector<Suspect>& suspects,
                                      const Limits& limits = {});

/// What tells whether suspects are slow when they send or when they receive, and over which adapters: each node, NIC
/// and path as above, one way and the other, rail by rail where it shows on some only, and good pairs there to compare
/// with.
std::vector<Alone> exchanges_one_way(const ScanRecord& scan, const std::vector<Suspect>& suspects,
                                     const Limits& limits = {});

}  // namespace hockney::scan
