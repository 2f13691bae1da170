#include "plan/plan.hpp"

#include <cmath>
#include <random>

namespace hockney::inline plan {

double Sampling::tolerance(Bytes payload) const {
  const double one_pass = payload < mebibytes(1) ? tolerance_small : tolerance_large;
  return one_pass * std::sqrt(static_cast<double>(passes));
}

std::vector<Visit> schedule(std::size_t points, std::uint32_t passes, std::uint64_t seed) {
  std::vector<Visit> visits;
  visits.reserve(points * passes);
  std::mt19937_64 generator(seed);
  for (std::uint32_t pass = 0; pass < passes; ++pass) {
    const std::size_t begin = visits.size();
    for (std::size_t point = 0; point < points; ++point) {
      visits.push_back({point, pass});
    }
    for (std::size_t i = points; i > 1; --i) {
      std::swap(visits[begin + i - 1], visits[begin + generator() % i]);
    }
  }
  return visits;
}

}  // namespace hockney::inline plan
