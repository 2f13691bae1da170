#include <fmt/format.h>
#include <vector>

#include "base/error.hpp"
#include "cost/model_fields.hpp"
#include "exports/writers.hpp"
#include "render/view.hpp"

// A row per segment of each curve: SI units, names of the columns as in *.cost.json.
namespace hockney::exports {
namespace {

std::vector<render::Cell> facts_of(const cost::CostCurve& curve) {
  const Case& shape = curve.shape;
  return {curve.name(),      curve.machine,
          shape.software,    shape.operation,
          shape.transport,   shape.fabric,
          shape.group.ranks, shape.group.ranks_per_node,
          shape.mode,        to_string(curve.flags),
          curve.statistic,   curve.basis,
          curve.launches,    curve.source};
}

template <class Visit>
void for_each_number(Visit visit) {
  for_each_field(cost::fields_of(cost::AlphaBeta{}), [&](const auto& field) {
    using Value = std::remove_cvref_t<decltype(field.in(std::declval<const cost::AlphaBeta&>()))>;
    if constexpr (!std::is_same_v<Value, std::vector<cost::LaunchParameters>>) {
      visit(field);
    }
  });
}

std::string table_of(const cost::CostModel& model) {
  render::Table table{.name = "segments"};
  for (const char* key : {"curve", "machine", "software", "operation", "transport", "fabric", "ranks", "ranks_per_node",
                          "mode", "flags", "statistic", "interval_basis", "launches", "source"}) {
    table.columns.push_back(render::data_column(key));
  }
  for_each_number([&](const auto& field) { table.columns.push_back(render::data_column(std::string(field.name))); });
  for (const cost::CostCurve& curve : model.curves) {
    for (const cost::AlphaBeta& segment : curve.segments) {
      std::vector<render::Cell>& row = table.rows.emplace_back(facts_of(curve));
      for_each_number([&](const auto& field) { row.emplace_back(field.in(segment)); });
    }
  }
  return render::to_csv({.tables = {std::move(table)}, .main_table = "segments"});
}

Exported write(const Cluster& cluster) {
  if (cluster.model->curves.empty()) {
    throw InputError("csv: the cost model has no curves, only stated line rates; nothing to write");
  }
  Exported made;
  made.files.push_back({"", table_of(*cluster.model)});
  made.notes = {fmt::format("{} curves; measured points, borders and validation stay in the cost model",
                            cluster.model->curves.size())};
  return made;
}

}  // namespace

const Format csv{"csv", "spreadsheets, pandas: one row per segment of each curve",
                 "measured points, borders, validation; stated line rates", false, write};

}  // namespace hockney::exports
