#include "views/message_table.hpp"

#include <algorithm>

#include "render/forms.hpp"
#include "views/message_cells.hpp"
#include "views/summary_columns.hpp"

namespace hockney::views {
namespace {

using render::Cell;
using render::data_column;
using render::milliseconds;
using render::number_column;
using render::text_column;

std::string beside(Overlap overlap) {
  std::string word(name_of(overlap));
  std::replace(word.begin(), word.end(), '_', ' ');
  return overlap == Overlap::exposed ? "-" : word;
}

std::vector<render::Column> columns_of(predict::Scope scope) {
  const bool is_step = scope == predict::Scope::step;
  std::vector<render::Column> columns{text_column("cause", "cause"), text_column("purpose", "message")};
  append(columns, asked_columns());
  append(columns, {number_column("count_per_step", "count"), number_column("each_value_s", "each (ms)", milliseconds),
                   data_column("each_low_s"), data_column("each_high_s"),
                   number_column("exposed_s", is_step ? "exposed (ms)" : "total (ms)", milliseconds),
                   is_step ? number_column("hidden_s", "hidden (ms)", milliseconds) : data_column("hidden_s"),
                   is_step ? text_column("beside", "beside") : data_column("beside")});
  append(columns, answer_columns());
  return columns;
}

std::vector<Cell> row_of(const predict::StepLine& line) {
  const Message& message = line.message;
  const cost::Estimate& estimate = line.answer.estimate;
  std::vector<Cell> row{message.cause, message.purpose};
  append(row, asked_cells(message, line.answer));
  append(row, {message.count, estimate.value_s, estimate.low_s, estimate.high_s, line.exposed_s(), line.hidden_s(),
               Cell(message.overlap).shown_as(beside(message.overlap))});
  append(row, answer_cells(line.answer));
  return row;
}

}  // namespace

render::Table message_table(const predict::StepPrediction& prediction) {
  render::Table table{.name = "messages", .title = "messages"};
  table.columns = columns_of(prediction.scope);
  for (const predict::StepLine& line : prediction.lines) {
    table.rows.push_back(row_of(line));
  }
  return table;
}

}  // namespace hockney::views
