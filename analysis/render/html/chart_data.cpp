#include "render/html/chart_data.hpp"

#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "render/html/escape.hpp"

namespace hockney::render {
namespace {

constexpr int value_digits = 5;
constexpr int place_digits = 10;  // so that sizes up to 8 GiB are exact

std::string numbers(const std::vector<double>& values, int digits) {
  std::vector<std::string> texts;
  for (const double value : values) {
    texts.push_back(std::isfinite(value) ? fmt::format("{:.{}g}", value, digits) : "null");
  }
  return fmt::format("[{}]", fmt::join(texts, ","));
}

std::string strings(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) {
    quoted.push_back(script_string(text));
  }
  return fmt::format("[{}]", fmt::join(quoted, ","));
}

std::string_view word_of(Quantity quantity) {
  return quantity == Quantity::bytes ? "bytes" : quantity == Quantity::seconds ? "seconds" : "number";
}

std::string_view word_of(Draw draw) { return draw == Draw::points ? "points" : draw == Draw::line ? "line" : "both"; }

std::string axis_data(const Axis& axis) {
  return fmt::format(R"({{"label":{},"log":{},"low":{:.10g},"high":{:.10g},"quantity":"{}"}})",
                     script_string(axis.label), axis.scale == Scale::log, axis.low, axis.high, word_of(axis.quantity));
}

void require_columns(const Series& series) {
  const bool has_errors = !series.low.empty() || !series.high.empty();
  if (series.y.size() != series.x.size() ||
      (has_errors && (series.low.size() != series.x.size() || series.high.size() != series.x.size()))) {
    throw Failure(fmt::format("series '{}': columns of different lengths", series.name));
  }
}

std::string series_data(const Series& series) {
  require_columns(series);
  std::string text = fmt::format(R"({{"name":{},"draw":"{}","colour":{},"dashed":{},"x":{},"y":{})",
                                 script_string(series.name), word_of(series.draw), static_cast<int>(series.colour),
                                 series.dashed, numbers(series.x, place_digits), numbers(series.y, value_digits));
  text += series.shape == 0 ? "" : fmt::format(R"(,"shape":{})", series.shape);
  if (!series.low.empty()) {
    text +=
        fmt::format(R"(,"low":{},"high":{})", numbers(series.low, value_digits), numbers(series.high, value_digits));
  }
  return text + "}";
}

std::string panel_data(const LineChart& chart) {
  std::vector<std::string> series;
  for (const Series& each : chart.series) {
    series.push_back(series_data(each));
  }
  return fmt::format(R"({{"title":{},"x":{},"y":{},"horizontals":{},"series":[{}]}})", script_string(chart.title),
                     axis_data(chart.x), axis_data(chart.y), numbers(chart.horizontals, value_digits),
                     fmt::join(series, ",\n"));
}

}  // namespace

std::string chart_data(const ChartGroup& group) {
  std::vector<std::string> panels;
  for (const LineChart& panel : group.panels) {
    panels.push_back(panel_data(panel));
  }
  return fmt::format(R"({{"title":{},"remarks":{},"panels":[{}]}})", script_string(group.title), strings(group.remarks),
                     fmt::join(panels, ",\n"));
}

}  // namespace hockney::render
