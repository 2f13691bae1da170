#include "views/run_view.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/number.hpp"
#include "render/forms.hpp"
#include "views/interval_text.hpp"
#include "views/summary_columns.hpp"

namespace hockney::views {
namespace {

using predict::StepPrediction;
using render::Cell;
using render::data_column;
using render::number_column;
using render::Table;
using render::text_column;

constexpr double seconds_per_day = 86400;
constexpr double million = 1e6;
constexpr double billion = 1e9;

std::string dollars(double usd) {
  return usd < million ? fmt::format("{:.0f}", usd) : significant(usd / million) + " M";
}

Interval times(Interval interval, double factor) { return {interval.low * factor, interval.high * factor}; }

Interval step_interval(const StepPrediction& step) {
  return step.draws.interval(predict::step_parts().back(), step.time.total_s);
}

// The value with both ends of its interval: three cells for two columns of a terminal.
std::vector<Cell> with_interval(double value, Interval interval, double unit) {
  const IntervalText text = interval_text(value / unit, times(interval, 1 / unit));
  return {Cell(value).shown_as(text.value), Cell(interval.low).shown_as(text.interval), interval.high};
}

std::vector<render::Column> interval_columns(const std::string& key, const std::string& heading, bool is_shown) {
  const auto column = [&](const std::string& name, const std::string& text) {
    return is_shown ? number_column(name, text) : data_column(name);
  };
  const std::size_t unit = key.rfind('_');
  return {column(key, heading), column(key.substr(0, unit) + "_lo" + key.substr(unit), "95 % interval"),
          data_column(key.substr(0, unit) + "_hi" + key.substr(unit))};
}

std::vector<Cell> money_cells(const ComparedRun& run, double tokens) {
  const StepPrediction& step = *run.step;
  const double nodes = static_cast<double>(step.mapping.nodes());
  if (!run.price) {
    return std::vector<Cell>(6);
  }
  const compare::RunCost cost = compare::run_cost(*run.price, tokens, step.tokens_per_step(), step.time.total_s, nodes);
  std::vector<Cell> cells{run.price->text, run.price->per_hour(nodes)};
  append(cells, tokens > 0 ? with_interval(cost.usd, times(step_interval(step), cost.usd / step.time.total_s), million)
                           : std::vector<Cell>(3));
  cells.emplace_back(tokens > 0 ? Cell(cost.usd_per_million_tokens) : Cell());
  return cells;
}

std::vector<Cell> cells_of(const ComparedRun& run, double tokens) {
  const StepPrediction& step = *run.step;
  const double step_s = step.time.total_s;
  std::vector<Cell> cells{run.side, run.name, step.gpu.name, step.mapping.gpus(), step.mapping.nodes()};
  append(cells, with_interval(step_s, step_interval(step), 1));
  cells.emplace_back(step.time.communication_s() / step_s);
  cells.emplace_back(step.model_flops_utilisation());
  if (tokens > 0) {
    const double run_s = compare::run_cost({}, tokens, step.tokens_per_step(), step_s, 1).seconds;
    append(cells, with_interval(run_s, times(step_interval(step), run_s / step_s), seconds_per_day));
  } else {
    append(cells, std::vector<Cell>(3));
  }
  append(cells, money_cells(run, tokens));
  return cells;
}

std::string step_comparison(const ComparedRun& a, const ComparedRun& b) {
  const double ratio = b.step->time.total_s / a.step->time.total_s;
  const Interval interval = predict::ratio_interval(b.step->draws, a.step->draws, ratio);
  return fmt::format("a step of {} takes {} times as long as one of {}, 95 % {} .. {}{}", b.side, significant(ratio),
                     a.side, significant(interval.low), significant(interval.high),
                     interval.low < 1 && interval.high > 1 ? ": no difference that the model can tell" : "");
}

}  // namespace

Table run_table(std::span<const ComparedRun> runs, double tokens) {
  const bool has_price =
      tokens > 0 && std::any_of(runs.begin(), runs.end(), [](const ComparedRun& run) { return run.price.has_value(); });
  Table table{.name = "runs", .title = "predicted training"};
  table.columns = {text_column("side", ""), text_column("name", "system"), text_column("gpu", "GPU"),
                   number_column("gpus", "GPUs"), number_column("nodes", "nodes")};
  append(table.columns, interval_columns("step_s", "step (s)", true));
  table.columns.push_back(number_column("communication_fraction", "communication (%)", render::percentage));
  table.columns.push_back(number_column("model_flops_utilisation_fraction", "MFU (%)", render::percentage));
  append(table.columns, interval_columns("run_s", "run (days)", tokens > 0));
  table.columns.push_back(has_price ? text_column("price", "price (USD)") : data_column("price"));
  table.columns.push_back(has_price ? number_column("usd_per_hour", "USD per hour", dollars)
                                    : data_column("usd_per_hour"));
  append(table.columns, interval_columns("run_usd", "run (million USD)", has_price));
  table.columns.push_back(has_price ? number_column("usd_per_million_tokens", "USD per million tokens")
                                    : data_column("usd_per_million_tokens"));
  for (const ComparedRun& run : runs) {
    table.rows.push_back(cells_of(run, tokens));
  }
  for (std::size_t i = 1; i < runs.size(); ++i) {
    table.remarks.push_back(step_comparison(runs.front(), runs[i]));
  }
  if (tokens > 0) {
    table.remarks.push_back(
        fmt::format("run: {} billion tokens in whole steps, without restarts, checkpoints and evaluation; nodes are "
                    "paid for while it "
                    "runs",
                    significant(tokens / billion)));
  }
  return table;
}

std::vector<std::string> run_warnings(std::span<const ComparedRun> runs) {
  std::vector<std::string> warnings;
  for (const ComparedRun& run : runs) {
    for (const std::string& warning : run.step->warnings) {
      warnings.push_back(fmt::format("{}: {}", run.side, warning));
    }
  }
  return warnings;
}

Table price_table(std::span<const PricedCluster> clusters, const PriceQuestion& question) {
  Table table{.name = "prices", .title = "what the nodes cost"};
  table.columns = {
      text_column("side", ""),
      text_column("price", "price (USD)"),
      number_column("nodes", "nodes"),
      number_column("purchase_usd", "to buy (USD)", dollars),
      number_column("usd_per_node_hour", "per node and hour"),
      number_column("usd_per_hour", "per hour (USD)", dollars),
      number_column("usd_over_years", fmt::format("over {} years (USD)", significant(question.years)), dollars),
      question.budget_usd > 0
          ? number_column("clusters_for_budget", fmt::format("clusters for {} USD", dollars(question.budget_usd)))
          : data_column("clusters_for_budget")};
  for (const PricedCluster& cluster : clusters) {
    const double per_hour = cluster.price.per_hour(cluster.nodes);
    const double over_years = per_hour * question.years * compare::hours_per_year;
    const std::optional<double> to_buy = cluster.price.to_buy(cluster.nodes);
    table.rows.push_back({cluster.side, cluster.price.text, cluster.nodes, to_buy ? Cell(*to_buy) : Cell(),
                          per_hour / cluster.nodes, per_hour, over_years,
                          question.budget_usd > 0 ? Cell(question.budget_usd / to_buy.value_or(over_years)) : Cell()});
  }
  table.remarks.emplace_back(
      "bought: written off evenly, a year of 8766 hours around the clock; power, space and staff are not in it");
  return table;
}

}  // namespace hockney::views
