#pragma once

#include <functional>
#include <nlohmann/json.hpp>

#include "base/strict_json.hpp"
#include "cost/cost_model.hpp"

namespace hockney::cost {

/// A group law as JSON, its shape converted by the caller. Throws Failure for numbers that are not finite.
nlohmann::ordered_json group_law_json(const GroupLaw& law, nlohmann::ordered_json shape);

/// Reads what group_law_json() wrote; `read_shape` reads the object "shape". Throws InputError as CostModel::read()
/// does.
GroupLaw read_group_law(StrictJson& json, const std::function<Case(StrictJson&)>& read_shape);

}  // namespace hockney::cost
