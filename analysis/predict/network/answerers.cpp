#include "predict/network/answerers.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

#include "base/error.hpp"
#include "predict/network/curve_reading.hpp"

namespace hockney::predict {
namespace {

void scale(Answer& answer, double factor) {
  cost::Estimate& estimate = answer.estimate;
  for (double* seconds : {&estimate.value_s, &estimate.low_s, &estimate.high_s}) {
    *seconds *= factor;
  }
  for (Added& added : answer.additions) {
    added.seconds *= factor;
  }
}

FabricClass other(FabricClass where) {
  return where == FabricClass::intra_node ? FabricClass::inter_node : FabricClass::intra_node;
}

std::string names_of(const std::vector<Operation>& operations) {
  std::vector<std::string_view> names;
  for (const Operation operation : operations) {
    names.push_back(name_of(operation));
  }
  return fmt::format("{}", fmt::join(names, " or "));
}

// ", for tensor messages (layers forward)"; empty for a message of no step.
std::string what_for(const Message& message) {
  return message.purpose.empty() ? "" : fmt::format(", for {} messages ({})", name_of(message.cause), message.purpose);
}

// "all_reduce/.../n:16/... and 2 others tell no nodes"; empty where no curve of the operations is such.
std::string unplaced_text(const cost::CostModel& model, Operation operation) {
  const Curves unplaced = unplaced_curves(model, operation);
  if (unplaced.empty()) {
    return {};
  }
  return fmt::format(
      "{}{}: on how many nodes the ranks were is not known; import the log again with --nodes or "
      "--ranks-per-node",
      unplaced.front()->name(), unplaced.size() == 1 ? "" : fmt::format(" and {} more", unplaced.size() - 1));
}

[[noreturn]] void refuse_missing(const cost::CostModel& model, const Message& message, FabricClass where) {
  const auto operations = usable_operations(message.operation);
  const std::string_view line_rate =
      where == FabricClass::inter_node ? ", or pass --inter-node-bandwidth and --inter-node-latency" : "";
  const std::string unplaced = unplaced_text(model, message.operation);
  throw InputError(fmt::format("cost model '{}' has no curve of {} {}{}; measure {} with hockney-bench{}{}", model.name,
                               names_of(operations), where_text(where), what_for(message), name_of(operations.back()),
                               line_rate, unplaced.empty() ? "" : "; not used: " + unplaced));
}

[[noreturn]] void refuse_substitute(const cost::CostModel& model, const Message& message, FabricClass where,
                                    const Answer& substitute) {
  throw InputError(fmt::format("cost model '{}' has no curve of {} {}{}; --strict refuses to substitute {}", model.name,
                               names_of(usable_operations(message.operation)), where_text(where), what_for(message),
                               substitute.estimate.curve));
}

}  // namespace

/// A message, a class of fabrics, and the curves of its operation there, looked for when a rule first needs them.
class Answerers::Question {
 public:
  Question(const cost::CostModel& model, const Message& asked, FabricClass on)
      : message(asked), where(on), model_(model) {}

  const Message& message;
  const FabricClass where;

  /// What `read` makes of the curves; nothing without any.
  std::optional<Answer> read_by(ReadFamily read) const {
    if (!is_chosen_) {
      family_ = choose_family(model_, message, where);
      is_chosen_ = true;
    }
    return family_ ? read(*family_, message) : std::nullopt;
  }

 private:
  const cost::CostModel& model_;
  mutable bool is_chosen_ = false;
  mutable std::optional<Family> family_;
};

Answerers::Answerers(const cost::CostModel& model, const StepConstants& constants, NetworkOptions options)
    : model_(model), constants_(constants), options_(std::move(options)) {}

Answer Answerers::answer(const Message& message) const {
  Answer answer = answer_by_rules(message);
  if (options_.mesh && options_.adds(Addition::mesh) && !message.placed.crosses_nodes()) {
    if (const double seconds = mesh_s(message, answer); seconds > 0) {
      answer.add(Addition::mesh, seconds);
    }
  }
  if (is_point_to_point(message.operation) && options_.adds(Addition::host_wait) && constants_.transfer_wait_s > 0) {
    answer.add(Addition::host_wait, constants_.transfer_wait_s);
  }
  return answer;
}

double Answerers::mesh_s(const Message& message, const Answer& answer) const {
  constexpr Bytes smallest{8};
  const double slowdown = options_.mesh->slowdown(message.operation, message.placed.group);
  if (slowdown == 1) {
    return 0;
  }
  Message least = message;
  least.payload = smallest;
  return (slowdown - 1) * std::max(0.0, answer.estimate.value_s - answer_by_rules(least).estimate.value_s);
}

Answer Answerers::answer_by_rules(const Message& message) const {
  static constexpr std::array<Rule, Names<Answerer>::table.size()> rules{
      &Answerers::by_node_nics,  &Answerers::by_sharing,   &Answerers::by_curve,
      &Answerers::by_neighbours, &Answerers::by_power_law, &Answerers::by_ring_steps,
      &Answerers::by_related,    &Answerers::by_line_rate, &Answerers::by_other_fabric};
  std::optional<Answer> answer = first_of(rules, {model_, message, fabric_class(message.placed)});
  if (!answer) {
    refuse(message);
  }
  if (answer->by > Answerer::ring_steps) {
    if (std::string unplaced = unplaced_text(model_, message.operation); !unplaced.empty()) {
      answer->remarks.push_back("not used: " + std::move(unplaced));
    }
  }
  return *std::move(answer);
}

std::optional<Answer> Answerers::first_of(std::span<const Rule> rules, const Question& question) const {
  for (const Rule rule : rules) {
    if (auto answer = (this->*rule)(question)) {
      return answer;
    }
  }
  return std::nullopt;
}

std::optional<Answer> Answerers::by_node_nics(const Question& question) const {
  const bool asked = options_.nic && question.where == FabricClass::inter_node;
  return asked ? std::optional(by_rate(*options_.nic, question.message, Answerer::node_nics)) : std::nullopt;
}

std::optional<Answer> Answerers::by_sharing(const Question& question) const {
  std::optional<Answer> answer = by_family(question, read_loads);
  return answer ? std::move(answer) : by_family(question, read_leaving_share);
}

std::optional<Answer> Answerers::by_curve(const Question& question) const { return by_family(question, read_curve); }

std::optional<Answer> Answerers::by_neighbours(const Question& question) const {
  return by_family(question, read_neighbours);
}

std::optional<Answer> Answerers::by_power_law(const Question& question) const {
  return by_family(question, read_power_law);
}

std::optional<Answer> Answerers::by_ring_steps(const Question& question) const {
  return by_family(question, read_ring_steps);
}

std::optional<Answer> Answerers::by_family(const Question& question, ReadFamily read) const {
  std::optional<Answer> answer = question.read_by(read);
  if (const double limit_s = answer ? ring_limit_s(*answer, question.message, options_) : 0; limit_s > 0) {
    answer->add(Addition::ring_limit, limit_s);
  }
  return answer;
}

std::optional<Answer> Answerers::by_related(const Question& question) const {
  return options_.strict ? std::nullopt : related(question.message, question.where);
}

std::optional<Answer> Answerers::by_line_rate(const Question& question) const {
  const bool asked = options_.line_rate && question.where == FabricClass::inter_node;
  return asked ? std::optional(by_rate(*options_.line_rate, question.message, Answerer::line_rate)) : std::nullopt;
}

std::optional<Answer> Answerers::by_other_fabric(const Question& question) const {
  return options_.strict ? std::nullopt : substitute(question.message);
}

std::optional<Answer> Answerers::by_own_curves(const Message& message, FabricClass where) const {
  static constexpr std::array<Rule, 5> rules{&Answerers::by_sharing, &Answerers::by_curve, &Answerers::by_neighbours,
                                             &Answerers::by_power_law, &Answerers::by_ring_steps};
  return first_of(rules, {model_, message, where});
}

std::optional<Answer> Answerers::related(const Message& message, FabricClass where) const {
  return is_point_to_point(message.operation) ? related_to_transfer(message) : related_collective(message, where);
}

std::optional<Answer> Answerers::related_collective(const Message& message, FabricClass where) const {
  if (message.operation == Operation::all_to_all && where == FabricClass::inter_node) {
    return std::nullopt;
  }
  const std::uint32_t ranks = message.placed.group.ranks;
  for (const Operation operation : {Operation::reduce_scatter, Operation::all_gather, Operation::all_reduce}) {
    Message relative = message;
    relative.operation = operation;
    auto answer = by_own_curves(relative, where);
    if (answer) {
      answer->by = Answerer::related;
      scale(*answer, wire_factor(message.operation, ranks) / wire_factor(operation, ranks));
      answer->remarks.push_back(fmt::format("read off {}: no {} was measured {}", name_of(operation),
                                            name_of(message.operation), where_text(where)));
      return answer;
    }
  }
  return std::nullopt;
}

std::optional<Answer> Answerers::related_to_transfer(const Message& message) const {
  if (message.placed.crosses_nodes()) {
    return std::nullopt;
  }
  for (const Operation operation :
       {Operation::all_to_all, Operation::all_gather, Operation::reduce_scatter, Operation::all_reduce}) {
    const std::uint32_t ranks = most_ranks(FabricClass::intra_node, operation);
    if (ranks < 2) {
      continue;
    }
    Message collective = message;
    collective.operation = operation;
    collective.placed.group = {ranks, ranks, 1, 1};
    collective.payload =
        Bytes{static_cast<std::uint64_t>(static_cast<double>(message.payload.count) / wire_factor(operation, ranks))};
    auto answer = by_own_curves(collective, FabricClass::intra_node);
    if (answer) {
      answer->by = Answerer::related;
      answer->remarks.push_back(
          fmt::format("read off {} of {} ranks: no transfer was measured inside a node", name_of(operation), ranks));
      return answer;
    }
  }
  return std::nullopt;
}

std::uint32_t Answerers::most_ranks(FabricClass where, Operation operation) const {
  std::uint32_t most = 0;
  for (const cost::CostCurve& curve : model_.curves) {
    if (curve.shape.operation == operation && fabric_class(curve.shape) == where) {
      most = std::max(most, curve.shape.group.ranks);
    }
  }
  return most;
}

Answer Answerers::by_rate(const NicRate& nic, const Message& message, Answerer by) const {
  Answer answer = answer_by_rate(nic, message, constants_, options_);
  answer.by = by;
  auto inside = inside_node(message);
  return inside && inside->estimate.value_s > answer.estimate.value_s ? *std::move(inside) : answer;
}

// What the part of a collective that stays inside a node takes, if curves tell.
std::optional<Answer> Answerers::inside_node(const Message& message) const {
  const std::uint32_t ranks = message.placed.group.ranks;
  const std::uint32_t in_node = message.placed.group.ranks_per_node;
  if (is_point_to_point(message.operation) || in_node < 2) {
    return std::nullopt;
  }
  Message inside = message;
  inside.placed.group.ranks = in_node;
  inside.placed.nodes = 1;
  auto answer = by_own_curves(inside, FabricClass::intra_node);
  answer = answer ? std::move(answer) : related(inside, FabricClass::intra_node);
  if (answer) {
    const bool own_share = message.operation == Operation::all_to_all;  // in_node of its `ranks` blocks stay
    scale(*answer, own_share ? static_cast<double>(in_node) / ranks
                             : wire_factor(message.operation, ranks) / wire_factor(message.operation, in_node));
    answer->remarks.emplace_back("limited by the fabric inside the node, not by the NICs");
  }
  return answer;
}

std::optional<Answer> Answerers::substitute(const Message& message) const {
  const FabricClass where = fabric_class(message.placed);
  auto answer = by_own_curves(message, other(where));
  if (!answer && !is_point_to_point(message.operation)) {
    answer = related_collective(message, other(where));
  }
  if (answer) {
    answer->by = Answerer::other_fabric;
    answer->remarks.insert(answer->remarks.begin(), fmt::format("SUBSTITUTED: placed {}, measured {}",
                                                                where_text(where), where_text(other(where))));
  }
  return answer;
}

void Answerers::refuse(const Message& message) const {
  const FabricClass where = fabric_class(message.placed);
  if (const auto refused = substitute(message)) {
    refuse_substitute(model_, message, where, *refused);
  }
  refuse_missing(model_, message, where);
}

}  // namespace hockney::predict
