#include "predict/step/step_warnings.hpp"

namespace hockney::predict {

std::vector<std::string> warnings_about(std::span<const StepLine> lines) {
  Doubts doubts;
  for (const StepLine& line : lines) {
    doubts.add(doubts_about(line.message, line.answer));
  }
  return warnings_of(doubts);
}

}  // namespace hockney::predict
