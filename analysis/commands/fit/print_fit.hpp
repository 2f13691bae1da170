#pragma once

#include <string>

#include "cost/cost_model.hpp"
#include "fit/fit_campaign.hpp"

namespace hockney::commands {

/// What a person reads about a fit: launches, where the intervals come from, SIMULATED or EMULATED where data are no
/// measurement, citations; per curve a table of its segments and how well they predict sizes left out; at the end what
/// was not fitted. alpha in us, 1/beta in GB/s, errors in %; no digit that the 95 % interval does not allow.
std::string print_fit(const fit::CampaignFit& fit);

/// A value and its 95 % interval as text, all three with the same number of decimals: those that leave the half width
/// one significant digit, or two where it begins with less than 3.55 (the Particle Data Group's rule); four significant
/// digits of the value where the interval has no width.
struct PrintedInterval {
  std::string value;
  std::string interval;  ///< "3.95 .. 4.07"
};
PrintedInterval print_interval(double value, Interval interval);

}  // namespace hockney::commands
