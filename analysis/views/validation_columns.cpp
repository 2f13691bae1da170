#include "views/validation_columns.hpp"

#include <array>
#include <fmt/format.h>

#include "base/number.hpp"

namespace hockney::views {
namespace {

constexpr double per_cent = 100;

struct Method {
  const char* key;
  const char* heading;  ///< empty: for programs only
  cost::ErrorQuantiles cost::Validation::*errors;
};

constexpr std::array<Method, 10> methods{{{"in_sample.piecewise", "in sample (%)", &cost::Validation::in_sample},
                                          {"in_sample.weighted_line", "", &cost::Validation::single_line_in_sample},
                                          {"in_sample.least_squares", "", &cost::Validation::least_squares_in_sample},
                                          {"leave_one_out.piecewise", "left out (%)", &cost::Validation::leave_one_out},
                                          {"leave_one_out.segments", "bare segments (%)", &cost::Validation::segments},
                                          {"leave_one_out.log_log", "log-log (%)", &cost::Validation::log_log},
                                          {"leave_one_out.weighted_line", "line (%)", &cost::Validation::single_line},
                                          {"leave_one_out.least_squares", "", &cost::Validation::least_squares},
                                          {"inside_segment", "", &cost::Validation::inside_segment},
                                          {"at_switch", "", &cost::Validation::at_switch}}};

}  // namespace

std::string errors_text(const cost::ErrorQuantiles& errors) {
  return errors.count == 0 ? "-" : fmt::format("{} / {}", percent(errors.median, 2), percent(errors.p95, 2));
}

std::vector<render::Column> validation_columns(bool shown) {
  std::vector<render::Column> columns;
  for (const Method& method : methods) {
    const std::string median = fmt::format("{}.median_percent", method.key);
    columns.push_back(shown && *method.heading != '\0' ? render::number_column(median, method.heading)
                                                       : render::data_column(median));
    columns.push_back(render::data_column(fmt::format("{}.p95_percent", method.key)));
  }
  columns.push_back(render::data_column("held_out"));
  return columns;
}

std::vector<render::Cell> validation_cells(const cost::Validation& validation) {
  std::vector<render::Cell> cells;
  for (const Method& method : methods) {
    const cost::ErrorQuantiles& errors = validation.*method.errors;
    const auto known = [&](double value) {
      return errors.count == 0 ? render::Cell() : render::Cell(per_cent * value);
    };
    cells.push_back(known(errors.median).shown_as(errors_text(errors)));
    cells.push_back(known(errors.p95));
  }
  cells.emplace_back(validation.held_out);
  return cells;
}

std::vector<render::Fact> validation_facts(const cost::Validation& validation) {
  const std::vector<render::Column> columns = validation_columns(false);
  const std::vector<render::Cell> cells = validation_cells(validation);
  std::vector<render::Fact> facts;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    facts.push_back({columns[i].key, {}, cells[i]});
  }
  return facts;
}

}  // namespace hockney::views
