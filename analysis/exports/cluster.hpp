#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "cost/cost_model.hpp"
#include "vocabulary/group.hpp"
#include "vocabulary/operation.hpp"

/// Cost models as the files that other planners read. (`export` is a word of C++: the folder has another name.)
namespace hockney::exports {

/// The GPU of a cluster, for planners whose file holds it beside the network. Rates are decimal.
struct Processor {
  std::string name;
  double matrix_flops_per_s = 0;       ///< dense peak of the matrix units, 2-byte elements
  double matrix_flops_per_s_8bit = 0;  ///< 0: none
  double efficiency = 0;               ///< sustained share of that peak
  double memory_bytes_per_s = 0;       ///< HBM, peak
  Bytes memory{};                      ///< HBM capacity
  double collective_share = 0;         ///< of its multiprocessors, what a collective inside a node occupies
};

/// Seconds of one operation in a group. Throws InputError where nothing measured can answer.
using Ask = std::function<double(Operation operation, const Group& group, Bytes payload)>;

/// What is exported: equal nodes, and what communication costs among their GPUs.
struct Cluster {
  std::string name;
  std::uint32_t gpus_per_node = 1;
  std::uint32_t nodes = 1;
  std::uint32_t nics_per_node = 1;
  Bytes reference{};  ///< where a law of two numbers is exact; above smallest_payload
  Processor gpu;
  Ask ask;
  const cost::CostModel* model = nullptr;  ///< the curves behind `ask`, for formats that hold curves

  std::uint32_t gpus() const { return gpus_per_node * nodes; }
};

/// The payload whose time stands for the latency in a law of two numbers.
inline constexpr Bytes smallest_payload = kibibytes(1);

/// `ranks` neighbours of the cluster, node after node.
Group neighbours(const Cluster& cluster, std::uint32_t ranks);

/// `per_node` ranks on each of `nodes` nodes; where that is not all of a node's GPUs, equal groups beside it use the
/// others.
Group spread(const Cluster& cluster, std::uint32_t nodes, std::uint32_t per_node);

/// Two GPUs of one node, and two of two nodes.
Group pair_inside();
Group pair_across();

/// As Cluster::ask, and nothing where nothing measured can answer.
std::optional<double> known_time(const Cluster& cluster, Operation operation, const Group& group, Bytes payload);

/// Bytes per second on the wire of a group whose operation takes `time_s`: busbw of nccl-tests.
double bus_bandwidth(Operation operation, const Group& group, Bytes payload, double time_s);

/// A law t(m) = alpha + beta m.
struct Line {
  double alpha_s = 0;          ///< 0 or more
  double beta_s_per_byte = 0;  ///< above 0

  double at(double bytes) const { return alpha_s + beta_s_per_byte * bytes; }
};

/// The collectives that files of several planners hold, in the order of their names.
inline constexpr std::array planned_collectives{Operation::all_gather, Operation::all_reduce, Operation::all_to_all,
                                                Operation::reduce_scatter};

/// What of a cluster is lost or bent in a file, with figures.
using Notes = std::vector<std::string>;

/// The line through the times at smallest_payload and at Cluster::reference, so that it is exact at both; through the
/// latter alone, with alpha 0, where the times grow by more than in proportion. Throws InputError when the time at the
/// reference is not the larger one, and as Cluster::ask.
Line line_through(const Cluster& cluster, Operation operation, const Group& group);

/// The same for a file: notes how far the line is off, as note_error().
Line line_through(const Cluster& cluster, Operation operation, const Group& group, Notes& notes);

/// Notes how far a law that a file states for an operation lies from Cluster::ask at the powers of two: "all_reduce of
/// 8 ranks (8 per node): one line, exact at 64 MiB; between 1 KiB and 1 GiB off by up to 31 % (at 1 MiB)".
void note_error(const Cluster& cluster, Operation operation, const Group& group, std::string_view what,
                const std::function<double(double bytes)>& law, Notes& notes);

/// Notes of a cluster of one node that keys of a file for what lies between nodes state what lies inside.
void note_if_one_node(const Cluster& cluster, std::string_view keys, Notes& notes);

/// Throws InputError, naming the format, for a cluster of one GPU.
void require_several_gpus(const Cluster& cluster, std::string_view format);

/// The same for a cluster of nodes of one GPU.
void require_pair_inside(const Cluster& cluster, std::string_view format);

}  // namespace hockney::exports
