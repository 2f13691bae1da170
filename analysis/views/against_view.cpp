#include "views/against_view.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/number.hpp"
#include "render/forms.hpp"

namespace hockney::views {
namespace {

using predict::StepComparison;
using render::Cell;
using render::Table;

std::string interval_of(const Interval& interval) {
  return interval.low == interval.high
             ? "not known"
             : fmt::format("{} .. {}", render::milliseconds(interval.low), render::milliseconds(interval.high));
}

std::string three_decimals(double value) { return fmt::format("{:.3f}", value); }

std::string remarks_on(const StepComparison& step) {
  std::string text = to_string(step.flags);
  const auto add = [&](bool is_so, std::string_view word) {
    text += is_so ? fmt::format("{}{}", text.empty() ? "" : ",", word) : "";
  };
  add(step.extrapolated, "extrapolated");
  add(step.substituted, "SUBSTITUTED");
  return text;
}

std::vector<render::Column> step_columns() {
  using namespace render;
  std::vector<Column> columns{data_column("name"),
                              text_column("tensor", "tp x pp x dp"),
                              data_column("pipeline"),
                              data_column("data"),
                              number_column("layers", "layers"),
                              number_column("micro_batches", "micro-batches"),
                              number_column("activation_bytes", "activation", bytes),
                              number_column("measured_step_s", "step (ms)", milliseconds),
                              number_column("compute_s", "compute (ms)", milliseconds),
                              number_column("measured_s", "communication (ms)", milliseconds),
                              data_column("measured_low_s"),
                              data_column("measured_high_s"),
                              number_column("", "95 % interval (ms)"),
                              number_column("predicted_s", "predicted (ms)", milliseconds),
                              data_column("predicted_low_s"),
                              data_column("predicted_high_s"),
                              number_column("", "95 % interval (ms)"),
                              text_column("interval_basis", "basis"),
                              number_column("predicted_over_measured", "predicted / measured", three_decimals),
                              data_column("extrapolated"),
                              data_column("substituted"),
                              data_column("flags"),
                              text_column("", "remarks")};
  for (const std::string_view cause : all_names<Cause>()) {
    columns.push_back(data_column(fmt::format("predicted_by_cause_s.{}", cause)));
  }
  return columns;
}

std::vector<Cell> row_of(const StepComparison& step) {
  const Mapping& mapping = step.point.step().mapping;
  const Interval& measured = step.communication_interval_s;
  const Interval& predicted = step.predicted_interval_s;
  std::vector<Cell> row{
      step.point.name(),
      Cell(mapping.tensor).shown_as(fmt::format("{} x {} x {}", mapping.tensor, mapping.pipeline, mapping.data)),
      mapping.pipeline,
      mapping.data,
      step.point.step().model.layers,
      step.point.micro_batches(),
      step.point.payload,
      step.measured.median_s,
      step.compute_s,
      step.communication_s,
      measured.low,
      measured.high,
      interval_of(measured),
      step.predicted.total_s,
      predicted.low,
      predicted.high,
      interval_of(predicted),
      step.basis,
      step.ratio(),
      step.extrapolated,
      step.substituted,
      to_string(step.flags),
      remarks_on(step)};
  row.insert(row.end(), step.predicted.exposed_s.begin(), step.predicted.exposed_s.end());
  return row;
}

Table step_table(const ComparedLaunch& launch) {
  Table table;
  table.title = fmt::format("steps of launch {} on {} ({}), curves {}", launch.short_id, launch.info.machine,
                            to_iso8601(launch.info.started_utc_ns), launch.curves);
  table.columns = step_columns();
  for (const StepComparison& step : launch.steps) {
    table.rows.push_back(row_of(step));
  }
  return table;
}

/// Of the whole, and of what slices the model one way only.
struct Kind {
  const char* name;
  bool (*admits)(const Mapping& mapping);
};

constexpr std::array<Kind, 4> kinds{
    {{"tensor parallel only", [](const Mapping& mapping) { return mapping.tensor == mapping.gpus(); }},
     {"pipeline parallel only", [](const Mapping& mapping) { return mapping.pipeline == mapping.gpus(); }},
     {"data parallel only", [](const Mapping& mapping) { return mapping.data == mapping.gpus(); }},
     {"all", [](const Mapping&) { return true; }}}};

std::vector<StepComparison> steps_of(std::span<const ComparedLaunch> launches, const Kind& kind) {
  std::vector<StepComparison> steps;
  for (const ComparedLaunch& launch : launches) {
    std::copy_if(launch.steps.begin(), launch.steps.end(), std::back_inserter(steps),
                 [&](const StepComparison& step) { return kind.admits(step.point.step().mapping); });
  }
  return steps;
}

Table error_table(std::span<const ComparedLaunch> launches) {
  Table table{.name = "errors", .title = "how far predictions are off"};
  table.columns = {render::text_column("of", "|predicted / measured - 1|, communication part"),
                   render::number_column("steps", "steps"),
                   render::number_column("median_fraction", "median (%)", render::percentage),
                   render::number_column("p95_fraction", "95th percentile (%)", render::percentage),
                   render::number_column("intervals_meet", "intervals meet")};
  for (const Kind& kind : kinds) {
    const std::vector<StepComparison> steps = steps_of(launches, kind);
    if (!steps.empty()) {
      const cost::ErrorQuantiles errors = predict::ratio_errors(steps);
      const std::size_t meet = predict::intervals_that_meet(steps);
      table.rows.push_back({kind.name, steps.size(), errors.median, errors.p95,
                            Cell(meet).shown_as(fmt::format("{} of {}", meet, steps.size()))});
    }
  }
  return table;
}

Table launches_table(std::span<const ComparedLaunch> launches) {
  Table table{.name = "launches"};
  for (const char* key : {"run_uuid", "machine", "curves", "steps"}) {
    table.columns.push_back(render::data_column(key));
  }
  for (const ComparedLaunch& launch : launches) {
    table.rows.push_back({launch.info.run_uuid, launch.info.machine, launch.curves, step_table(launch)});
  }
  return table;
}

}  // namespace

render::View against_view(std::span<const ComparedLaunch> launches) {
  render::View view{.what = "step comparison", .version = "1.1.0"};
  view.tables.push_back(launches_table(launches));
  for (const ComparedLaunch& launch : launches) {
    view.tables.push_back(step_table(launch));
  }
  view.tables.push_back(error_table(launches));
  view.notes = {
      "Predicted: the communication of the step by the network that predicts training steps, without host-wait: "
      "replaying ranks do not synchronise their hosts as Megatron-LM's do."};
  return view;
}

render::View against_tables(std::span<const ComparedLaunch> launches) {
  render::View view{.what = "step comparison", .version = "1.1.0", .main_table = "steps"};
  for (const ComparedLaunch& launch : launches) {
    Table& table = view.tables.emplace_back(step_table(launch));
    table.name = "steps";
    table.columns.insert(table.columns.begin(), render::data_column("run_uuid"));
    for (std::vector<Cell>& row : table.rows) {
      row.insert(row.begin(), launch.info.run_uuid);
    }
  }
  view.tables.push_back(error_table(launches));
  return view;
}

}  // namespace hockney::views
