#include "import/tables/csv_units.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"

namespace hockney::import {
namespace {

constexpr double gb_s_of_byte_per_us = 1e-3;
constexpr double gibi_per_giga = static_cast<double>(1 << 30) * 1e-9;
constexpr double tolerance = 0.01;

const CsvColumn* column_of(const std::vector<CsvColumn>& columns, CsvRole role) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const CsvColumn& column) { return column.role == role; });
  return found == columns.end() ? nullptr : &*found;
}

std::vector<double> size_candidates(const CsvColumn* column) {
  if (column == nullptr) {
    return {1};
  }
  if (column->factor) {
    return {*column->factor};
  }
  if (column->unit == "kb") {
    return {1 << 10, 1e3};
  }
  if (column->unit == "mb") {
    return {1 << 20, 1e6};
  }
  return column->unit == "gb" ? std::vector<double>{1 << 30, 1e9} : std::vector<double>{1};
}

std::vector<double> time_candidates(const CsvColumn* column, const CsvDialect& dialect) {
  if (column == nullptr) {
    return {1};
  }
  if (dialect.time && !column->factor) {
    return {*dialect.time};
  }
  return column->factor ? std::vector<double>{*column->factor} : std::vector<double>{1, 1e-3, 1e3, 1e6};
}

// What the heading says, and what people mean by it.
std::vector<double> bandwidth_candidates(const CsvColumn* column) {
  constexpr double bits = 0.125;
  const double stated = column == nullptr ? 1 : column->factor.value_or(1);
  return column != nullptr && !column->factor && column->unit == "gbps" ? std::vector<double>{1, bits}
                                                                        : std::vector<double>{stated, gibi_per_giga};
}

bool is_power_of_two(double value) {
  int exponent = 0;
  return value >= 1 && std::frexp(value, &exponent) == 0.5;
}

struct Score {
  std::size_t agree = 0;
  std::size_t compared = 0;
};

// Rows whose bandwidth is printed finely enough to tell units apart.
Score score_of(std::span<const CsvValues> rows, const CsvUnits& units) {
  constexpr std::size_t enough = 256;
  Score score;
  for (const CsvValues& row : rows) {
    for (const CsvResult& result : row.side) {
      if (!row.size || !result.algbw || result.algbw->half_step > tolerance * result.algbw->value) {
        continue;
      }
      if (const auto rate = rate_of(*row.size * units.size, result, units)) {
        ++score.compared;
        score.agree += agrees(*rate, *result.algbw, units.bandwidth) ? 1 : 0;
      }
    }
    if (score.compared >= enough) {
      break;
    }
  }
  return score;
}

}  // namespace

CsvDialect csv_dialect(const std::vector<CsvColumn>& columns) {
  const auto has = [&](std::string_view heading) {
    return std::any_of(columns.begin(), columns.end(), [&](const CsvColumn& each) { return each.heading == heading; });
  };
  constexpr double us_per_ms = 1e3;
  if (has("nccl_dtype") && has("num_gpus") && has("message_size") && has("latency")) {
    return {.program = "aiconfigurator", .size_in_elements = true, .time = us_per_ms, .one_node = true};
  }
  if (has("numCycle") && has("time") && has("algbw") && has("#wrong")) {
    return {.program = "rccl-tests", .size_in_elements = false, .time = 1, .one_node = false};
  }
  return {};
}

std::optional<double> rate_of(double size_bytes, const CsvResult& result, const CsvUnits& units) {
  if (!result.time || result.time->value <= 0) {
    return std::nullopt;
  }
  return size_bytes / (result.time->value * units.time) * gb_s_of_byte_per_us;
}

bool agrees(double rate_gb_s, PrintedNumber printed, double unit) {
  const double value = printed.value * unit;
  return std::abs(rate_gb_s - value) <= tolerance * std::max(rate_gb_s, value) + printed.half_step * unit;
}

CsvUnits settle_csv_units(const std::vector<CsvColumn>& columns, std::span<const CsvValues> rows,
                          const CsvDialect& dialect) {
  const CsvColumn* size = column_of(columns, CsvRole::size);
  const CsvColumn* time = column_of(columns, CsvRole::time);
  const CsvColumn* algbw = column_of(columns, CsvRole::algbw);
  const auto sizes = size_candidates(size);
  const auto times = time_candidates(time, dialect);
  CsvUnits best;
  std::size_t most = 0;
  std::size_t with_most = 0;
  for (const double size_unit : sizes) {
    for (const double time_unit : times) {
      for (const double bandwidth_unit : bandwidth_candidates(algbw)) {
        CsvUnits units{size_unit, time_unit, bandwidth_unit, true, {}};
        const Score score = score_of(rows, units);
        if (2 * score.agree <= score.compared || score.agree < most) {
          continue;
        }
        with_most = score.agree == most ? with_most + 1 : 1;
        best = score.agree > most ? units : best;
        most = score.agree;
      }
    }
  }
  const double stated_bandwidth = bandwidth_candidates(algbw).front();
  if (most > 0) {
    if (with_most > 1) {
      throw InputError("the units of size, time and bandwidth are not stated, and several fit the numbers");
    }
    const auto note = [&](bool settled, const CsvColumn* column, std::string_view what) {
      if (settled) {
        best.notes.push_back(
            fmt::format("unit of '{}' taken as {}: so size / time is the bandwidth", column->heading, what));
      }
    };
    note(sizes.size() > 1, size, fmt::format("{:.0f} B", best.size));
    note(times.size() > 1, time, fmt::format("{} us", best.time));
    note(algbw != nullptr && best.bandwidth != stated_bandwidth, algbw, fmt::format("{} GB/s", best.bandwidth));
    return best;
  }
  best = {sizes.front(), times.front(), stated_bandwidth, time != nullptr, {}};
  if (times.size() > 1) {
    throw InputError(fmt::format("column '{}' has no unit, and no bandwidth tells it", time->heading));
  }
  if (sizes.size() > 1) {
    const bool binary = !rows.empty() && std::all_of(rows.begin(), rows.end(), [](const CsvValues& row) {
      return !row.size || is_power_of_two(*row.size);
    });
    if (!binary) {
      throw InputError(
          fmt::format("column '{}': its unit may be {:.0f} B or {:.0f} B, and no time and bandwidth tell which",
                      size->heading, sizes[0], sizes[1]));
    }
    best.notes.push_back(
        fmt::format("unit of '{}' taken as {:.0f} B: all sizes are powers of two", size->heading, best.size));
  }
  if (time == nullptr) {
    best.notes.emplace_back("no column of times: time = size / algbw");
  }
  return best;
}

}  // namespace hockney::import
