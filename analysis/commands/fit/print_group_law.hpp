#pragma once

#include <string>

#include "cost/cost_model.hpp"

namespace hockney::commands {

/// What a person reads about the laws over ranks of a model: per family the regimes of payloads with the chosen law,
/// its coefficients with 95 % intervals and the laws it was compared with, and how well the largest groups were
/// predicted from smaller ones, beside simpler ways. Empty for a model without laws.
std::string print_group_laws(const cost::CostModel& model);

}  // namespace hockney::commands
