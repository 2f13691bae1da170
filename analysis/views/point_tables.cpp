#include "views/point_tables.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <tuple>

#include "base/number.hpp"
#include "render/forms.hpp"
#include "views/software_apart.hpp"
#include "views/summary_columns.hpp"
#include "views/what_ran.hpp"

namespace hockney::views {
namespace {

using render::Cell;
using render::Column;
using render::data_column;
using render::number_column;
using render::text_column;
using Cells = std::vector<Cell>;
using Columns = std::vector<Column>;

/// What the points of a kind have of their own.
struct Kind {
  std::string title;
  Columns before;  ///< in front of the launch
  Columns summary;
  Columns after;
  Cells (*cells_before)(const PointOfLaunch&);
  Cells (*cells_after)(const PointOfLaunch&);
};

Kind curve(const Case& point) {
  return {point.curve_name(),
          {number_column("payload_bytes", "payload", render::bytes)},
          summary_columns({"t_median_s", "ci_lo_s", "ci_hi_s", "t_fastest_rank_s", "t_p99_s", "algbw_bytes_per_s",
                           "busbw_bytes_per_s", "samples"}),
          {text_column("stop", "stop")},
          [](const PointOfLaunch& row) { return Cells{row.point().payload}; },
          [](const PointOfLaunch& row) { return Cells{stop_of(row)}; }};
}

// What tells the conditions of a product apart, beside its shape.
std::string conditions(const Case& point) {
  std::string text = fmt::format("{} {}", name_of(point.element), name_of(point.mode));
  text += point.group.concurrent > 1 ? fmt::format(", {} at once", point.group.concurrent) : "";
  text += point.cache != Cache::hot ? fmt::format(", {}", name_of(point.cache)) : "";
  return text;
}

Cells product_cells(const PointOfLaunch& row) {
  const Matmul& shape = row.point().matmul();
  return {shape.layer, shape.pass, Cell(shape.m).shown_as(fmt::format("{} x {} x {}", shape.m, shape.n, shape.k)),
          shape.n,     shape.k,    conditions(row.point())};
}

Kind products() {
  return {
      "matrix products",
      {text_column("matmul_layer", "layer"), text_column("matmul_pass", "pass"), number_column("matmul_m", "m x n x k"),
       data_column("matmul_n"), data_column("matmul_k"), text_column("conditions", "conditions")},
      summary_columns({"t_median_s", "ci_lo_s", "ci_hi_s", "samples"}),
      {number_column("flop_per_s", "TFLOP/s per rank", render::tera), text_column("by", "by"), data_column("stop")},
      product_cells,
      [](const PointOfLaunch& row) {
        return Cells{row.point().matmul().operations() / row.summary.median_s,
                     row.passes.front()->observation.algorithm, stop_of(row)};
      }};
}

Cells step_cells(const PointOfLaunch& row) {
  const Case& point = row.point();
  const Step& step = point.step();
  const Mapping& mapping = step.mapping;
  return {step.model.name,
          step.model.layers,
          Cell(mapping.tensor).shown_as(fmt::format("{} x {} x {}", mapping.tensor, mapping.pipeline, mapping.data)),
          mapping.pipeline,
          mapping.data,
          point.micro_batches(),
          point.payload,
          step.compute_s};
}

Kind steps() {
  return {"replayed steps",
          {text_column("step_model", "model"), number_column("step_layers", "layers"),
           number_column("step_tensor_parallel", "tp x pp x dp"), data_column("step_pipeline_parallel"),
           data_column("step_data_parallel"), number_column("step_micro_batches", "micro-batches"),
           number_column("payload_bytes", "activation", render::bytes),
           number_column("step_compute_s", "compute per layer us", render::microseconds)},
          summary_columns({"t_median_s", "ci_lo_s", "ci_hi_s", "t_p99_s", "samples"}),
          {data_column("stop")},
          step_cells,
          [](const PointOfLaunch& row) { return Cells{stop_of(row)}; }};
}

Kind kind_of(const Case& point) {
  return is_on_curve(point.operation) ? curve(point) : point.operation == Operation::matmul ? products() : steps();
}

Columns next_columns(bool shown) {
  return shown ? Columns{number_column("next_launch_lo_s", "next launch, 95 % low us", render::microseconds),
                         number_column("next_launch_hi_s", "95 % high us", render::microseconds)}
               : Columns{data_column("next_launch_lo_s"), data_column("next_launch_hi_s")};
}

Cells next_cells(const OverLaunches& over) {
  return over.launches < 2 ? Cells{Cell(), Cell()} : Cells{over.next_s.low, over.next_s.high};
}

SoftwareApart software_apart(std::span<const PointOfLaunch> rows) {
  std::set<std::string> software;
  for (const PointOfLaunch& row : rows) {
    software.insert(row.software);
  }
  return SoftwareApart(software);
}

// Whether a reader must be told which hosts took part: where a group has not all of them, or launches lie on others.
bool tell_hosts(std::span<const PointOfLaunch> rows) {
  const std::string first = hosts_of(rows.front());
  return std::any_of(rows.begin(), rows.end(), [&](const PointOfLaunch& row) {
    const std::string hosts = hosts_of(row);
    const auto count = std::count(hosts.begin(), hosts.end(), ',') + 1;
    return !hosts.empty() && (hosts != first || count < row.launch->info.nodes);
  });
}

Columns over_launches_columns(bool is_shown, bool with_machine, const SoftwareApart& apart) {
  Columns columns{data_column("name"),
                  data_column("payload_bytes"),
                  data_column("machine"),
                  data_column("launches"),
                  data_column("t_median_over_launches_s"),
                  data_column("software")};
  if (is_shown) {
    columns[1] = number_column("payload_bytes", "over launches", render::bytes);
    columns[2] = with_machine ? text_column("machine", "machine") : columns[2];
    columns[3] = number_column("launches", "launches");
    columns[4] = number_column("t_median_over_launches_s", "median us", render::microseconds);
    columns[5] = apart.column();
  }
  append(columns, next_columns(is_shown));
  append(columns, {data_column("sd_launch"), data_column("sd_pass"), data_column("sd_sample"),
                   data_column("launches_for_2_percent")});
  return columns;
}

constexpr double usual_precision = 0.02;

Cells variance_cells(const OverLaunches& over) {
  if (!over.variance) {
    return Cells(4);
  }
  const VarianceComponents& found = *over.variance;
  return {found.launch, found.pass ? Cell(*found.pass) : Cell(), found.sample,
          launches_for(found.between_launches, usual_precision)};
}

// launches_for() counts no further.
std::string launches_text(double count) { return count < 1000 ? fmt::format("{:.0f}", std::ceil(count)) : "1000+"; }

/// "scatter, median over points: ...", "as 3 launches show, +-2 % takes 4 launches for half of the points, 9 for all":
/// nothing where no point has two launches. scripts/characterise reads them.
std::vector<std::string> variance_remarks(std::span<const PointOfLaunch> rows) {
  std::vector<double> launch, pass, sample, needed;
  std::size_t launches = 0;
  for (const PointOfLaunch& row : rows) {
    if (const auto& found = row.over.variance) {
      launches = std::max(launches, row.over.launches);
      launch.push_back(found->launch);
      sample.push_back(found->sample);
      needed.push_back(launches_for(found->between_launches, usual_precision));
      if (found->pass) {
        pass.push_back(*found->pass);
      }
    }
  }
  if (launch.empty()) {
    return {};
  }
  const std::string passes =
      pass.empty() ? "passes not told (one in each)" : fmt::format("passes {} %", percent(median(pass)));
  return {fmt::format("scatter, median over points: between launches {} %, between {}, between samples {} %",
                      percent(median(launch)), passes, percent(median(sample))),
          fmt::format("as {} launches show, +-2 % takes {} launches for half of the points, {} for all", launches,
                      launches_text(median(needed)), launches_text(quantile(needed, 1)))};
}

}  // namespace

render::Table point_table(std::span<const PointOfLaunch> rows) {
  const Kind kind = kind_of(rows.front().point());
  const SoftwareApart apart = software_apart(rows);
  render::Table table{.name = "points", .title = kind.title + "  (95 % intervals within each launch)"};
  table.columns = {data_column("name")};
  append(table.columns, kind.before);
  append(table.columns, {text_column("run_uuid", "launch"), data_column("passes")});
  append(table.columns, kind.summary);
  append(table.columns, kind.after);
  append(table.columns, {tell_hosts(rows) ? text_column("hosts", "hosts") : data_column("hosts"), apart.column(),
                         text_column("flags", "flags"), data_column("launches")});
  append(table.columns, next_columns(false));
  append(table.columns, what_ran_columns());
  for (const PointOfLaunch& row : rows) {
    Cells& cells = table.rows.emplace_back(Cells{row.point().name()});
    append(cells, kind.cells_before(row));
    append(cells, {Cell(row.launch->info.run_uuid).shown_as(short_id(*row.launch)), row.passes.size()});
    append(cells, summary_cells(row.summary));
    append(cells, kind.cells_after(row));
    append(cells, {hosts_of(row), apart.cell(row.software), remarks_on(row), row.over.launches});
    append(cells, next_cells(row.over));
    append(cells, what_ran_cells(row));
  }
  return table;
}

render::Table over_launches(std::span<const PointOfLaunch> rows) {
  const std::size_t machines = machines_of(rows);
  const SoftwareApart apart = software_apart(rows);
  const bool is_known = std::any_of(rows.begin(), rows.end(), [](const auto& row) { return row.over.launches > 1; });
  render::Table table{.name = "over_launches", .columns = over_launches_columns(is_known, machines > 1, apart)};
  std::set<std::tuple<std::string, std::string_view, std::string_view>> seen;
  for (const PointOfLaunch& row : rows) {
    const std::string& machine = row.launch->info.machine;
    if (seen.emplace(row.point().name(), machine, row.software).second) {
      Cells& cells = table.rows.emplace_back(Cells{row.point().name(), row.point().payload, machine, row.over.launches,
                                                   render::known(row.over.median_s), apart.cell(row.software)});
      append(cells, next_cells(row.over));
      append(cells, variance_cells(row.over));
    }
  }
  table.remarks = variance_remarks(rows);
  if (!is_known) {
    table.remarks = {fmt::format("one launch{}{}: how far another start differs is not known",
                                 machines > 1 ? " of each machine" : "", apart.is_needed() ? " on each software" : "")};
  }
  return table;
}

}  // namespace hockney::views
