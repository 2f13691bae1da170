#include <cerrno>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <unistd.h>

#include "base/error.hpp"
#include "cost/cost_model.hpp"
#include "cost/schema.hpp"

namespace hockney::cost {
namespace {

using Json = nlohmann::ordered_json;

double finite(double value) {
  if (!std::isfinite(value)) {
    throw Failure("a number of the cost model is not finite; JSON cannot hold it");
  }
  return value;
}

Json to_json(const Group& group) {
  return {{"ranks", group.ranks},
          {"ranks_per_node", group.ranks_per_node},
          {"stride", group.stride},
          {"concurrent", group.concurrent}};
}

Json to_json(const Case& shape) {
  return {{"operation", name_of(shape.operation)},
          {"transport", name_of(shape.transport)},
          {"fabric", name_of(shape.fabric)},
          {"group", to_json(shape.group)},
          {"element", name_of(shape.element)},
          {"reduction", name_of(shape.reduction)},
          {"mode", name_of(shape.mode)},
          {"in_place", shape.in_place},
          {"buffers", name_of(shape.buffers)},
          {"cache", name_of(shape.cache)},
          {"micro_batches", shape.micro_batches},
          {"operations_per_sample", shape.operations_per_sample},
          {"routing_skew", finite(shape.routing.skew)},
          {"routing_matrix", shape.routing.matrix},
          {"algorithm", shape.algorithm},
          {"protocol", shape.protocol}};
}

Json to_json(const LaunchParameters& launch) {
  return {{"alpha_s", finite(launch.alpha_s)}, {"beta_s_per_byte", finite(launch.beta_s_per_byte)}};
}

template <class Value>
Json to_list(const std::vector<Value>& values, Json (*convert)(const Value&)) {
  Json list = Json::array();
  for (const Value& value : values) {
    list.push_back(convert(value));
  }
  return list;
}

Json to_json(const AlphaBeta& segment) {
  return {{"from_bytes", segment.from.count},
          {"to_bytes", segment.to.count},
          {"alpha_s", finite(segment.alpha_s)},
          {"alpha_low_s", finite(segment.alpha_interval_s.low)},
          {"alpha_high_s", finite(segment.alpha_interval_s.high)},
          {"beta_s_per_byte", finite(segment.beta_s_per_byte)},
          {"beta_low_s_per_byte", finite(segment.beta_interval_s_per_byte.low)},
          {"beta_high_s_per_byte", finite(segment.beta_interval_s_per_byte.high)},
          {"covariance_alpha_alpha_s2", finite(segment.covariance_aa)},
          {"covariance_alpha_beta_s2_per_byte", finite(segment.covariance_ab)},
          {"covariance_beta_beta_s2_per_byte2", finite(segment.covariance_bb)},
          {"points", segment.points},
          {"residual_median_fraction", finite(segment.residual_median)},
          {"residual_max_fraction", finite(segment.residual_max)},
          {"launches", to_list(segment.launches, to_json)}};
}

Json to_json(const CurvePoint& point) {
  return {{"payload_bytes", point.payload.count},
          {"time_s", finite(point.time_s)},
          {"relative_error_fraction", finite(point.relative_error)},
          {"label", point.label}};
}

Json to_json(const Border& border) {
  return {{"after_bytes", border.after.count},
          {"before_bytes", border.before.count},
          {"forced", border.forced},
          {"exact", border.exact},
          {"earliest_bytes", border.earliest.count},
          {"latest_bytes", border.latest.count}};
}

Json to_json(const ErrorQuantiles& errors) {
  return {{"median_fraction", finite(errors.median)}, {"p95_fraction", finite(errors.p95)}, {"count", errors.count}};
}

Json to_json(const Validation& validation) {
  return {{"in_sample", to_json(validation.in_sample)},
          {"single_line_in_sample", to_json(validation.single_line_in_sample)},
          {"least_squares_in_sample", to_json(validation.least_squares_in_sample)},
          {"leave_one_out", to_json(validation.leave_one_out)},
          {"inside_segment", to_json(validation.inside_segment)},
          {"at_switch", to_json(validation.at_switch)},
          {"segments", to_json(validation.segments)},
          {"log_log", to_json(validation.log_log)},
          {"single_line", to_json(validation.single_line)},
          {"least_squares", to_json(validation.least_squares)},
          {"leave_one_launch_out", to_json(validation.leave_one_launch_out)},
          {"off_grid", to_json(validation.off_grid)},
          {"held_out", validation.held_out}};
}

Json to_json(Flags flags) {
  Json names = Json::array();
  for (const auto& [flag, name] : Names<Flag>::table) {
    if (flags.has(flag)) {
      names.push_back(name);
    }
  }
  return names;
}

Json to_json(const CostCurve& curve) {
  return {{"name", curve.name()},
          {"shape", to_json(curve.shape)},
          {"machine", curve.machine},
          {"source", curve.source},
          {"interval_basis", name_of(curve.basis)},
          {"launches", curve.launches},
          {"statistic", name_of(curve.statistic)},
          {"flags", to_json(curve.flags)},
          {"segments_capped", curve.segments_capped},
          {"k_stability_fraction", finite(curve.k_stability)},
          {"resamples", curve.resamples},
          {"segments", to_list(curve.segments, to_json)},
          {"borders", to_list(curve.borders, to_json)},
          {"points", to_list(curve.points, to_json)},
          {"validation", to_json(curve.validation)}};
}

Json to_json(const StatedLineRate& rate) {
  return {{"fabric", name_of(rate.fabric)},
          {"basis", name_of(IntervalBasis::line_rate)},
          {"bandwidth_bytes_per_s", finite(rate.bandwidth.value)},
          {"latency_s", finite(rate.latency.count())},
          {"machine", rate.machine},
          {"source", rate.source}};
}

[[noreturn]] void refuse_writing(const std::filesystem::path& file) {
  throw InputError(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(errno)));
}

}  // namespace

std::string CostModel::json() const {
  const Json model{{"schema", schema::name},
                   {"version", schema::version},
                   {"name", name},
                   {"created_by", created_by},
                   {"sources", sources},
                   {"curves", to_list(curves, to_json)},
                   {"line_rates", to_list(line_rates, to_json)}};
  return model.dump(2) + "\n";
}

void CostModel::write(const std::filesystem::path& file) const {
  const std::string text = json();
  const std::filesystem::path temporary = fmt::format("{}.tmp.{}", file.string(), ::getpid());
  std::ofstream out(temporary, std::ios::binary);
  if (!out) {
    refuse_writing(file);
  }
  out << text;
  out.close();
  if (!out) {
    const int reason = errno;
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    errno = reason;
    refuse_writing(file);
  }
  std::error_code error;
  if (std::filesystem::exists(file, error) && !std::filesystem::is_regular_file(file, error)) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw InputError(fmt::format("{}: is no regular file; expected a new or an existing *.cost.json", file.string()));
  }
  std::filesystem::rename(temporary, file, error);
  if (error) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw InputError(fmt::format("{}: cannot be written: {}", file.string(), error.message()));
  }
}

}  // namespace hockney::cost
