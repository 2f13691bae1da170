#pragma once

#include <cstddef>
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

  /// Number of the node whose line holds at a payload.
  std::size_t line_at(double payload) const;

  const std::vector<Node>& nodes() const { return nodes_; }

  /// s, never below 0.
  double at(double payload) const { return at(payload, 0); }

  /// s, when the curve is off by `deviate` of its standard errors at that payload.
  double at(double payload, double deviate) const { return on_line(line_at(payload), payload, deviate); }

  /// The same where line_at() the payload is known.
  double on_line(std::size_t line, double payload, double deviate) const;

 private:
  std::vector<Node> nodes_;
};

}  // namespace hockney::predict
