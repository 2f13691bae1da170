#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cost/cost_model.hpp"
#include "predict/compute/constants.hpp"
#include "predict/network/curve_chooser.hpp"
#include "predict/network/line_rate.hpp"
#include "workload/messages.hpp"

namespace hockney::predict {

/// A time as a function of the payload, made once and read without allocation: straight lines between nodes.
class FlatCurve {
 public:
  struct Node {
    double payload = 0;  ///< B
    double time_s = 0;
    double log_error_up = 0;      ///< standard error of log(time) above the value, from the estimate's 95 % interval
    double log_error_down = 0;    ///< below it
    double slope_s_per_byte = 0;  ///< from this node on
  };

  /// Nodes ascending in payload; at least one. The first node's line also holds below it, the last one's above.
  explicit FlatCurve(std::vector<Node> nodes);

  /// s, never below 0.
  double at(double payload) const;

  /// s, when the curve is off by `deviate` of its standard errors at that payload.
  double at(double payload, double deviate) const;

 private:
  const Node& node_before(double payload) const;

  std::vector<Node> nodes_;
};

/// What the nodes' network cards bring, where that is stated rather than measured.
struct NicRate {
  double bytes_per_s_per_gpu = 0;  ///< one direction: the node's NICs divided by its GPUs, all of them sending at once
  Seconds latency{5e-6};
  double ring_limit_bytes_per_s = std::numeric_limits<double>::infinity();  ///< per GPU; Gpu::ring_limit_bytes_per_s
  double gpus_per_node = 8;

  /// What a ring over nodes reaches per GPU, B/s, where it would reach `free_rate` but for its limit. The limit is that
  /// of a ring of one GPU per node beside others that use the rest of its NICs; a ring of all GPUs of its nodes has
  /// none; between the two it is taken as a power of the ranks per node.
  double ring_rate(double free_rate, std::uint32_t ranks_per_node) const;
};

/// Times the messages of steps. The cost model's curves answer (CurveChooser); a transfer inside a node for which it
/// has none is read off all_to_all, else all_gather, reduce_scatter or all_reduce, as the payload that keeps a GPU's
/// links as busy (wire_factor; behind a switch every pair has the rate that every other has); a collective for which it
/// has none is read off reduce_scatter, else all_gather, else all_reduce of the same group and payload, scaled by
/// wire_factor (a ring all-reduce is a reduce-scatter and an all-gather: Thakur, Rabenseifner & Gropp 2005). Both carry
/// a remark, and `strict` refuses both. Between nodes, where a NicRate is stated, it does, whatever the cost model
/// holds:
///   transfers     latency + m / (transfer_share rate)
///   all_to_all    LineRate's, with transfer_share of the rate
///   others        LineRate's ring over N nodes with ring_share of the rate, at most NicRate::ring_rate()
/// and no less than what stays inside the node takes by curves of that: the ring of its ranks scaled by wire_factor, or
/// the n/N of an all_to_all.
/// Without one the cost model's curves answer; where a LineRate would, it is taken as a NicRate. Every transfer, inside
/// nodes or between them and whatever answers, takes transfer_wait_s on top (Megatron-LM synchronises the host).
///
/// For Monte Carlo, draw() shifts every curve by a number of its standard errors that depends on the curve (name,
/// machine, source) and the draw alone: mappings that read the same curve are wrong together (common random numbers),
/// and so are two groups that are extrapolated from one curve. A stated rate has no error of its own.
///
/// Asked the same group twice it reads a FlatCurve: no allocation. One thread at a time. `model` must outlive it.
class StepNetwork {
 public:
  /// `nic`: stated for this network; `line_rate`: where curves are missing.
  StepNetwork(const cost::CostModel& model, const StepConstants& constants, std::optional<NicRate> nic,
              std::optional<NicRate> line_rate, bool strict);

  /// Seconds of one operation. Throws InputError as CurveChooser::answer(), for the same group with the same text.
  double time(const Message& message);

  /// The same with its interval, curve and remarks; estimate.value_s equals time() but for the FlatCurve's rounding
  /// where two segments meet.
  Answer answer(const Message& message) const;

  /// From now on time() answers as in draw `number`; 0 is the value itself.
  void draw(std::uint64_t number);

  const StepConstants& constants() const { return constants_; }

 private:
  struct Entry {
    FlatCurve curve;
    std::uint64_t origin = 0;  ///< hash of the name, machine and source of the curve that answers
    double deviate = 0;        ///< of the current draw
    std::string refusal;       ///< of a group that nothing can answer: what InputError says
  };

  Entry& entry_of(const Message& message);
  Entry compiled_or_refused(const Message& message) const;
  Entry compile(const Message& message) const;
  Answer answer_of_network(const Message& message) const;
  std::optional<Answer> answer_inside(const Message& message) const;
  Answer answer_by_nic(const Message& message, const NicRate& nic) const;
  Answer answer_by_curves(const Message& message) const;
  std::optional<Answer> answer_by_relative(const Message& message) const;
  std::optional<Answer> answer_by_collective(const Message& message) const;

  StepConstants constants_;
  std::optional<NicRate> nic_;
  std::optional<NicRate> line_rate_;
  bool strict_;
  CurveChooser chooser_;
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::uint64_t draw_ = 0;
};

/// A standard normal deviate that depends on both numbers alone.
double deviate_of(std::uint64_t origin, std::uint64_t draw);

}  // namespace hockney::predict
