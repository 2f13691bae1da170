#include "views/message_cells.hpp"

#include <fmt/format.h>

#include "base/number.hpp"
#include "predict/network/fabric_class.hpp"
#include "render/forms.hpp"

namespace hockney::views {
namespace {

using render::Cell;
using render::data_column;
using render::number_column;
using render::Table;
using render::text_column;

std::string described(const cost::CostCurve& curve) {
  return fmt::format("{}, machine {}, interval over {}{}{}", curve.name(), curve.machine, name_of(curve.basis),
                     curve.source.empty() ? "" : ", ", curve.source);
}

std::vector<std::string> described(const predict::Answer& answer) {
  std::vector<std::string> texts;
  for (const predict::CurveUse& use : answer.curves) {
    texts.push_back(described(*use.curve));
  }
  return texts.empty() ? std::vector{answer.estimate.curve} : texts;
}

std::string segment_of(const predict::Answer& answer) {
  if (answer.curves.empty()) {
    return "-";
  }
  const predict::CurveUse& use = answer.curves.front();
  const cost::AlphaBeta& segment = use.curve->segments[use.segment];
  return fmt::format("{} .. {}", to_string(segment.from), to_string(segment.to));
}

std::string fabric_of(const predict::Answer& answer) {
  return answer.curves.empty() ? "line rate" : std::string(name_of(answer.curves.front().curve->shape.fabric));
}

// Exact below 1 MiB, else four digits.
std::string payload_of(Bytes size) {
  const Bytes unit = size < gibibytes(1) ? mebibytes(1) : gibibytes(1);
  if (size < mebibytes(1)) {
    return to_string(size);
  }
  const double number = static_cast<double>(size.count) / static_cast<double>(unit.count);
  return significant(number) + (unit == mebibytes(1) ? " MiB" : " GiB");
}

std::vector<std::string> remarks_of(const predict::Answer& answer) {
  std::vector<std::string> remarks = answer.remarks;
  for (const predict::Added& added : answer.additions) {
    remarks.push_back(describe(added));
  }
  return remarks;
}

Table curves_of(const predict::Answer& answer) {
  Table table;
  for (const char* key : {"name", "machine", "source", "fabric", "segment_from_bytes", "segment_to_bytes", "alpha_s",
                          "beta_s_per_byte"}) {
    table.columns.push_back(render::data_column(key));
  }
  for (const predict::CurveUse& use : answer.curves) {
    const cost::AlphaBeta& segment = use.curve->segments[use.segment];
    table.rows.push_back({use.curve->name(), use.curve->machine, use.curve->source, use.curve->shape.fabric,
                          segment.from, segment.to, segment.alpha_s, segment.beta_s_per_byte});
  }
  return table;
}

Table additions_of(const predict::Answer& answer) {
  Table table;
  table.columns = {render::data_column("name"), render::data_column("each_s")};
  for (const predict::Added& added : answer.additions) {
    table.rows.push_back({added.what, added.seconds});
  }
  return table;
}

}  // namespace

std::vector<render::Column> asked_columns() {
  return {text_column("operation", "operation"),    text_column("group.ranks", "group"),
          data_column("group.ranks_per_node"),      data_column("group.stride"),
          text_column("group.nodes", "placed on"),  data_column("group.at_once"),
          data_column("group.fabric_class"),        text_column("fabric", "fabric"),
          number_column("payload_bytes", "payload")};
}

std::vector<Cell> asked_cells(const Message& message, const predict::Answer& answer) {
  const Group& group = message.placed.group;
  const std::uint32_t nodes = message.placed.nodes;
  return {message.operation,
          Cell(group.ranks).shown_as(to_string(group)),
          group.ranks_per_node,
          group.stride,
          Cell(nodes).shown_as(nodes == 1 ? "1 node" : fmt::format("{} nodes", nodes)),
          message.placed.at_once,
          predict::fabric_class(message.placed),
          fabric_of(answer),
          Cell(message.payload).shown_as(payload_of(message.payload))};
}

std::vector<render::Column> answer_columns() {
  using render::Shown;
  return {data_column("basis"),
          data_column("answered_by"),
          data_column("additions"),
          data_column("curves"),
          {"", "curve", nullptr, Align::left, Shown::as_number},
          text_column("", "segment"),
          data_column("extrapolated"),
          data_column("in_gap"),
          data_column("substituted"),
          data_column("line_rate"),
          {"remarks", "remarks", nullptr, Align::left, Shown::as_letter}};
}

std::vector<Cell> answer_cells(const predict::Answer& answer) {
  const cost::Estimate& estimate = answer.estimate;
  return {estimate.basis,         answer.by,          additions_of(answer),  curves_of(answer),
          described(answer),      segment_of(answer), estimate.extrapolated, estimate.in_gap,
          answer.is_substitute(), answer.is_stated(), remarks_of(answer)};
}

}  // namespace hockney::views
