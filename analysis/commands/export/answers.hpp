#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "exports/cluster.hpp"
#include "predict/network/step_network.hpp"
#include "predict/step/step_line.hpp"

namespace hockney::commands {

/// Answers a writer's questions as `hockney predict message` does, and keeps account of who answered.
/// `network` must outlive it.
class Answers {
 public:
  explicit Answers(const predict::StepNetwork& network) : network_(network) {}

  /// As exports::Ask. A curve of another fabric answers nothing here: it would be handed on as a measurement.
  double ask(Operation operation, const Group& group, Bytes payload);

  bool were_asked() const { return !first_.empty(); }

  /// Doubts about the answers, as a prediction shows them.
  std::vector<std::string> warnings() const;

  /// "related answered for all_reduce of 2 ranks (2 per node); ..." for each answerer but measured curves.
  std::vector<std::string> not_measured() const;

 private:
  const predict::StepNetwork& network_;
  std::map<std::pair<Operation, Group>, predict::StepLine> first_;  ///< answer of each group, by its first question
};

}  // namespace hockney::commands
