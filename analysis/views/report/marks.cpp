#include "views/report/marks.hpp"

#include <algorithm>

#include "record/stated_line_rate.hpp"
#include "views/points.hpp"

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

std::vector<std::string> marks_of(const std::vector<Launch>& launches) {
  std::vector<std::string> marks;
  for (const Launch& launch : launches) {
    add_marks(marks, flags_of(launch));
    if (const auto rate = stated_line_rate(launch)) {
      marks.push_back(warning_about(*rate));
    }
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
