#include "views/message_view.hpp"

#include <fmt/format.h>

#include "predict/step/step_warnings.hpp"
#include "render/forms.hpp"
#include "views/message_cells.hpp"
#include "views/summary_columns.hpp"

namespace hockney::views {
namespace {

using render::gigabytes_per_second;
using render::microseconds;
using render::number_column;

std::vector<render::Column> time_columns() {
  return {number_column("value_s", "time (us)", microseconds), number_column("low_s", "95 % low (us)", microseconds),
          number_column("high_s", "95 % high (us)", microseconds),
          number_column("algbw_bytes_per_s", "algbw (GB/s)", gigabytes_per_second),
          number_column("busbw_bytes_per_s", "busbw (GB/s)", gigabytes_per_second)};
}

// A stated rate alone has an interval without width.
std::vector<render::Cell> time_cells(const Message& message, const cost::Estimate& estimate) {
  const bool has_interval = estimate.low_s < estimate.high_s;
  const double algbw = static_cast<double>(message.payload.count) / estimate.value_s;
  return {estimate.value_s, has_interval ? render::Cell(estimate.low_s) : render::Cell(),
          has_interval ? render::Cell(estimate.high_s) : render::Cell(), algbw,
          algbw * wire_factor(message.operation, message.placed.group.ranks)};
}

}  // namespace

render::View message_view(std::span<const predict::StepLine> lines, const std::string& cost_name) {
  render::View view{.what = "message", .version = "1.1.0", .main_table = "messages"};
  view.facts = {{"cost_model", "cost model", cost_name}};
  view.warnings = predict::warnings_about(lines);
  render::Table& table = view.tables.emplace_back(render::Table{.name = "messages", .title = "one operation"});
  table.columns = asked_columns();
  append(table.columns, time_columns());
  append(table.columns, answer_columns());
  for (const predict::StepLine& line : lines) {
    auto& row = table.rows.emplace_back(asked_cells(line.message, line.answer));
    append(row, time_cells(line.message, line.answer.estimate));
    append(row, answer_cells(line.answer));
  }
  return view;
}

}  // namespace hockney::views
