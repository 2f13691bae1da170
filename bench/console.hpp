#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "base/seconds.hpp"
#include "base/text_table.hpp"
#include "plan/plan.hpp"
#include "record/measured.hpp"

namespace hockney::bench {

/// What is to come: so many visits, or, where that is not known, as many as fit into a time.
struct Goal {
  std::size_t visits = 0;
  Seconds time{0};  ///< 0 s: the visits are known
};

/// One row per visit as it finishes, with the progress of the whole plan in front. Rank 0 only.
class Console {
 public:
  /// `stream` gets the rows.
  Console(std::FILE* stream, const Goal& goal);

  void print_heading();
  /// A point that turned out not to run.
  void print_skipped(const Case& point, const std::string& reason);
  void print(const Measured& measured);

 private:
  std::string progress();

  std::FILE* stream_;
  Goal goal_;
  std::size_t done_ = 0;
  std::int64_t began_utc_ns_;
  TextTable table_;
};

/// "3m10s", "42s", "2h05m".
std::string to_clock(Seconds time);

}  // namespace hockney::bench
