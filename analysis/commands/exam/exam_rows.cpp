#include "commands/exam/exam_rows.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

#include "commands/predict/step_flags.hpp"
#include "views/exam_view.hpp"

namespace hockney::commands {

void exam_rows(const std::vector<std::string>& files, const ViewOutput& output) {
  CostModels costs{StepFlags{}};
  predict::RowPredictors predictors = row_predictors({}, costs);
  std::vector<predict::StepRows> tables;
  std::transform(files.begin(), files.end(), std::back_inserter(tables),
                 [](const std::string& file) { return predict::read_step_rows(file); });
  const predict::ExamResult exam = predict::take_exam(tables, predictors);
  predict::require_rows(!exam.answers.empty(), exam.skipped, fmt::to_string(fmt::join(exam.ignored_columns, "; ")),
                        files.front());
  print(views::exam_view(exam), output);
}

}  // namespace hockney::commands
