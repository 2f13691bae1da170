#include "compare/pairing.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "record/software.hpp"

namespace hockney::compare {
namespace {

using Curves = std::vector<const SideCurve*>;

// Fabrics that stand in for each other have one name in a key.
Fabric kind_of(Fabric fabric) {
  if (is_intra_node(fabric)) {
    return fastest_fabrics_first.front();
  }
  return is_inter_node(fabric) ? Fabric::infiniband : fabric;
}

std::string key_of(const SideCurve& curve) {
  Case shape = curve.curve.shape;
  shape.fabric = kind_of(shape.fabric);
  return fmt::format("{}/{}", shape.curve_name(), name_of(curve.curve.statistic));
}

const std::string& software_of(const SideCurve& curve) { return curve.curve.shape.software; }
Fabric fabric_of(const SideCurve& curve) { return curve.curve.shape.fabric; }

bool is_taken_before(const SideCurve* one, const SideCurve* other) {
  const auto places = std::pair(speed_place(fabric_of(*one)), speed_place(fabric_of(*other)));
  return places.first != places.second ? places.first < places.second
                                       : is_preferred_software(software_of(*one), software_of(*other));
}

Curves without(const Curves& curves, const std::vector<Pair>& pairs, const SideCurve* Pair::*side) {
  Curves rest;
  std::copy_if(curves.begin(), curves.end(), std::back_inserter(rest), [&](const SideCurve* each) {
    return std::none_of(pairs.begin(), pairs.end(), [&](const Pair& pair) { return pair.*side == each; });
  });
  return rest;
}

// Pairs of the first curves of either side that satisfy `agree`, each curve at most once.
template <class Agree>
std::vector<Pair> pairs_that(const Curves& a, const Curves& b, Agree agree) {
  std::vector<Pair> pairs;
  for (const SideCurve* one : a) {
    const Curves rest = without(b, pairs, &Pair::b);
    const auto found =
        std::find_if(rest.begin(), rest.end(), [&](const SideCurve* other) { return agree(*one, *other); });
    if (found != rest.end()) {
      pairs.push_back({one, *found});
    }
  }
  return pairs;
}

// Of curves that differ in nothing but fabric and software: one pair for each fabric that both have, and more only
// where both have several software.
std::vector<Pair> pairs_of(Curves a, Curves b) {
  std::sort(a.begin(), a.end(), is_taken_before);
  std::sort(b.begin(), b.end(), is_taken_before);
  std::vector<Pair> pairs = pairs_that(a, b, [](const SideCurve& one, const SideCurve& other) {
    return fabric_of(one) == fabric_of(other) && software_of(one) == software_of(other);
  });
  std::set<Fabric> paired;
  for (const Pair& pair : pairs) {
    paired.insert(fabric_of(*pair.a));
  }
  for (const Pair& pair : pairs_that(
           a, b, [](const SideCurve&one, const SideCurve&other) { return fabric_of(one) == fabric_of(other); })) {
    if (paired.insert(fabric_of(*pair.a)).second) {
      pairs.push_back(pair);
    }
  }
  if (pairs.empty() && !a.empty() && !b.empty()) {
    pairs.push_back({a.front(), b.front()});
  }
  return pairs;
}

std::string described(const SideCurve& curve) {
  const std::string& software = software_of(curve);
  return fmt::format("{}{}", curve.curve.name(), software.empty() ? "" : fmt::format(" on {}", software));
}

void note_left(std::vector<std::string>& notes, std::string_view side, const Curves& left, std::string_view reason) {
  for (const SideCurve* each : left) {
    notes.push_back(fmt::format("{} left out: {}: {}", side, described(*each), reason));
  }
}

std::map<std::string, Curves> by_key(const Side& side) {
  std::map<std::string, Curves> curves;
  for (const SideCurve& each : side.curves) {
    curves[key_of(each)].push_back(&each);
  }
  return curves;
}

// What is alike in a curve inside a node and one between nodes.
std::string key_across(const SideCurve& curve) {
  Case shape = curve.curve.shape;
  shape.fabric = Fabric::unknown;
  shape.group = Group{};
  return fmt::format("{}/{}", shape.curve_name(), name_of(curve.curve.statistic));
}

std::uint32_t ranks_of(const SideCurve& curve) { return curve.curve.shape.group.ranks; }

const SideCurve* inside_for(const SideCurve& between, const Curves& inside) {
  const auto is_better = [&](const SideCurve* one, const SideCurve* other) {
    const auto place = [&](const SideCurve& curve) {
      return std::tuple(software_of(curve) != software_of(between), speed_place(fabric_of(curve)),
                        ranks_of(curve) != ranks_of(between), -std::int64_t{ranks_of(curve)});
    };
    return place(*one) != place(*other) ? place(*one) < place(*other)
                                        : is_preferred_software(software_of(*one), software_of(*other));
  };
  return *std::min_element(inside.begin(), inside.end(), is_better);
}

// Why a curve can be on neither side of a comparison of fabrics; empty where it can.
std::string_view unfit(const Case& shape) {
  if (shape.group.concurrent > 1) {
    return "concurrent groups share their links";
  }
  if (!is_intra_node(shape.fabric) && !is_inter_node(shape.fabric)) {
    return "which fabric carried it is not known";
  }
  return is_intra_node(shape.fabric) && shape.group.ranks < 2 ? "one rank alone uses no fabric" : "";
}

}  // namespace

Pairing pair_systems(const Side& a, const Side& b) {
  Pairing pairing;
  const std::map<std::string, Curves> of_b = by_key(b);
  const std::map<std::string, Curves> of_a = by_key(a);
  constexpr std::string_view none = "the other side has no such curve";
  constexpr std::string_view other = "the other side's curve is compared with that on other software or another fabric";
  for (const auto& [key, curves] : of_a) {
    const auto found = of_b.find(key);
    const Curves others = found == of_b.end() ? Curves{} : found->second;
    const std::vector<Pair> pairs = pairs_of(curves, others);
    pairing.pairs.insert(pairing.pairs.end(), pairs.begin(), pairs.end());
    note_left(pairing.notes, "A", without(curves, pairs, &Pair::a), pairs.empty() ? none : other);
    note_left(pairing.notes, "B", without(others, pairs, &Pair::b), other);
  }
  for (const auto& [key, curves] : of_b) {
    note_left(pairing.notes, "B", of_a.contains(key) ? Curves{} : curves, none);
  }
  return pairing;
}

Pairing pair_fabrics(const Side& side) {
  std::map<std::string, Curves> inside;
  Curves between;
  Pairing pairing;
  for (const SideCurve& each : side.curves) {
    const Case& shape = each.curve.shape;
    const bool is_inside = is_intra_node(shape.fabric);
    if (const std::string_view reason = unfit(shape); !reason.empty()) {
      note_left(pairing.notes, is_inside ? "A" : "B", {&each}, reason);
    } else if (is_inside) {
      inside[key_across(each)].push_back(&each);
    } else {
      between.push_back(&each);
    }
  }
  for (const SideCurve* each : between) {
    const auto found = inside.find(key_across(*each));
    if (found == inside.end()) {
      note_left(pairing.notes, "B", {each}, "there is no such curve inside a node");
    } else {
      pairing.pairs.push_back({inside_for(*each, found->second), each});
    }
  }
  for (const auto& [key, curves] : inside) {
    const Curves left = without(curves, pairing.pairs, &Pair::a);
    note_left(pairing.notes, "A", left,
              left.size() == curves.size() ? "there is no such curve between nodes"
                                           : "another curve inside a node is compared with those between nodes");
  }
  return pairing;
}

}  // namespace hockney::compare
