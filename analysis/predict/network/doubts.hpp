#pragma once

#include <compare>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "predict/network/answer.hpp"
#include "vocabulary/flags.hpp"
#include "workload/messages.hpp"

namespace hockney::predict {

/// What makes answers doubtful, each with its names, so that one warning tells of all.
struct Doubts {
  std::vector<std::string> substitutions;  ///< a sentence each
  Flags flags;                             ///< of the curves that answered
  std::set<std::string> machines;
  std::set<std::string> line_rates;
  bool mean_over_ranks = false;
  bool extrapolated = false;
  bool loopback = false;
  bool sharing = false;

  void add(const Doubts& others);

  friend bool operator==(const Doubts&, const Doubts&) = default;
};

Doubts doubts_about(const Message& message, const Answer& answer);

/// A line for each doubt, beginning with its kind: SUBSTITUTED (another fabric than the group lies on) first.
std::vector<std::string> warnings_of(const Doubts& doubts);

/// Whether a warning is a substitution.
bool is_substitution(std::string_view warning);

}  // namespace hockney::predict
