#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "predict/network/answer.hpp"
#include "predict/network/curve_family.hpp"
#include "predict/network/nic_rate.hpp"
#include "workload/messages.hpp"

namespace hockney::predict {

/// The rules of who answers for a message, one list in the order of Answerer; the first that can does:
///   node_nics     between nodes, where NetworkOptions::nic is stated: answer_by_rate(), and no less than what stays
///                 inside the node takes by curves of that (the ring of its ranks scaled by wire_factor, or the n/N of
///                 an all_to_all)
///   sharing       between nodes, curves of the operation by the law of sharing (sharing.hpp): where as many groups at
///                 once as share the message's nodes were not measured but two other numbers were (read_loads()), and
///                 an all_to_all beyond the measured ranks (read_leaving_share())
///   curve ...     curves of the operation on the class of fabrics that the group needs (choose_family()), at its
///   ring_steps    ranks, between its neighbours, by the power law, by ring steps
///   related       curves of the same class: a transfer inside a node is read off all_to_all, else all_gather,
///                 reduce_scatter or all_reduce, as the payload that keeps a GPU's links as busy (wire_factor; behind a
///                 switch every pair has the rate that every other has); a collective off reduce_scatter, else
///                 all_gather, else all_reduce of the same group and payload, scaled by wire_factor (a ring all-reduce
///                 is a reduce-scatter and an all-gather: Thakur, Rabenseifner & Gropp 2005). Not an all_to_all between
///                 nodes, which leaves through each rank's own NIC
///   line_rate     as node_nics, where NetworkOptions::line_rate is stated
///   other_fabric  curves of the operation on the other class, with a remark
/// `strict` leaves out related and other_fabric. To a transfer, whoever answers, Addition::host_wait comes on top; to
/// what curves of more ranks per node say of a ring over nodes, Addition::ring_limit (ring_limit_s()); to what lies in
/// one node, Addition::mesh where NetworkOptions::mesh is set: all of the time beyond that of the smallest message
/// takes Mesh::slowdown() times as long. What a message between nodes does inside a node stays as it is.
///
/// Keeps a reference: `model` must outlive it and its answers.
class Answerers {
 public:
  Answerers(const cost::CostModel& model, const StepConstants& constants, NetworkOptions options);

  /// Throws InputError when nothing can answer, naming what is missing and how to get it, and under `strict` when only
  /// a substitute could.
  Answer answer(const Message& message) const;

 private:
  class Question;
  using ReadFamily = std::optional<Answer> (*)(const Family&, const Message&);
  using Rule = std::optional<Answer> (Answerers::*)(const Question&) const;

  Answer answer_by_rules(const Message& message) const;
  double mesh_s(const Message& message, const Answer& answer) const;

  std::optional<Answer> by_node_nics(const Question& question) const;
  std::optional<Answer> by_sharing(const Question& question) const;
  std::optional<Answer> by_curve(const Question& question) const;
  std::optional<Answer> by_neighbours(const Question& question) const;
  std::optional<Answer> by_power_law(const Question& question) const;
  std::optional<Answer> by_ring_steps(const Question& question) const;
  std::optional<Answer> by_related(const Question& question) const;
  std::optional<Answer> by_line_rate(const Question& question) const;
  std::optional<Answer> by_other_fabric(const Question& question) const;

  std::optional<Answer> by_family(const Question& question, ReadFamily read) const;
  std::optional<Answer> first_of(std::span<const Rule> rules, const Question& question) const;
  std::optional<Answer> by_own_curves(const Message& message, FabricClass where) const;
  std::optional<Answer> related_collective(const Message& message, FabricClass where) const;
  std::optional<Answer> related_to_transfer(const Message& message) const;
  std::optional<Answer> related(const Message& message, FabricClass where) const;
  std::optional<Answer> inside_node(const Message& message) const;
  Answer by_rate(const NicRate& nic, const Message& message, Answerer by) const;
  std::optional<Answer> substitute(const Message& message) const;
  std::uint32_t most_ranks(FabricClass where, Operation operation) const;
  [[noreturn]] void refuse(const Message& message) const;

  const cost::CostModel& model_;
  StepConstants constants_;
  NetworkOptions options_;
};

}  // namespace hockney::predict
