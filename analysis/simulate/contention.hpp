#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "simulate/fluid.hpp"
#include "workload/messages.hpp"

namespace hockney::simulate {

/// Equal operations one after the other, and what one of them takes with the network to itself.
struct Phase {
  Message message;  ///< symmetric: one that splits_evenly(). group.first is the GPU of a node that the first rank has,
                    ///< group.concurrent the equal groups side by side on the GPUs of a node
  double alone_s = 0;
  double latency_s = 0;   ///< of alone_s, what does not depend on the bytes
  std::size_t parts = 0;  ///< that the operation is done in, one after the other; 0: by its bytes

  double all_alone_s() const { return alone_s * static_cast<double>(message.count); }
};

/// What the same ranks do one after the other.
struct Chain {
  std::vector<Phase> phases;
  std::size_t rounds = 1;  ///< that the operations of all phases are spread over
  double compute_s = 0;    ///< of a round, in equal parts before its operations
  Flow::Pace pace = Flow::Pace::free;

  double all_alone_s() const;  ///< the computation too
};

/// Whether every rank sends as much as it receives and as every other, which folding takes for granted. A transfer is
/// one of many alike: each node sends one on and gets one.
bool splits_evenly(Operation operation);

/// A node of the cluster. A port is a NIC, or the NICs of one GPU together where it has several.
struct Node {
  std::uint32_t gpus = 8;
  std::uint32_t ports = 8;         ///< at most one per GPU; GPU i has port i * ports / gpus
  double port_bytes_per_s = 25e9;  ///< one direction
};

/// What one operation of a phase sends through the ports of a node; as much comes in.
struct Load {
  std::uint32_t first_port = 0;
  std::uint32_t ports = 0;  ///< 0: the phase stays inside the node
  double bytes = 0;         ///< through each of them
  double bytes_per_s = 0;   ///< at that pace, alone, once the latency is over
  double counted = 1;       ///< share of the bytes that is in `bytes`
};

/// Bytes by LineRate's rules (predict/network/line_rate.hpp): a ring of g ranks per node brings wire_factor(n) m out of
/// each node, through all ports of its GPUs alike; of an all_to_all (n - g)/n m of each rank leave through its own
/// port, and of a transfer m; the fullest port counts for all. Throws InputError where the ranks of a node with those
/// of the other groups do not fit on its GPUs.
Load load_of(const Phase& phase, const Node& node);

/// What chains take that begin at the same time on the same nodes: of each, the seconds in its phases and its end.
///
/// Nodes are folded: with `nodes` = 1 one node stands for all. All ports of a phase move at one pace, so that only the
/// fullest node counts; with all phases' first ranks on the first node that is this one, and it sees as much go out as
/// come in. `nodes` above 1 leaves them unfolded: each chain has a copy on every group of nodes as large as its own;
/// its phases must have equally many.
std::vector<FlowTimes> times_together(std::span<const Chain> chains, const Node& node, std::uint32_t nodes = 1);

}  // namespace hockney::simulate
