#include "render/plot/axis.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/number.hpp"
#include "base/seconds.hpp"

namespace hockney::render {
namespace {

constexpr std::size_t most_ticks = 7;
constexpr std::size_t least_ticks = 3;
constexpr double margin = 0.04;  // of the range, on either side

using Label = std::function<std::string(double)>;

void require(bool holds, const std::string& label) {
  if (!holds) {
    throw Failure(fmt::format("axis '{}': no range that can be drawn", label));
  }
}

std::string plain(double value) { return significant(value, 6); }

double nice_step(double range, std::size_t steps) {
  const double rough = range / static_cast<double>(steps);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) {
      return factor * power;
    }
  }
  return 10 * power;
}

std::vector<Tick> linear_ticks(double low, double high, const Label& label) {
  std::vector<Tick> ticks;
  const double step = nice_step(high - low, most_ticks - 1);
  for (double i = std::ceil(low / step); i * step <= high; ++i) {
    const double at = i * step + 0.0;  // no -0
    ticks.push_back({at, label(at)});
  }
  return ticks;
}

std::vector<Tick> ticks_at(double low, double high, std::initializer_list<double> factors, double decades,
                           const Label& label) {
  std::vector<Tick> ticks;
  for (double power = std::floor(std::log10(low)); power <= std::log10(high); ++power) {
    if (std::fmod(power, decades) != 0) {
      continue;
    }
    for (const double factor : factors) {
      const double at = factor * std::pow(10.0, power);
      if (low <= at && at <= high) {
        ticks.push_back({at, label(at)});
      }
    }
  }
  return ticks;
}

// The finest pattern with few enough ticks.
std::vector<Tick> log_ticks(double low, double high, const Label& label) {
  std::vector<Tick> ticks = ticks_at(low, high, {1, 2, 5}, 1, label);
  if (ticks.size() < least_ticks) {
    return linear_ticks(low, high, label);
  }
  if (ticks.size() > most_ticks) {
    ticks = ticks_at(low, high, {1, 3}, 1, label);
  }
  for (double decades = 1; ticks.size() > most_ticks; ++decades) {
    ticks = ticks_at(low, high, {1}, decades, label);
  }
  return ticks;
}

void widen(Axis& axis) {
  if (axis.scale == Scale::log) {
    const double range = std::max(std::log(axis.high / axis.low), std::log(1.5));
    axis.low *= std::exp(-margin * range);
    axis.high *= std::exp(margin * range);
    return;
  }
  double range = axis.high - axis.low;
  if (range == 0) {
    range = axis.low == 0 ? 1 : std::abs(axis.low) / 2;
  }
  axis.low -= margin * range;
  axis.high += margin * range;
}

}  // namespace

Axis bytes_axis(std::string label, double low, double high) {
  require(0 < low && low <= high && std::isfinite(high), label);
  Axis axis{std::move(label), Scale::log, low, high, {}, Quantity::bytes};
  widen(axis);
  const int first = static_cast<int>(std::ceil(std::log2(axis.low)));
  const int last = static_cast<int>(std::floor(std::log2(axis.high)));
  int step = 1;
  const auto count = [&] { return last / step - (std::max(0, first) + step - 1) / step + 1; };
  for (const int next : {2, 3, 5, 10}) {
    if (count() > static_cast<int>(most_ticks)) {
      step = next;
    }
  }
  for (int exponent = std::max(0, first); exponent <= last; ++exponent) {
    if (exponent % step == 0) {
      const double at = std::exp2(exponent);
      axis.ticks.push_back({at, to_string(Bytes{static_cast<std::uint64_t>(at)})});
    }
  }
  return axis;
}

Axis seconds_axis(std::string label, double low, double high) {
  require(0 < low && low <= high && std::isfinite(high), label);
  Axis axis{std::move(label), Scale::log, low, high, {}, Quantity::seconds};
  widen(axis);
  axis.ticks = log_ticks(axis.low, axis.high, [](double t) { return to_string(Seconds{t}); });
  return axis;
}

Axis number_axis(std::string label, Scale scale, double low, double high) {
  require(std::isfinite(low) && std::isfinite(high) && low <= high && (scale == Scale::linear || low > 0), label);
  Axis axis{std::move(label), scale, low, high, {}};
  widen(axis);
  axis.ticks = scale == Scale::log ? log_ticks(axis.low, axis.high, plain) : linear_ticks(axis.low, axis.high, plain);
  return axis;
}

Axis counts_axis(std::string label, const std::vector<double>& values) {
  require(!values.empty() && std::all_of(values.begin(), values.end(), [](double value) { return value > 0; }), label);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  Axis axis{std::move(label), Scale::log, *low, *high, {}};
  widen(axis);
  for (const double value : values) {
    axis.ticks.push_back({value, plain(value)});
  }
  return axis;
}

Axis names_axis(std::string label, const std::vector<std::string>& names) {
  require(!names.empty(), label);
  constexpr double half_a_cell = 0.5;
  Axis axis{std::move(label), Scale::linear, -half_a_cell, static_cast<double>(names.size()) - half_a_cell, {}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    axis.ticks.push_back({static_cast<double>(i), names[i]});
  }
  return axis;
}

}  // namespace hockney::render
