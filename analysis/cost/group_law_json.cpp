#include "cost/group_law_json.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"

namespace hockney::cost {
namespace {

using Json = nlohmann::ordered_json;

double finite(double value) {
  if (!std::isfinite(value)) {
    throw Failure("a number of a group law is not finite; JSON cannot hold it");
  }
  return value;
}

Json errors_json(const ErrorQuantiles& errors) {
  return {{"median_fraction", finite(errors.median)}, {"p95_fraction", finite(errors.p95)}};
}

ErrorQuantiles read_errors(StrictJson& parent, const char* key) {
  StrictJson json = parent.object(key);
  const ErrorQuantiles errors{json.number_from_zero("median_fraction"), json.number_from_zero("p95_fraction")};
  json.finish();
  return errors;
}

Json term_json(const LawTerm& term) {
  const std::string unit = is_per_byte(term.kind) ? "s_per_byte" : "s";
  return {{"term", name_of(term.kind)},
          {"value_" + unit, finite(term.value)},
          {"low_" + unit, finite(term.interval.low)},
          {"high_" + unit, finite(term.interval.high)}};
}

LawTerm read_term(StrictJson& json) {
  LawTerm term;
  term.kind = json.named<TermKind>("term");
  const bool per_byte = is_per_byte(term.kind);
  term.value = json.number_from_zero(per_byte ? "value_s_per_byte" : "value_s");
  term.interval.low = json.number_from_zero(per_byte ? "low_s_per_byte" : "low_s");
  term.interval.high = json.number_from_zero(per_byte ? "high_s_per_byte" : "high_s");
  if (term.interval.low > term.value || term.value > term.interval.high) {
    json.refuse("", "expected low <= value <= high");
  }
  return term;
}

Json regime_json(const LawRegime& regime) {
  Json terms = Json::array();
  for (const LawTerm& term : regime.terms) {
    terms.push_back(term_json(term));
  }
  Json covariance = Json::array();
  for (const double value : regime.covariance) {
    covariance.push_back(finite(value));
  }
  Json rivals = Json::array();
  for (const RivalLaw& rival : regime.rivals) {
    rivals.push_back({{"law", name_of(rival.law)}, {"bic", finite(rival.criterion)}});
  }
  return {{"from_bytes", regime.from.count},
          {"to_bytes", regime.to.count},
          {"law", name_of(regime.law)},
          {"with_one_node", regime.with_one_node},
          {"terms", terms},
          {"covariance_of_terms", covariance},
          {"scatter_fraction", finite(regime.scatter)},
          {"degrees_of_freedom", finite(regime.freedom)},
          {"condition_number", finite(regime.condition)},
          {"points", regime.points},
          {"laws_compared", rivals}};
}

std::vector<double> read_covariance(StrictJson& json, std::size_t terms) {
  std::vector<double> covariance;
  json.each("covariance_of_terms", [&](const nlohmann::json& value, const std::string&) {
    if (!value.is_number()) {
      json.refuse("covariance_of_terms", "expected a list of numbers");
    }
    covariance.push_back(value.get<double>());
  });
  if (covariance.size() != terms * terms) {
    json.refuse("covariance_of_terms", fmt::format("expected {} x {} numbers", terms, terms));
  }
  return covariance;
}

LawRegime read_regime(StrictJson& json) {
  LawRegime regime;
  regime.from = {json.unsigned_integer("from_bytes")};
  regime.to = {json.unsigned_integer("to_bytes")};
  regime.law = json.named<LawKind>("law");
  regime.with_one_node = json.boolean("with_one_node");
  json.each_object("terms", [&](StrictJson& term) { regime.terms.push_back(read_term(term)); });
  regime.covariance = read_covariance(json, regime.terms.size());
  regime.scatter = json.number_from_zero("scatter_fraction");
  regime.freedom = json.number_from_zero("degrees_of_freedom");
  regime.condition = json.number_from_zero("condition_number");
  regime.points = json.unsigned_32("points");
  json.each_object("laws_compared", [&](StrictJson& rival) {
    const auto law = rival.named<LawKind>("law");
    regime.rivals.push_back({law, rival.number("bic")});
  });
  if (regime.from > regime.to) {
    json.refuse("from_bytes", "expected no more than to_bytes");
  }
  const bool costs_time =
      std::any_of(regime.terms.begin(), regime.terms.end(), [](const LawTerm& term) { return term.value > 0; });
  if (!costs_time) {
    json.refuse("terms", "expected a term above 0");
  }
  return regime;
}

Json hold_out_json(const HoldOut& hold_out) {
  return {{"points", hold_out.points},
          {"held_out_ranks", hold_out.held_out},
          {"law", errors_json(hold_out.law)},
          {"nearest_count", errors_json(hold_out.nearest)},
          {"log_log", errors_json(hold_out.log_log)}};
}

HoldOut read_hold_out(StrictJson& parent) {
  StrictJson json = parent.object("hold_out");
  HoldOut hold_out;
  hold_out.points = json.unsigned_32("points");
  json.each("held_out_ranks", [&](const nlohmann::json& value, const std::string&) {
    if (!value.is_number_unsigned()) {
      json.refuse("held_out_ranks", "expected a list of whole numbers");
    }
    hold_out.held_out.push_back(value.get<std::uint32_t>());
  });
  hold_out.law = read_errors(json, "law");
  hold_out.nearest = read_errors(json, "nearest_count");
  hold_out.log_log = read_errors(json, "log_log");
  json.finish();
  return hold_out;
}

void require_order(StrictJson& json, const GroupLaw& law) {
  if (law.regimes.empty() || law.sizes.empty()) {
    json.refuse(law.sizes.empty() ? "group_sizes" : "regimes", "expected at least one");
  }
  for (std::size_t i = 1; i < law.regimes.size(); ++i) {
    if (law.regimes[i].from <= law.regimes[i - 1].to) {
      json.refuse("regimes", "expected ascending regimes that do not overlap");
    }
  }
}

}  // namespace

Json group_law_json(const GroupLaw& law, Json shape) {
  Json sizes = Json::array();
  for (const Group& group : law.sizes) {
    sizes.push_back({{"ranks", group.ranks}, {"ranks_per_node", group.ranks_per_node}});
  }
  Json regimes = Json::array();
  for (const LawRegime& regime : law.regimes) {
    regimes.push_back(regime_json(regime));
  }
  Json flags = Json::array();
  for (const auto& [flag, name] : Names<Flag>::table) {
    if (law.flags.has(flag)) {
      flags.push_back(name);
    }
  }
  return {{"name", law.name()},     {"shape", std::move(shape)},
          {"machine", law.machine}, {"source", law.source},
          {"group_sizes", sizes},   {"flags", flags},
          {"regimes", regimes},     {"hold_out", hold_out_json(law.hold_out)}};
}

GroupLaw read_group_law(StrictJson& json, const std::function<Case(StrictJson&)>& read_shape) {
  GroupLaw law;
  StrictJson shape = json.object("shape");
  law.shape = read_shape(shape);
  shape.finish();
  if (const std::string name = json.text("name"); name != law.name()) {
    json.refuse("name", fmt::format("expected '{}', which the shape says", law.name()));
  }
  law.machine = json.text("machine");
  law.source = json.text("source");
  json.each_object("group_sizes", [&](StrictJson& size) {
    Group group = law.shape.group;
    group.ranks = size.unsigned_32("ranks");
    group.ranks_per_node = size.unsigned_32("ranks_per_node");
    if (group.ranks < 2 || group.ranks_per_node == 0) {
      size.refuse("ranks", "expected 2 or more, on nodes of 1 or more");
    }
    law.sizes.push_back(group);
  });
  json.each("flags", [&](const nlohmann::json& name, const std::string&) {
    if (!name.is_string()) {
      json.refuse("flags", "expected a list of strings");
    }
    law.flags.set(parse_name<Flag>(name.get<std::string>()));
  });
  json.each_object("regimes", [&](StrictJson& regime) { law.regimes.push_back(read_regime(regime)); });
  law.hold_out = read_hold_out(json);
  require_order(json, law);
  return law;
}

}  // namespace hockney::cost
