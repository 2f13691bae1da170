#include "fit/groups/group_laws.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>
#include <tuple>

#include "cost/segments.hpp"
#include "fit/groups/group_law_regimes.hpp"

namespace hockney::fit {
namespace {

using Curves = std::vector<const cost::CostCurve*>;

constexpr std::size_t least_sizes = 3;
constexpr std::size_t least_to_hold_out_from = 2;
constexpr std::size_t most_held_out = 2;

bool takes_part(const cost::CostCurve& curve) {
  const Case& shape = curve.shape;
  const bool forced = is_inter_node(shape.fabric) && shape.group.nodes() == 1;
  return !is_point_to_point(shape.operation) && shape.group.ranks > 1 && shape.group.concurrent == 1 && !forced &&
         !curve.segments.empty();
}

// All that curves of one family share besides their groups and their fabrics.
auto label_of(const cost::CostCurve& curve) {
  const Case& s = curve.shape;
  return std::tuple(s.operation, s.transport, s.mode, s.element, s.reduction, s.buffers, s.cache, s.routing.skew,
                    s.routing.matrix, s.in_place, s.algorithm, s.protocol, curve.machine, curve.statistic,
                    curve.flags.has(Flag::simulated));
}

/// Curves of one law, ascending in ranks; those inside a node come first where the law crosses nodes.
struct Family {
  Curves members;
  bool crosses = false;
  std::string algorithm{};  // that ran, where it is told or pinned; else empty
};

bool fewer_ranks(const cost::CostCurve* a, const cost::CostCurve* b) {
  return a->shape.group.ranks < b->shape.group.ranks;
}

std::vector<Group> groups_of(const Curves& curves) {
  std::vector<Group> groups;
  for (const cost::CostCurve* curve : curves) {
    groups.push_back(curve->shape.group);
  }
  return groups;
}

// Curves inside a node on the best fabric that there is.
Curves one_node_curves(const std::map<Fabric, Curves>& inside) {
  return inside.empty() ? Curves{} : inside.begin()->second;
}

std::vector<Family> split(const Curves& curves) {
  std::map<Fabric, Curves> inside;
  std::map<std::tuple<Fabric, std::uint32_t, std::uint32_t>, Curves> across;
  for (const cost::CostCurve* curve : curves) {
    const Group& group = curve->shape.group;
    if (group.nodes() == 1) {
      inside[curve->shape.fabric].push_back(curve);
    } else if (group.ranks % group.ranks_per_node == 0) {
      across[{curve->shape.fabric, group.ranks_per_node, group.stride}].push_back(curve);
    }
  }
  std::vector<Family> families;
  for (auto& [fabric, members] : inside) {
    std::stable_sort(members.begin(), members.end(), fewer_ranks);
    families.push_back({members, false, members.front()->shape.algorithm});
  }
  for (auto& [key, members] : across) {
    Curves joined = one_node_curves(inside);
    joined.insert(joined.end(), members.begin(), members.end());
    Curves& chosen = separates_steps(groups_of(joined)) ? joined : members;
    std::stable_sort(chosen.begin(), chosen.end(), fewer_ranks);
    families.push_back({chosen, true, chosen.front()->shape.algorithm});
  }
  return families;
}

// "Ring/LL" of "Ring/LL/4": more ranks may take more channels under the same law.
std::string algorithm_and_protocol(const std::string& label) {
  const std::size_t protocol = label.find('/');
  return protocol == std::string::npos ? label : label.substr(0, label.find('/', protocol + 1));
}

/// Neighbouring payloads at which every group ran the same algorithm and protocol, or none was told.
struct Stretch {
  Bytes from;
  Bytes to;
  std::string label;
};

// No stretch holds a payload at which groups ran different ones: between them no law holds for all.
std::vector<Stretch> stretches_of(const Curves& members) {
  std::map<Bytes, std::set<std::string>> labels;
  for (const cost::CostCurve* curve : members) {
    for (const cost::CurvePoint& point : curve->points) {
      labels[point.payload].insert(algorithm_and_protocol(point.label));
    }
  }
  std::vector<Stretch> stretches;
  bool goes_on = false;
  for (const auto& [payload, told] : labels) {
    if (told.size() > 1) {
      goes_on = false;
      continue;
    }
    if (goes_on && stretches.back().label == *told.begin()) {
      stretches.back().to = payload;
    } else {
      stretches.push_back({payload, payload, *told.begin()});
    }
    goes_on = true;
  }
  return stretches;
}

// The curves with the points of a stretch only.
std::vector<cost::CostCurve> cut(const Curves& members, const Stretch& stretch) {
  std::vector<cost::CostCurve> curves;
  for (const cost::CostCurve* member : members) {
    cost::CostCurve& curve = curves.emplace_back(*member);
    std::erase_if(curve.points, [&](const cost::CurvePoint& point) {
      return point.payload < stretch.from || point.payload > stretch.to;
    });
  }
  return curves;
}

Family family_on(const Family& whole, const std::vector<cost::CostCurve>& curves, const Stretch& stretch) {
  Family family{
      {}, whole.crosses, stretch.label.empty() ? whole.algorithm : stretch.label.substr(0, stretch.label.find('/'))};
  for (const cost::CostCurve& curve : curves) {
    family.members.push_back(&curve);
  }
  return family;
}

std::vector<GroupPoint> points_of(const Curves& curves) {
  std::vector<GroupPoint> points;
  for (const cost::CostCurve* curve : curves) {
    for (const cost::CurvePoint& point : curve->points) {
      points.push_back({curve->shape.group, point.payload, point.time_s, point.relative_error});
    }
  }
  return points;
}

std::size_t sizes_of(const Family& family, const Curves& members) {
  return static_cast<std::size_t>(std::count_if(members.begin(), members.end(), [&](const cost::CostCurve* curve) {
    return !family.crosses || curve->shape.group.nodes() > 1;
  }));
}

std::vector<cost::LawRegime> regimes_of(const Family& family, const Curves& members) {
  const Case& shape = members.back()->shape;
  return find_regimes(shape.operation, points_of(members),
                      {.laws = candidate_laws(shape.operation, family.algorithm),
                       .least_sizes = std::min(least_sizes, sizes_of(family, members))});
}

cost::GroupLaw law_of(const Family& family, const Curves& members) {
  cost::GroupLaw law;
  law.shape = members.back()->shape;
  law.shape.payload = Case{}.payload;
  law.machine = members.back()->machine;
  std::set<std::string> sources;
  for (const cost::CostCurve* curve : members) {
    law.flags.bits |= curve->flags.bits;
    sources.insert(curve->source);
    law.sizes.push_back(curve->shape.group);
  }
  for (const std::string& source : sources) {
    law.source += (law.source.empty() || source.empty() ? "" : "; ") + source;
  }
  law.regimes = regimes_of(family, members);
  return law;
}

bool covers(const cost::CostCurve& curve, Bytes payload) {
  return curve.segments.front().from <= payload && payload <= curve.segments.back().to;
}

struct Errors {
  std::vector<double> law, nearest, log_log;
};

void predict(const cost::CostCurve& target, const Family& family, const Curves& smaller, Errors& errors) {
  cost::GroupLaw law = law_of(family, smaller);
  law.reach = HUGE_VAL;
  const cost::CostCurve& near = *smaller.back();
  const cost::CostCurve& next = *smaller[smaller.size() - 2];
  const double ranks = target.shape.group.ranks;
  for (const cost::CurvePoint& point : target.points) {
    if (!covers(near, point.payload) || !covers(next, point.payload) ||
        !law.reaches(target.shape.group, point.payload)) {
      continue;
    }
    const double nearest = cost::time_at(near.segments, point.payload);
    const double before = cost::time_at(next.segments, point.payload);
    const double power =
        cost::log_log_interpolation(ranks, next.shape.group.ranks, before, near.shape.group.ranks, nearest);
    const auto error = [&](double time) { return std::abs(time / point.time_s - 1); };
    errors.law.push_back(error(law.at(target.shape.group, point.payload).value_s));
    errors.nearest.push_back(error(nearest));
    errors.log_log.push_back(error(power));
  }
}

cost::ErrorQuantiles quantiles_of(const std::vector<double>& errors) {
  constexpr double upper = 0.95;
  return {median(errors), quantile(errors, upper)};
}

cost::HoldOut hold_out(const Family& family) {
  Errors errors;
  cost::HoldOut result;
  const std::size_t count = family.members.size();
  for (std::size_t at = count - std::min(count, most_held_out); at < count; ++at) {
    const Curves smaller(family.members.begin(), family.members.begin() + static_cast<std::ptrdiff_t>(at));
    if (sizes_of(family, smaller) < least_to_hold_out_from) {
      continue;
    }
    const std::size_t before = errors.law.size();
    predict(*family.members[at], family, smaller, errors);
    if (errors.law.size() > before) {
      result.held_out.push_back(family.members[at]->shape.group.ranks);
    }
  }
  result.points = static_cast<std::uint32_t>(errors.law.size());
  if (result.points > 0) {
    result.law = quantiles_of(errors.law);
    result.nearest = quantiles_of(errors.nearest);
    result.log_log = quantiles_of(errors.log_log);
  }
  return result;
}

}  // namespace

std::vector<cost::GroupLaw> fit_group_laws(std::span<const cost::CostCurve> curves, std::vector<std::string>& notes) {
  std::map<decltype(label_of(curves.front())), Curves> labels;
  for (const cost::CostCurve& curve : curves) {
    if (takes_part(curve)) {
      labels[label_of(curve)].push_back(&curve);
    }
  }
  std::vector<cost::GroupLaw> laws;
  for (const auto& [label, members] : labels) {
    for (const Family& family : split(members)) {
      const std::size_t sizes = sizes_of(family, family.members);
      if (sizes < least_sizes) {
        if (sizes == 2) {
          notes.push_back(
              fmt::format("{}: no law over ranks: two group sizes, three are needed", family.members.back()->name()));
        }
        continue;
      }
      for (const Stretch& stretch : stretches_of(family.members)) {
        const std::vector<cost::CostCurve> curves_there = cut(family.members, stretch);
        const Family there = family_on(family, curves_there, stretch);
        cost::GroupLaw law = law_of(there, there.members);
        if (law.regimes.empty()) {
          notes.push_back(fmt::format("{}: no law over ranks from {} to {}: none can be fitted to every payload",
                                      law.name(), to_string(stretch.from), to_string(stretch.to)));
          continue;
        }
        law.hold_out = hold_out(there);
        laws.push_back(std::move(law));
      }
    }
  }
  return laws;
}

}  // namespace hockney::fit
