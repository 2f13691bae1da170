#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "exports/cluster.hpp"
#include "predict/network/step_network.hpp"

namespace hockney::commands {

/// Answers a writer's questions as `hockney predict message` does, and keeps account of who answered.
/// `network` must outlive it.
class Answers {
 public:
  explicit Answers(const predict::StepNetwork& network) : network_(network) {}

  /// As exports::Ask. A curve of another fabric answers nothing here: it would be handed on as a measurement.
  double ask(Operation operation, const Group& group, Bytes payload);

  bool were_asked() const { return !asked_.empty(); }

  /// Doubts about any of the answers, as a prediction shows them.
  std::vector<std::string> warnings() const { return predict::warnings_of(doubts_); }

  /// "not measured, answered by related: all_reduce of 2 ranks (2 per node); ..." for each answerer but measured
  /// curves, and what lies outside the payloads of these.
  std::vector<std::string> not_measured() const;

 private:
  /// What was asked of one operation in one group.
  struct Asked {
    predict::Answerer by = predict::Answerer::curve;
    std::set<Bytes> payloads;
    std::set<Bytes> outside;  ///< of these, extrapolated
  };

  const predict::StepNetwork& network_;
  std::map<std::pair<Operation, Group>, Asked> asked_;
  predict::Doubts doubts_;
};

}  // namespace hockney::commands
