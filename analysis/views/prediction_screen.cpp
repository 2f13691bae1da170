#include "views/prediction_screen.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/number.hpp"

namespace hockney::views {
namespace {

std::string interval_ms(double low_s, double high_s) {
  return low_s == high_s ? "not known"
                         : fmt::format("{} .. {}", predict::milliseconds(low_s), predict::milliseconds(high_s));
}

std::string header(const predict::Prediction& prediction) {
  const cost::CostModel& cost = *prediction.cost_model;
  std::string text = fmt::format("model       {}\nmapping     {}\n", to_string(prediction.request.transformer),
                                 to_string(prediction.request.mapping));
  text += fmt::format("cost model  {} ({}), from {}\n", cost.name, cost.created_by, fmt::join(cost.sources, ", "));
  for (const std::string& warning : prediction.warnings) {
    text += fmt::format("WARNING     {}\n", warning);
  }
  return text;
}

predict::ScreenTable causes_table(const predict::Prediction& prediction) {
  predict::ScreenTable table;
  table.columns = {{"cause", true}, {"time (ms)"}, {"95 % interval (ms)"}, {"share (%)"}, {"basis", true}};
  const auto add = [&](std::string_view name, const predict::Sum& sum, double share) {
    table.rows.push_back({std::string(name), predict::milliseconds(sum.value_s), interval_ms(sum.low_s, sum.high_s),
                          predict::percent(share), std::string(name_of(sum.basis))});
  };
  for (const predict::CauseSum& part : prediction.causes) {
    add(name_of(part.cause), part.sum, part.share);
  }
  if (!prediction.causes.empty()) {
    add("communication", prediction.total, 1);
  }
  return table;
}

predict::ScreenTable messages_table(const predict::Prediction& prediction, predict::MessageCells& cells) {
  predict::ScreenTable table;
  table.columns = predict::MessageCells::columns({{"total (ms)"}});
  for (const predict::Line& line : prediction.lines) {
    table.rows.push_back(cells.row(line.message, line.answer, {predict::milliseconds(line.value_s())}));
  }
  return table;
}

std::string footer(const predict::Prediction& prediction) {
  const Mapping& mapping = prediction.request.mapping;
  std::string text = prediction.lines.empty() ? "This mapping communicates nothing.\n" : "";
  text += fmt::format("bubble      (p-1)/(v m) = {} % over the ideal time, (p-1)/(v m + p-1) = {} % of the step\n",
                      predict::percent(mapping.bubble_over_ideal()), predict::percent(mapping.bubble_over_total()));
  for (const std::string& convention : predict::conventions(prediction.request)) {
    text += convention + "\n";
  }
  return text;
}

}  // namespace

PredictionScreen screen_of(const predict::Prediction& prediction) {
  predict::MessageCells cells;
  PredictionScreen screen;
  screen.header = header(prediction);
  screen.causes = causes_table(prediction);
  screen.messages = messages_table(prediction, cells);
  screen.footnotes = cells.footnotes();
  screen.footer = footer(prediction);
  return screen;
}

}  // namespace hockney::views
