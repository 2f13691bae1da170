#include "commands/fit/print_scoreboard.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text_table.hpp"

namespace hockney::commands {
namespace {

using Json = nlohmann::ordered_json;

constexpr double per_cent = 100;

std::string percent(double fraction) {
  const double value = per_cent * fraction;
  if (value >= per_cent) {
    return fmt::format("{:.0f}", value);
  }
  return value >= 10 ? fmt::format("{:.1f}", value) : fmt::format("{:.2f}", value);
}

std::string errors_text(const cost::ErrorQuantiles& errors) {
  return errors.count == 0 ? "-" : fmt::format("{} / {}", percent(errors.median), percent(errors.p95));
}

Json errors_json(const cost::ErrorQuantiles& errors) {
  return {{"median_percent", per_cent * errors.median}, {"p95_percent", per_cent * errors.p95}};
}

Json methods_json(const cost::Validation& validation) {
  return {{"in_sample",
           {{"piecewise", errors_json(validation.in_sample)},
            {"weighted_line", errors_json(validation.single_line_in_sample)},
            {"least_squares", errors_json(validation.least_squares_in_sample)}}},
          {"leave_one_out",
           {{"piecewise", errors_json(validation.leave_one_out)},
            {"segments", errors_json(validation.segments)},
            {"weighted_line", errors_json(validation.single_line)},
            {"least_squares", errors_json(validation.least_squares)},
            {"log_log", errors_json(validation.log_log)}}},
          {"inside_segment", errors_json(validation.inside_segment)},
          {"at_switch", errors_json(validation.at_switch)},
          {"held_out", validation.held_out}};
}

void add_method(TextTable& table, const char* name, const cost::ErrorQuantiles* in_sample,
                const cost::ErrorQuantiles& left_out) {
  table.add({name, in_sample == nullptr ? "-" : errors_text(*in_sample), errors_text(left_out)});
}

std::string print_pooled(const fit::Scoreboard& board) {
  const cost::Validation& pooled = board.pooled;
  TextTable table({{"method"}, {"in sample (%)"}, {"size left out (%)"}});
  add_method(table, "piecewise", &pooled.in_sample, pooled.leave_one_out);
  add_method(table, "  inside a segment", nullptr, pooled.inside_segment);
  add_method(table, "  at a switch", nullptr, pooled.at_switch);
  add_method(table, "bare segments", &pooled.in_sample, pooled.segments);
  add_method(table, "log-log interpolation", nullptr, pooled.log_log);
  add_method(table, "one weighted line", &pooled.single_line_in_sample, pooled.single_line);
  add_method(table, "ordinary least squares", &pooled.least_squares_in_sample, pooled.least_squares);
  return table.print();
}

// Where an imported launch comes from says more than the name of the file it was stored in.
std::string_view short_launch(std::string_view label) {
  constexpr std::string_view words = "imported from ";
  const auto found = label.find(words);
  return found == std::string_view::npos ? label : label.substr(found + words.size());
}

// Names are too long for a column: each stands above its curve's row.
std::string with_names(const std::string& table, const fit::Scoreboard& board) {
  const std::size_t rows = table.find('\n') + 1;
  std::string text = table.substr(0, rows);
  std::size_t begin = rows;
  for (const fit::ScoredCurve& curve : board.curves) {
    const std::size_t end = table.find('\n', begin) + 1;
    text += fmt::format("{} [{}]\n{}", curve.name, short_launch(curve.launch), table.substr(begin, end - begin));
    begin = end;
  }
  return text;
}

std::string print_curves(const fit::Scoreboard& board) {
  TextTable table({{"sizes"},
                   {"segments"},
                   {"in sample (%)"},
                   {"left out (%)"},
                   {"bare segments (%)"},
                   {"log-log (%)"},
                   {"line (%)"}});
  for (const fit::ScoredCurve& curve : board.curves) {
    const cost::Validation& errors = curve.validation;
    table.add({fmt::to_string(curve.sizes), fmt::format("{}{}", curve.segments, curve.capped ? "+" : ""),
               errors_text(errors.in_sample), errors_text(errors.leave_one_out), errors_text(errors.segments),
               errors_text(errors.log_log), errors_text(errors.single_line)});
  }
  return with_names(table.print(), board);
}

}  // namespace

std::string print_scoreboard(const fit::Scoreboard& board) {
  std::string text = fmt::format("{} {}, errors |predicted / measured - 1|, median / 95th percentile\n\n",
                                 board.curves.size(), board.curves.size() == 1 ? "curve" : "curves");
  text += print_curves(board);
  text += fmt::format(
      "\nall curves; in sample: median over curves; left out: {} sizes, one at a time, pooled; {:.2f} segments a "
      "curve\n",
      board.pooled.held_out, board.segments_mean);
  text += print_pooled(board);
  text += "piecewise: in sample the segments' lines; left out what the curve answers from the sizes that are left\n";
  if (!board.notes.empty()) {
    text += "\nnotes:\n";
  }
  for (const std::string& note : board.notes) {
    text += fmt::format("  {}\n", note);
  }
  return text;
}

std::string scoreboard_json(const fit::Scoreboard& board) {
  Json json{{"curves", board.curves.size()}};
  json.update(methods_json(board.pooled));
  json["segments_mean"] = board.segments_mean;
  json["by_curve"] = Json::array();
  for (const fit::ScoredCurve& curve : board.curves) {
    Json one{{"name", curve.name},
             {"launch", curve.launch},
             {"sizes", curve.sizes},
             {"segments", curve.segments},
             {"segments_capped", curve.capped}};
    one.update(methods_json(curve.validation));
    json["by_curve"].push_back(std::move(one));
  }
  return json.dump(2) + "\n";
}

}  // namespace hockney::commands
