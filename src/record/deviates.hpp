#pragma once

#include <cstddef>

namespace hockney::inline record {

/// How many standard errors of many samples a two-sided 95 % interval reaches to each side: Phi^-1(0.975), as tables
/// print it.
inline constexpr double z95 = 1.96;

/// The same of Student's t with so many degrees of freedom: 12.71 of 1, 4.30 of 2, 1.96 of very many. Infinite for 0
/// and less.
double student_t(double freedom, double confidence = 0.95);

/// Of the median or mean of so many launches: student_t() of one less; z95 of a single launch, whose error is that of
/// its many samples.
double deviate_of_launches(std::size_t launches);

}  // namespace hockney::inline record
