#pragma once

#include <span>
#include <string>
#include <vector>

#include "cost/cost_model.hpp"
#include "fit/gather.hpp"
#include "fit/segments/fit_curve.hpp"
#include "record/launch.hpp"

namespace hockney::fit {

struct FitOptions {
  std::string name{};  ///< of the model; empty: the campaigns' names
  SegmentOptions segments{};
  bool hold_out_off_grid = false;  ///< fit powers of two only, and predict the other sizes: Validation::off_grid
  Flags admitted{};                ///< of no_network_constant: points to fit although they say nothing about a network
};

/// A fitted model and what did not go into it.
struct CampaignFit {
  cost::CostModel model;
  std::vector<std::string> notes;  ///< points and curves left out, with their reasons: to be shown, never dropped
};

/// A curve of these points that has no segments yet.
cost::CostCurve unfitted(const CurveData& data);

/// Numbers of the launches that have two payloads or more in every segment (of a segment of one payload, that one): of
/// two such launches or more, those whose parameters AlphaBeta::launches holds, in this order.
std::vector<std::size_t> launches_in_every_segment(const CurveData& data, std::span<const cost::AlphaBeta> segments);

/// Fits one curve. The segmentation comes from the pooled points. With two launches or more every launch is fitted
/// again on the same segments, and the 95 % intervals of alpha and beta are Student t intervals over launches (cut at
/// 0, stretched to hold the pooled value); a launch that has fewer than two payloads in some segment cannot be, and is
/// noted. With fewer than two such launches the intervals are those of fit_curve() and the basis says so.
cost::CostCurve fit_data(const CurveData& data, const SegmentOptions& options, std::vector<std::string>& notes);

/// Fits all curves of some launches, validation included; launches that state a line rate go into CostModel::line_rates
/// as they are. Does no I/O. Throws InputError as gather_curves() does.
CampaignFit fit_campaign(std::span<const Launch> launches, const FitOptions& options = {});

}  // namespace hockney::fit
