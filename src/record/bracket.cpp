#include "record/bracket.hpp"

namespace hockney::inline record {

bool has_wide_bracket(const VisitRecord& visit, const Summary& summary) {
  const bool is_known = is_synchronising(visit.point.operation) && visit.rank_columns > 1;
  const double interval = summary.median_interval_s.high - summary.median_interval_s.low;
  return is_known && summary.median_s - summary.fastest_rank_s > interval;
}

}  // namespace hockney::inline record
