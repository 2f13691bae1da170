#include "views/report/marks.hpp"

#include <algorithm>

namespace hockney::views {

std::vector<std::string> marks_of(Flags flags) {
  std::vector<std::string> marks = describe(flags);
  if (flags.has(Flag::oversubscribed)) {
    marks.emplace_back("OVERSUBSCRIBED: more ranks than logical CPUs; times are the scheduler's as well");
  }
  if (flags.has(Flag::void_fabric) || flags.has(Flag::void_pin) || flags.has(Flag::pin_unproven) ||
      flags.has(Flag::wrong_result) || flags.has(Flag::gate_timeout)) {
    marks.emplace_back("VOID POINTS: some points are not to be used (caveats); nothing is fitted to them");
  }
  return marks;
}

void add_marks(std::vector<std::string>& marks, Flags flags) {
  for (const std::string& mark : marks_of(flags)) {
    if (std::find(marks.begin(), marks.end(), mark) == marks.end()) {
      marks.push_back(mark);
    }
  }
}

}  // namespace hockney::views
