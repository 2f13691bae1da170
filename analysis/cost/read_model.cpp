#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.hpp"
#include "base/strict_json.hpp"
#include "cost/cost_model.hpp"
#include "cost/schema.hpp"

namespace hockney::cost {
namespace {

template <class Read>
auto read_object(StrictJson& parent, const char* key, Read&& read) {
  StrictJson object = parent.object(key);
  auto value = read(object);
  object.finish();
  return value;
}

Group read_group(StrictJson& json) {
  return {.ranks = json.unsigned_32("ranks"),
          .ranks_per_node = json.unsigned_32("ranks_per_node"),
          .stride = json.unsigned_32("stride"),
          .concurrent = json.unsigned_32("concurrent")};
}

// The factors that version 1.1 brought.
void read_new_factors(StrictJson& json, Case& shape) {
  shape.reduction = json.named<Reduction>("reduction");
  shape.buffers = json.named<Buffers>("buffers");
  shape.cache = json.named<Cache>("cache");
  shape.routing.skew = json.number_from_zero("routing_skew");
  shape.routing.matrix = json.text("routing_matrix");
}

Case read_shape(StrictJson& json, unsigned minor) {
  Case shape;
  shape.operation = json.named<Operation>("operation");
  shape.transport = json.named<TransportKind>("transport");
  shape.fabric = json.named<Fabric>("fabric");
  shape.group = read_object(json, "group", read_group);
  if (shape.group.ranks == 0 || shape.group.ranks_per_node == 0) {
    json.refuse("group", "expected at least 1 rank and 1 rank per node");
  }
  shape.element = json.named<Element>("element");
  shape.mode = json.named<Mode>("mode");
  shape.in_place = json.boolean("in_place");
  shape.micro_batches = json.unsigned_32("micro_batches");
  shape.operations_per_sample = json.unsigned_32("operations_per_sample");
  shape.algorithm = json.text("algorithm");
  shape.protocol = json.text("protocol");
  if (minor >= schema::with_routing) {
    read_new_factors(json, shape);
  }
  return shape;
}

Interval read_interval(StrictJson& json, const char* low_key, const char* high_key) {
  const Interval interval{json.number_from_zero(low_key), json.number_from_zero(high_key)};
  if (interval.low > interval.high) {
    json.refuse(low_key, fmt::format("expected no more than {}", high_key));
  }
  return interval;
}

AlphaBeta read_segment(StrictJson& json) {
  AlphaBeta segment;
  segment.from = {json.unsigned_integer("from_bytes")};
  segment.to = {json.unsigned_integer("to_bytes")};
  if (segment.from > segment.to) {
    json.refuse("from_bytes", "expected no more than to_bytes");
  }
  segment.alpha_s = json.number_from_zero("alpha_s");
  segment.alpha_interval_s = read_interval(json, "alpha_low_s", "alpha_high_s");
  segment.beta_s_per_byte = json.number_from_zero("beta_s_per_byte");
  segment.beta_interval_s_per_byte = read_interval(json, "beta_low_s_per_byte", "beta_high_s_per_byte");
  segment.covariance_aa = json.number_from_zero("covariance_alpha_alpha_s2");
  segment.covariance_ab = json.number("covariance_alpha_beta_s2_per_byte");
  segment.covariance_bb = json.number_from_zero("covariance_beta_beta_s2_per_byte2");
  const double correlated = segment.covariance_ab * segment.covariance_ab;
  constexpr double rounding = 1 + 1e-9;
  if (correlated > segment.covariance_aa * segment.covariance_bb * rounding) {
    json.refuse("covariance_alpha_beta_s2_per_byte", "expected a covariance that the two variances allow");
  }
  constexpr double a_year_s = 3.2e7;
  if (!(segment.at(segment.to).count() < a_year_s)) {
    json.refuse("beta_s_per_byte", "expected a time below a year at to_bytes");
  }
  segment.points = json.unsigned_32("points");
  segment.residual_median = json.number_from_zero("residual_median_fraction");
  segment.residual_max = json.number_from_zero("residual_max_fraction");
  json.each_object("launches", [&](StrictJson& launch) {
    segment.launches.push_back({launch.number_from_zero("alpha_s"), launch.number_from_zero("beta_s_per_byte")});
  });
  return segment;
}

CurvePoint read_point(StrictJson& json, unsigned minor) {
  CurvePoint point;
  point.payload = {json.unsigned_integer("payload_bytes")};
  point.time_s = json.number_from_zero("time_s");
  if (point.time_s == 0 || point.payload.count == 0) {
    json.refuse("", "expected a payload and a time above 0");
  }
  point.relative_error = json.number_from_zero("relative_error_fraction");
  point.label = minor >= schema::with_borders ? json.text("label") : "";
  return point;
}

Border read_border(StrictJson& json) {
  Border border;
  border.after = {json.unsigned_integer("after_bytes")};
  border.before = {json.unsigned_integer("before_bytes")};
  border.forced = json.boolean("forced");
  border.exact = json.boolean("exact");
  border.earliest = {json.unsigned_integer("earliest_bytes")};
  border.latest = {json.unsigned_integer("latest_bytes")};
  return border;
}

ErrorQuantiles read_errors(StrictJson& json, unsigned minor) {
  ErrorQuantiles errors;
  errors.median = json.number_from_zero("median_fraction");
  errors.p95 = json.number_from_zero("p95_fraction");
  errors.count = minor >= schema::with_borders ? json.unsigned_32("count") : 0;
  return errors;
}

Validation read_validation(StrictJson& json, unsigned minor) {
  const auto errors = [&](const char* key) {
    return read_object(json, key, [minor](StrictJson& object) { return read_errors(object, minor); });
  };
  Validation validation;
  validation.in_sample = errors("in_sample");
  validation.leave_one_out = errors("leave_one_out");
  validation.log_log = errors("log_log");
  validation.single_line = errors("single_line");
  validation.single_line_in_sample = errors("single_line_in_sample");
  validation.held_out = json.unsigned_32("held_out");
  if (minor < schema::with_borders) {
    validation.segments = validation.leave_one_out;  // what the curve answered then
    return validation;
  }
  validation.least_squares_in_sample = errors("least_squares_in_sample");
  validation.inside_segment = errors("inside_segment");
  validation.at_switch = errors("at_switch");
  validation.segments = errors("segments");
  validation.least_squares = errors("least_squares");
  validation.leave_one_launch_out = errors("leave_one_launch_out");
  validation.off_grid = errors("off_grid");
  return validation;
}

Flags read_flags(StrictJson& json, const char* key) {
  Flags flags;
  json.each(key, [&](const nlohmann::json& name, const std::string&) {
    if (!name.is_string()) {
      json.refuse(key, "expected a list of strings");
    }
    try {
      flags.set(parse_name<Flag>(name.get<std::string>()));
    } catch (const InputError& error) {
      json.refuse(key, error.what());
    }
  });
  return flags;
}

void require_order(StrictJson& json, const CostCurve& curve) {
  if (curve.segments.empty()) {
    json.refuse("segments", "expected at least one segment");
  }
  for (std::size_t i = 1; i < curve.segments.size(); ++i) {
    if (curve.segments[i].from <= curve.segments[i - 1].to) {
      json.refuse("segments", "expected ascending segments that do not overlap");
    }
    if (curve.segments[i].launches.size() != curve.segments[i - 1].launches.size()) {
      json.refuse("segments", "expected the same number of launches in every segment");
    }
  }
  for (std::size_t i = 1; i < curve.points.size(); ++i) {
    if (curve.points[i].payload <= curve.points[i - 1].payload) {
      json.refuse("points", "expected ascending payloads");
    }
  }
  if (curve.basis == IntervalBasis::launches && curve.segments.front().launches.size() < 2) {
    json.refuse("interval_basis", "'launches' needs the parameters of two launches or more in every segment");
  }
}

// The borders, or, for a file that tells none, the gaps between its segments.
std::vector<Border> read_borders(StrictJson& json, const CostCurve& curve, unsigned minor) {
  std::vector<Border> borders;
  if (minor >= schema::with_borders) {
    json.each_object("borders", [&](StrictJson& border) { borders.push_back(read_border(border)); });
    if (borders.size() + 1 != curve.segments.size()) {
      json.refuse("borders", "expected one between every two segments");
    }
    return borders;
  }
  for (std::size_t i = 1; i < curve.segments.size(); ++i) {
    const Bytes after = curve.segments[i - 1].to, before = curve.segments[i].from;
    borders.push_back({.after = after, .before = before, .earliest = after, .latest = before});
  }
  return borders;
}

CostCurve read_curve(StrictJson& json, unsigned minor) {
  CostCurve curve;
  curve.shape = read_object(json, "shape", [minor](StrictJson& shape) { return read_shape(shape, minor); });
  if (const std::string name = json.text("name"); name != curve.name()) {
    json.refuse("name", fmt::format("expected '{}', which the shape says", curve.name()));
  }
  curve.machine = json.text("machine");
  curve.source = json.text("source");
  curve.basis = json.named<IntervalBasis>("interval_basis");
  curve.launches = json.unsigned_32("launches");
  if (curve.launches == 0) {
    json.refuse("launches", "expected 1 or more");
  }
  curve.statistic = json.named<Statistic>("statistic");
  curve.flags = read_flags(json, "flags");
  curve.segments_capped = json.boolean("segments_capped");
  json.each_object("segments", [&](StrictJson& segment) { curve.segments.push_back(read_segment(segment)); });
  json.each_object("points", [&](StrictJson& point) { curve.points.push_back(read_point(point, minor)); });
  curve.validation =
      read_object(json, "validation", [minor](StrictJson& object) { return read_validation(object, minor); });
  require_order(json, curve);
  curve.borders = read_borders(json, curve, minor);
  if (minor >= schema::with_borders) {
    curve.k_stability = json.number_from_zero("k_stability_fraction");
    curve.resamples = json.unsigned_32("resamples");
  }
  return curve;
}

StatedLineRate read_line_rate(StrictJson& json) {
  const auto above_zero = [&](const char* key) {
    const double value = json.number_from_zero(key);
    return value > 0 ? value : (json.refuse(key, "expected a number above 0"), value);
  };
  StatedLineRate rate;
  rate.fabric = json.named<Fabric>("fabric");
  if (json.named<IntervalBasis>("basis") != IntervalBasis::line_rate) {
    json.refuse("basis", "expected 'line_rate': a stated rate was not measured");
  }
  rate.bandwidth = {above_zero("bandwidth_bytes_per_s")};
  rate.latency = Seconds{above_zero("latency_s")};
  rate.machine = json.text("machine");
  rate.source = json.text("source");
  return rate;
}

// Returns the minor version.
unsigned require_schema(StrictJson& json) {
  if (const std::string schema = json.text("schema"); schema != schema::name) {
    json.refuse("schema", fmt::format("expected '{}', not '{}'", schema::name, schema));
  }
  const std::string version = json.text("version");
  if (!version.starts_with(schema::major)) {
    json.refuse("version", fmt::format("this program reads version {}x, not '{}'", schema::major, version));
  }
  unsigned minor = 0;
  const char* const digits = version.data() + schema::major.size();
  if (std::from_chars(digits, version.data() + version.size(), minor).ec != std::errc{}) {
    json.refuse("version", fmt::format("expected three numbers with dots, not '{}'", version));
  }
  return minor;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file)) {
    const int reason = std::filesystem::is_directory(file) ? EISDIR : errno;
    throw InputError(fmt::format("{}: cannot be read: {}", file.string(), std::strerror(reason)));
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

nlohmann::json parse_json(std::string_view text, const std::string& origin) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format("{}: not JSON: {}", origin, error.what()));
  }
}

}  // namespace

CostModel CostModel::read(const std::filesystem::path& file) { return parse(text_of(file), file.string()); }

CostModel CostModel::parse(std::string_view text, const std::string& origin) {
  const nlohmann::json document = parse_json(text, origin);
  StrictJson json(document, origin, "");
  const unsigned minor = require_schema(json);
  CostModel model;
  model.name = json.text("name");
  model.created_by = json.text("created_by");
  json.each("sources", [&](const nlohmann::json& source, const std::string&) {
    if (!source.is_string()) {
      json.refuse("sources", "expected a list of strings");
    }
    model.sources.push_back(source.get<std::string>());
  });
  json.each_object("curves", [&](StrictJson& curve) { model.curves.push_back(read_curve(curve, minor)); });
  if (document.contains("line_rates")) {
    json.each_object("line_rates", [&](StrictJson& rate) { model.line_rates.push_back(read_line_rate(rate)); });
  }
  json.pass_over("group_laws");
  json.finish();
  return model;
}

}  // namespace hockney::cost
