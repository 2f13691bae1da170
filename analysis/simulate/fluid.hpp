#pragma once

#include <cstddef>
#include <vector>

/// What runs at the same time on the same NICs, by SimGrid.
namespace hockney::simulate {

/// Equal operations. Each is done in slices: each waits its part of the latency, then its part of the bytes goes
/// through all links at one pace. So does a ring, step by step.
struct Step {
  double latency_s = 0;            ///< of one operation
  double bytes = 0;                ///< of one operation, through each of the links
  double most_bytes_per_s = 0;     ///< what it reaches alone; above 0 where there are bytes
  std::vector<std::size_t> links;  ///< places in Network::link_bytes_per_s
  std::size_t slices = 1;          ///< of one operation; at least a byte each
  std::size_t operations = 1;
};

/// Rounds one after the other. Each does its share of every step's operations in turn, in round r of R of n operations
/// those from r n / R to (r + 1) n / R, and computes before each of them for an equal part of its computation.
struct Flow {
  /// When its slices can begin.
  enum class Pace {
    free,     ///< one after the other, from time 0 on
    first,    ///< slice i of n has to wait for i + 1 of n parts of the first flow's computation, rounded up
    endless,  ///< again and again, until all flows that end have ended; it takes no times
  };
  std::vector<Step> steps;
  std::size_t rounds = 1;
  double compute_s = 0;  ///< of a round, without links
  Pace pace = Pace::free;
};

/// Links and what goes through them from time 0 on. Flows on one link share its rate evenly; what one of them cannot
/// take, the others get (max-min fairness).
struct Network {
  std::vector<double> link_bytes_per_s;
  std::vector<Flow> flows;
};

struct FlowTimes {
  std::vector<double> steps_s;  ///< in the operations of each step, without what they wait for
  double end_s = 0;
};

/// When each flow has ended, as SimGrid's fluid model says. It runs in a program of its own, hockney-simgrid, which
/// lies beside this one: SimGrid allows one simulation per process, ends the process where it finds fault, and is slow
/// to load. Throws InputError where that is not there (built without SimGrid), Failure where it fails.
std::vector<FlowTimes> flow_times(const Network& network);

}  // namespace hockney::simulate
