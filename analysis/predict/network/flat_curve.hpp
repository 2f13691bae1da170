#pragma once

#include <functional>
#include <vector>

#include "predict/network/answer.hpp"

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

  /// Follows what `answer_at` says of payloads from 8 B to 16 GiB, with nodes wherever a curve behind an answer changes
  /// its law.
  static FlatCurve follow(const std::function<Answer(Bytes)>& answer_at);

  /// s, never below 0.
  double at(double payload) const;

  /// s, when the curve is off by `deviate` of its standard errors at that payload.
  double at(double payload, double deviate) const;

 private:
  const Node& node_before(double payload) const;

  std::vector<Node> nodes_;
};

}  // namespace hockney::predict
