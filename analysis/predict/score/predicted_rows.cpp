#include "predict/score/predicted_rows.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace hockney::predict {

PredictedRow predict_row(const StepModel& step, const TrainingRow& row, StepNetwork& network) {
  const StepTime time = step.predict(row.model, row.mapping, network);
  const StepDraws draws = draw_steps(step, row.model, row.mapping, network);
  return {&row, time, draws.interval(step_parts().back(), time.total_s),
          warnings_about_step(step, row.model, row.mapping, network)};
}

std::string with_predictions(const TrainingRows& table, std::span<const PredictedRow> rows) {
  const auto parts = step_parts().first(step_parts().size() - 1);
  std::string text = table.header + ",predicted_s,predicted_low_s,predicted_high_s";
  for (const StepPart& part : parts) {
    std::string name(part.name);
    std::replace(name.begin(), name.end(), ' ', '_');
    text += fmt::format(",{}_s", name);
  }
  text += ",hidden_s\n";
  for (const PredictedRow& row : rows) {
    text += fmt::format("{},{:.6g},{:.6g},{:.6g}", row.row->text, row.time.total_s, row.interval_s.low,
                        row.interval_s.high);
    for (const StepPart& part : parts) {
      text += fmt::format(",{:.6g}", part.seconds(row.time));
    }
    text += fmt::format(",{:.6g}\n", step_parts().back().hidden(row.time));
  }
  return text;
}

}  // namespace hockney::predict
