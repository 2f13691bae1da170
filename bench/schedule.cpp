#include "schedule.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"

namespace hockney::bench {

std::string name_of_visit(const Case& point, std::uint32_t pass) {
  return fmt::format("{}/pass:{}", point.name(), pass);
}

Schedule::Schedule(const std::vector<Case>& cases, std::uint32_t passes, std::uint64_t seed, const NameFilter& filter)
    : cases_(&cases), visits_(schedule(cases.size(), passes, seed)) {
  std::erase_if(visits_, [&](const Visit& visit) { return !filter.admits(name(visit)); });
  std::stable_sort(visits_.begin(), visits_.end(), [&](const Visit& a, const Visit& b) {
    return std::pair(a.pass, is_step(a)) < std::pair(b.pass, is_step(b));
  });
  const auto steps = std::count_if(visits_.begin(), visits_.end(), [this](const Visit& v) { return is_step(v); });
  has_curves_and_steps_ = steps != 0 && static_cast<std::size_t>(steps) != visits_.size();
}

void Schedule::leave_out(const std::string& marks) {
  if (marks.size() != visits_.size()) {
    throw Failure("finished visits were marked on another schedule");
  }
  std::vector<Visit> left;
  for (std::size_t i = 0; i < visits_.size(); ++i) {
    if (marks[i] != '1') {
      left.push_back(visits_[i]);
    }
  }
  visits_ = std::move(left);
}

}  // namespace hockney::bench
