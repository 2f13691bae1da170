#include <fmt/format.h>
#include <vector>

#include "base/error.hpp"
#include "base/field_text.hpp"
#include "cost/model_fields.hpp"
#include "exports/writers.hpp"

// A row per segment of each curve: SI units, names of the columns as in *.cost.json.
namespace hockney::exports {
namespace {

constexpr const char* shape_columns = "curve,operation,transport,fabric,ranks,ranks_per_node,mode,flags";

std::string shape_of(const cost::CostCurve& curve) {
  const Case& shape = curve.shape;
  return fmt::format("\"{}\",{},{},{},{},{},{},\"{}\"", curve.name(), name_of(shape.operation),
                     name_of(shape.transport), name_of(shape.fabric), shape.group.ranks, shape.group.ranks_per_node,
                     name_of(shape.mode), to_string(curve.flags));
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

Exported write(const Cluster& cluster) {
  std::string text = shape_columns;
  for_each_number([&](const auto& field) { text += fmt::format(",{}", field.name); });
  text += "\n";
  for (const cost::CostCurve& curve : cluster.model->curves) {
    for (const cost::AlphaBeta& segment : curve.segments) {
      text += shape_of(curve);
      for_each_number([&](const auto& field) { text += "," + text_of(field.in(segment)); });
      text += "\n";
    }
  }
  if (cluster.model->curves.empty()) {
    throw InputError("csv: the cost model has no curves, only stated line rates; nothing to write");
  }
  Exported made;
  made.files.push_back({"", text});
  made.notes = {fmt::format("{} curves; measured points, borders and validation stay in the cost model",
                            cluster.model->curves.size())};
  return made;
}

}  // namespace

const Format csv{"csv", "spreadsheets, pandas: one row per segment of each curve",
                 "measured points, borders, validation; stated line rates", false, write};

}  // namespace hockney::exports
