#pragma once

#include <span>
#include <vector>

namespace hockney::compare {

/// p-values that are corrected for how many there are (Holm 1979, Scandinavian Journal of Statistics 6, 65-70):
/// rejecting those at most a leaves a chance of at most a that any true hypothesis is among them, however the tests
/// depend on each other. In the order of the input; never above 1.
std::vector<double> holm(std::span<const double> p_values);

}  // namespace hockney::compare
