#include "views/part_table.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/number.hpp"
#include "render/forms.hpp"

namespace hockney::views {
namespace {

using predict::StepPart;
using predict::StepPrediction;
using render::Cell;
using render::Table;

constexpr int bar_width = 72;

char letter_of(const StepPart& part) {
  constexpr std::string_view letters = "CTSXEPBDO";
  const auto parts = predict::step_parts();
  const auto place =
      std::find_if(parts.begin(), parts.end(), [&](const StepPart& each) { return each.name == part.name; });
  return letters[static_cast<std::size_t>(place - parts.begin())];
}

bool occurs(const StepPart& part, std::span<const StepPrediction> steps) {
  return std::any_of(steps.begin(), steps.end(), [&](const StepPrediction& step) {
    return part.seconds(step.time) > 0 || part.hidden(step.time) > 0;
  });
}

// Largest remainders: letters add up to the length of the bar.
std::string bar_of(const StepPrediction& step, double longest_s) {
  auto parts = parts_of(step);
  parts.pop_back();
  const double letters_per_s = bar_width / longest_s;
  std::vector<double> remainders;
  std::vector<std::size_t> letters;
  double missing = std::round(step.time.total_s * letters_per_s);
  for (const StepPart& part : parts) {
    const double exact = part.seconds(step.time) * letters_per_s;
    letters.push_back(static_cast<std::size_t>(exact));
    remainders.push_back(exact - std::floor(exact));
    missing -= std::floor(exact);
  }
  for (; missing > 0; --missing) {
    const auto next = std::max_element(remainders.begin(), remainders.end());
    ++letters[static_cast<std::size_t>(next - remainders.begin())];
    *next = -1;
  }
  std::string bar;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    bar.append(letters[i], letter_of(parts[i]));
  }
  return bar;
}

std::string legend_of(std::span<const StepPrediction> steps) {
  auto parts = parts_of(steps.front());
  parts.pop_back();
  std::vector<std::string> legend;
  for (const StepPart& part : parts) {
    if (occurs(part, steps)) {
      legend.push_back(fmt::format("{} {}", letter_of(part), part.name));
    }
  }
  return fmt::format(" {}", fmt::join(legend, ", "));
}

std::vector<std::string> bars_of(std::span<const StepPrediction> steps, std::span<const std::string> names) {
  const double longest = std::max_element(steps.begin(), steps.end(), [](const auto& a, const auto& b) {
                           return a.time.total_s < b.time.total_s;
                         })->time.total_s;
  if (!(longest > 0)) {
    return {};
  }
  std::vector<std::string> lines{""};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    lines.push_back(fmt::format("|{:<{}}| {} s{}", bar_of(steps[i], longest), bar_width,
                                significant(steps[i].time.total_s),
                                steps.size() > 1 ? fmt::format(" [{}]", names[i]) : ""));
  }
  lines.push_back(legend_of(steps));
  return lines;
}

// A stated rate alone has an interval without width.
std::string interval_of(const Interval& interval) {
  return interval.low == interval.high
             ? "not known"
             : fmt::format("{} .. {}", render::milliseconds(interval.low), render::milliseconds(interval.high));
}

}  // namespace

std::vector<StepPart> parts_of(const StepPrediction& prediction) {
  std::vector<StepPart> parts(predict::step_parts().begin(), predict::step_parts().end());
  if (prediction.scope == predict::Scope::communication) {
    std::erase_if(parts, [](const StepPart& part) { return part.name == "compute" || part.name == "optimizer"; });
    parts.back().name = name_of(predict::Scope::communication);
  }
  return parts;
}

Table part_table(const StepPrediction& prediction, double cost_per_gpu_hour) {
  Table table{.name = "parts"};
  table.columns = {render::text_column("part", "part"),
                   render::number_column("exposed_s", "time (ms)", render::milliseconds),
                   render::data_column("low_s"),
                   render::data_column("high_s"),
                   render::number_column("", "95 % interval (ms)"),
                   render::number_column("share_fraction", "share (%)", render::percentage),
                   render::number_column("hidden_s", "hidden (ms)", render::milliseconds)};
  if (cost_per_gpu_hour > 0) {
    table.columns.push_back(render::data_column("cost"));
  }
  for (const StepPart& part : parts_of(prediction)) {
    const double seconds = part.seconds(prediction.time);
    const Interval interval = prediction.draws.interval(part, seconds);
    const double share = prediction.time.total_s > 0 ? seconds / prediction.time.total_s : 0;
    const double hidden = part.hidden(prediction.time);
    table.rows.push_back({part.name, seconds, interval.low, interval.high, interval_of(interval), share,
                          hidden > 0 ? Cell(hidden) : Cell(hidden).shown_as("-")});
    if (cost_per_gpu_hour > 0) {
      table.rows.back().emplace_back(share * prediction.cost_per_step(cost_per_gpu_hour));
    }
  }
  return table;
}

Table parts_side_by_side(std::span<const StepPrediction> steps, std::span<const std::string> names) {
  Table all{.title = "time by part"};
  const std::vector<StepPart> parts = parts_of(steps.front());
  std::vector<std::vector<Cell>> rows(parts.size());
  for (std::size_t step = 0; step < steps.size(); ++step) {
    const Table one = part_table(steps[step], 0);
    for (std::size_t i = step == 0 ? 0 : 1; i < one.columns.size(); ++i) {
      all.columns.push_back(one.columns[i]);
      all.columns.back().heading += i > 0 && steps.size() > 1 ? fmt::format(" [{}]", names[step]) : "";
      for (std::size_t row = 0; row < rows.size(); ++row) {
        rows[row].push_back(one.rows[row][i]);
      }
    }
  }
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (occurs(parts[row], steps)) {
      all.rows.push_back(std::move(rows[row]));
    }
  }
  all.remarks = bars_of(steps, names);
  return all;
}

}  // namespace hockney::views
