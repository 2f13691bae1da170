#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <tuple>

#include "base/field_json.hpp"
#include "cost/cost_model.hpp"
#include "cost/schema.hpp"

/// What a *.cost.json file holds, as tables of fields in the order of the file: the reader and the writer loop over
/// them (base/field_json.hpp). since() is the minor version that brought a key.
namespace hockney::cost {

constexpr auto fields_of(const ErrorQuantiles&) {
  using E = ErrorQuantiles;
  return std::tuple{field<&E::median>("median_fraction", "1", "median of |predicted / measured - 1|"),
                    field<&E::p95>("p95_fraction", "1", "its 95th percentile"),
                    field<&E::count>("count", "1", "predictions").since(schema::with_borders)};
}

constexpr auto fields_of(const LaunchParameters&) {
  return std::tuple{
      field<&LaunchParameters::alpha_s>("alpha_s", "s", "latency by one launch"),
      field<&LaunchParameters::beta_s_per_byte>("beta_s_per_byte", "s/byte", "time per byte by one launch")};
}

constexpr auto fields_of(const AlphaBeta&) {
  using S = AlphaBeta;
  return std::tuple{
      field<&S::from>("from_bytes", "byte", "smallest payload of the segment"),
      field<&S::to>("to_bytes", "byte", "largest payload of the segment"),
      field<&S::alpha_s>("alpha_s", "s", "latency"),
      field<&S::alpha_interval_s, &Interval::low>("alpha_low_s", "s", "lower end of its 95 % interval"),
      field<&S::alpha_interval_s, &Interval::high>("alpha_high_s", "s", "upper end of its 95 % interval"),
      field<&S::beta_s_per_byte>("beta_s_per_byte", "s/byte", "time per byte"),
      field<&S::beta_interval_s_per_byte, &Interval::low>("beta_low_s_per_byte", "s/byte",
                                                          "lower end of its 95 % interval"),
      field<&S::beta_interval_s_per_byte, &Interval::high>("beta_high_s_per_byte", "s/byte",
                                                           "upper end of its 95 % interval"),
      field<&S::covariance_aa>("covariance_alpha_alpha_s2", "s2", "variance of the latency"),
      signed_field<&S::covariance_ab>("covariance_alpha_beta_s2_per_byte", "s2/byte", "covariance of both"),
      field<&S::covariance_bb>("covariance_beta_beta_s2_per_byte2", "s2/byte2", "variance of the time per byte"),
      field<&S::points>("points", "1", "payloads behind the segment"),
      field<&S::residual_median>("residual_median_fraction", "1", "median of |fit / measured - 1| over its points"),
      field<&S::residual_max>("residual_max_fraction", "1", "largest of them"),
      field<&S::launches>("launches", "", "the parameters by each launch alone")};
}

constexpr auto fields_of(const CurvePoint&) {
  using P = CurvePoint;
  return std::tuple{
      field<&P::payload>("payload_bytes", "byte", "payload"), field<&P::time_s>("time_s", "s", "measured time"),
      field<&P::relative_error>("relative_error_fraction", "1", "standard error that the fit weighted with"),
      field<&P::label>("label", "", "algorithm/protocol/channels that ran").since(schema::with_borders)};
}

constexpr auto fields_of(const Border&) {
  using B = Border;
  return std::tuple{field<&B::after>("after_bytes", "byte", "largest payload of the segment below"),
                    field<&B::before>("before_bytes", "byte", "smallest payload of the segment above"),
                    field<&B::forced>("forced", "1", "the labels of both differ"),
                    field<&B::exact>("exact", "1", "the switch is known"),
                    field<&B::earliest>("earliest_bytes", "byte", "95 % of the resamples put `after` there or above"),
                    field<&B::latest>("latest_bytes", "byte", "95 % of the resamples put `before` there or below")};
}

constexpr auto fields_of(const Validation&) {
  using V = Validation;
  return std::tuple{
      field<&V::in_sample>("in_sample", "", "the segments' lines on their own points"),
      field<&V::single_line_in_sample>("single_line_in_sample", "", "one straight line on its own points"),
      field<&V::least_squares_in_sample>("least_squares_in_sample", "", "one ordinary line on its own points")
          .since(schema::with_borders),
      field<&V::leave_one_out>("leave_one_out", "", "the curve's answers at sizes left out"),
      field<&V::inside_segment>("inside_segment", "", "of these, inside a segment").since(schema::with_borders),
      field<&V::at_switch>("at_switch", "", "of these, between two segments").since(schema::with_borders),
      field<&V::segments>("segments", "", "the bare segments at sizes left out").since(schema::with_borders),
      field<&V::log_log>("log_log", "", "log-log interpolation at sizes left out"),
      field<&V::single_line>("single_line", "", "one straight line at sizes left out"),
      field<&V::least_squares>("least_squares", "", "one ordinary line at sizes left out").since(schema::with_borders),
      field<&V::leave_one_launch_out>("leave_one_launch_out", "", "the other launches' segments at a launch left out")
          .since(schema::with_borders),
      field<&V::off_grid>("off_grid", "", "the curve at measured sizes kept out of the fit")
          .since(schema::with_borders),
      field<&V::held_out>("held_out", "1", "sizes left out, one at a time")};
}

constexpr auto fields_of(const CostCurve&) {
  using C = CostCurve;
  return std::tuple{field<&C::shape>("shape", "", "every factor of the curve"),
                    field<&C::machine>("machine", "", "where it was measured"),
                    field<&C::source>("source", "", "citation of imported data"),
                    field<&C::basis>("interval_basis", "", "what the intervals rest on"),
                    field<&C::launches>("launches", "1", "launches behind the curve"),
                    field<&C::statistic>("statistic", "", "what a time is across ranks"),
                    field<&C::flags>("flags", "", "remarks on its points"),
                    field<&C::segments_capped>("segments_capped", "1", "the search ended at its most segments"),
                    field<&C::k_stability>("k_stability_fraction", "1", "share of resamples with as many segments")
                        .since(schema::with_borders),
                    field<&C::resamples>("resamples", "1", "resamples of launches").since(schema::with_borders),
                    field<&C::segments>("segments", "", "the fit"),
                    field<&C::borders>("borders", "", "between every two segments").since(schema::with_borders),
                    field<&C::points>("points", "", "what was fitted"),
                    field<&C::validation>("validation", "", "how well sizes left out are predicted")};
}

inline constexpr auto model_fields =
    std::tuple{field<&CostModel::name>("name", "", "name of the model"),
               field<&CostModel::created_by>("created_by", "", "program that fitted it"),
               field<&CostModel::sources>("sources", "", "campaigns or citations"),
               field<&CostModel::curves>("curves", "", "fitted curves")};

/// Lists that earlier files lack.
inline constexpr auto later_model_fields =
    std::tuple{field<&CostModel::line_rates>("line_rates", "", "stated rates of fabrics without a curve")};

/// With its name first, which follows from the shape.
nlohmann::ordered_json json_of(const CostCurve& curve);

/// From no more than to, low ends no more than high ends, a covariance that the variances allow, less than a year.
void finish_reading(StrictJson& json, AlphaBeta& segment, unsigned minor);

/// Payload and time above 0.
void finish_reading(StrictJson& json, CurvePoint& point, unsigned minor);

/// Before version 1.2 the bare segments answered.
void finish_reading(StrictJson& json, Validation& validation, unsigned minor);

/// The name that the shape says; segments and points ascend; as many borders and launches as there must be. Before
/// version 1.2 the borders are the gaps between the segments.
void finish_reading(StrictJson& json, CostCurve& curve, unsigned minor);

}  // namespace hockney::cost

namespace hockney {

constexpr auto fields_of(const StatedLineRate&) {
  using R = StatedLineRate;
  return std::tuple{field<&R::fabric>("fabric", "", "which fabric"),
                    field<&R::bandwidth>("bandwidth_bytes_per_s", "byte/s", "of one GPU, in one direction"),
                    field<&R::latency>("latency_s", "s", "of one message"),
                    field<&R::machine>("machine", "", "of which machine"),
                    field<&R::source>("source", "", "who states it")};
}

/// With "basis": "line_rate" behind its fabric, so that nobody takes it for a measurement.
nlohmann::ordered_json json_of(const StatedLineRate& rate);

/// The basis is line_rate, bandwidth and latency are above 0.
void finish_reading(StrictJson& json, StatedLineRate& rate, unsigned minor);

/// The shape of a curve.
nlohmann::ordered_json json_of(const Case& shape);
void read_value(StrictJson& json, std::string_view key, Case& shape, unsigned minor);

/// A list of the names of the flags that are set.
nlohmann::ordered_json json_of(Flags flags);
void read_value(StrictJson& json, std::string_view key, Flags& flags, unsigned minor);

}  // namespace hockney
