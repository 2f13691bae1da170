#pragma once

#include "predict/network/answer.hpp"
#include "workload/messages.hpp"

namespace hockney::predict {

/// Seconds of one operation that the step waits for and that it does not.
struct Wait {
  double exposed_s = 0;
  double hidden_s = 0;
};

/// One message of a step with the network's answer.
struct StepLine {
  Message message;
  Answer answer;
  Wait once;  ///< of one of its operations

  double exposed_s() const { return once.exposed_s * static_cast<double>(message.count); }
  double hidden_s() const { return once.hidden_s * static_cast<double>(message.count); }
};

}  // namespace hockney::predict
