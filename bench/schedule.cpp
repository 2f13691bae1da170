#include "schedule.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <tuple>

#include "base/error.hpp"

namespace hockney::bench {

namespace {

// 0 for every fourth payload of a curve and its largest, 1 for every second, 2 for the others.
std::vector<std::uint32_t> levels_of(const std::vector<Case>& cases) {
  std::map<std::string, std::vector<std::size_t>> curves;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    curves[is_on_curve(cases[i].operation) ? cases[i].curve_name() : cases[i].name()].push_back(i);
  }
  std::vector<std::uint32_t> levels(cases.size());
  for (auto& [name, points] : curves) {
    std::stable_sort(points.begin(), points.end(),
                     [&](std::size_t a, std::size_t b) { return cases[a].payload < cases[b].payload; });
    for (std::size_t i = 0; i < points.size(); ++i) {
      const bool is_coarse = i % 4 == 0 || i + 1 == points.size();
      levels[points[i]] = is_coarse ? 0 : i % 2 == 0 ? 1 : 2;
    }
  }
  return levels;
}

}  // namespace

Schedule::Schedule(const std::vector<Case>& cases, std::uint32_t passes, std::uint64_t seed, const NameFilter& filter,
                   bool coarse_first)
    : cases_(&cases), visits_(schedule(cases.size(), passes, seed)) {
  const std::vector<std::uint32_t> levels = coarse_first ? levels_of(cases) : std::vector<std::uint32_t>(cases.size());
  std::erase_if(visits_, [&](const Visit& visit) { return !filter.admits(name(visit)); });
  std::stable_sort(visits_.begin(), visits_.end(), [&](const Visit& a, const Visit& b) {
    return std::tuple(a.pass, is_step(a), levels[a.point]) < std::tuple(b.pass, is_step(b), levels[b.point]);
  });
  const auto steps = std::count_if(visits_.begin(), visits_.end(), [this](const Visit& v) { return is_step(v); });
  has_curves_and_steps_ = steps != 0 && static_cast<std::size_t>(steps) != visits_.size();
}

std::string Schedule::name(const Visit& visit) const {
  return fmt::format("{}/pass:{}", point(visit).name(), visit.pass);
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
