#pragma once

#include <cstddef>
#include <vector>

/// What runs at the same time on the same NICs, by SimGrid.
namespace hockney::simulate {

/// Operations one after the other. Each waits the gap, and is then done in slices: each waits its part of the latency,
/// then its part of the bytes goes through all links at one pace. So does a ring, step by step.
struct Flow {
  double gap_s = 0;
  double latency_s = 0;            ///< of one operation
  double bytes = 0;                ///< of one operation, through each of the links
  double most_bytes_per_s = 0;     ///< what it reaches alone; above 0 where there are bytes
  std::vector<std::size_t> links;  ///< places in Network::link_bytes_per_s
  std::size_t slices = 1;          ///< of one operation; at least a byte each
  std::size_t operations = 1;
};

/// Links and what goes through them from time 0 on. Flows on one link share its rate evenly; what one of them cannot
/// take, the others get (max-min fairness).
struct Network {
  std::vector<double> link_bytes_per_s;
  std::vector<Flow> flows;
};

/// Seconds after which each flow has ended, as SimGrid's fluid model says. It runs in a program of its own,
/// hockney-simgrid, which lies beside this one: SimGrid allows one simulation per process, ends the process where it
/// finds fault, and is slow to load. Throws InputError where that is not there (built without SimGrid), Failure where
/// it fails.
std::vector<double> end_times(const Network& network);

}  // namespace hockney::simulate
