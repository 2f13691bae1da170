#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/error.hpp"
#include "cost/model_fields.hpp"

namespace hockney {

void finish_reading(StrictJson& json, StatedLineRate& rate, unsigned) {
  if (json.named<cost::IntervalBasis>("basis") != cost::IntervalBasis::line_rate) {
    json.refuse("basis", "expected 'line_rate': a stated rate was not measured");
  }
  if (!(rate.bandwidth.value > 0)) {
    json.refuse("bandwidth_bytes_per_s", "expected a number above 0");
  }
  if (!(rate.latency.count() > 0)) {
    json.refuse("latency_s", "expected a number above 0");
  }
}

}  // namespace hockney

namespace hockney::cost {
namespace {

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

std::vector<Border> gaps_between(const std::vector<AlphaBeta>& segments) {
  std::vector<Border> borders;
  for (std::size_t i = 1; i < segments.size(); ++i) {
    const Bytes after = segments[i - 1].to, before = segments[i].from;
    borders.push_back({.after = after, .before = before, .earliest = after, .latest = before});
  }
  return borders;
}

void require_interval(StrictJson& json, Interval interval, std::string_view low_key) {
  if (interval.low > interval.high) {
    json.refuse(low_key, "expected no more than the upper end");
  }
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

void finish_reading(StrictJson& json, AlphaBeta& segment, unsigned) {
  if (segment.from > segment.to) {
    json.refuse("from_bytes", "expected no more than to_bytes");
  }
  require_interval(json, segment.alpha_interval_s, "alpha_low_s");
  require_interval(json, segment.beta_interval_s_per_byte, "beta_low_s_per_byte");
  const double correlated = segment.covariance_ab * segment.covariance_ab;
  constexpr double rounding = 1 + 1e-9;
  if (correlated > segment.covariance_aa * segment.covariance_bb * rounding) {
    json.refuse("covariance_alpha_beta_s2_per_byte", "expected a covariance that the two variances allow");
  }
  constexpr double a_year_s = 3.2e7;
  if (!(segment.at(segment.to).count() < a_year_s)) {
    json.refuse("beta_s_per_byte", "expected a time below a year at to_bytes");
  }
}

void finish_reading(StrictJson& json, CurvePoint& point, unsigned) {
  if (point.time_s == 0 || point.payload.count == 0) {
    json.refuse("", "expected a payload and a time above 0");
  }
}

void finish_reading(StrictJson&, Validation& validation, unsigned minor) {
  if (minor < schema::with_borders) {
    validation.segments = validation.leave_one_out;
  }
}

void finish_reading(StrictJson& json, CostCurve& curve, unsigned minor) {
  if (const std::string name = json.text("name"); name != curve.name()) {
    json.refuse("name", fmt::format("expected '{}', which the shape says", curve.name()));
  }
  if (curve.launches == 0) {
    json.refuse("launches", "expected 1 or more");
  }
  require_order(json, curve);
  if (minor < schema::with_borders) {
    curve.borders = gaps_between(curve.segments);
  } else if (curve.borders.size() + 1 != curve.segments.size()) {
    json.refuse("borders", "expected one between every two segments");
  }
}

CostModel CostModel::read(const std::filesystem::path& file) { return parse(text_of(file), file.string()); }

CostModel CostModel::parse(std::string_view text, const std::string& origin) {
  const nlohmann::json document = parse_json(text, origin);
  StrictJson json(document, origin, "");
  const unsigned minor = require_schema(json);
  CostModel model;
  read_fields(json, model, model_fields, minor);
  for_each_field(later_model_fields, [&](const auto& each) {
    if (json.has(each.name)) {
      read_value(json, each.name, each.in(model), minor);
    }
  });
  json.pass_over("group_laws");
  json.finish();
  return model;
}

}  // namespace hockney::cost
