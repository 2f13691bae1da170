#include "commands/exam/exam_rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "commands/reference/reference_library.hpp"
#include "predict/score/row_predictors.hpp"
#include "views/exam_view.hpp"

namespace hockney::commands {
namespace {

/// The published networks that GPU files name, read when first asked for.
class PublishedNetworks {
 public:
  const cost::CostModel& of(const predict::Gpu& gpu) {
    if (gpu.network.empty()) {
      throw InputError(fmt::format("GPU {}: its file names no network", gpu.name));
    }
    const auto found = costs_.find(gpu.network);
    if (found != costs_.end()) {
      return found->second;
    }
    return costs_.emplace(gpu.network, cost::CostModel::read(ReferenceLibrary().cost_model(gpu.network))).first->second;
  }

 private:
  std::map<std::string, cost::CostModel> costs_;
};

// A row on a GPU without a file is skipped with the reason when it is predicted.
void join_fabrics(predict::StepRows& table, predict::RowPredictors& predictors) {
  for (predict::StepRow& row : table.rows) {
    try {
      join_fabric(row, predictors.of(row).step().gpu());
    } catch (const InputError&) {
      continue;
    }
  }
}

}  // namespace

void exam_rows(const std::vector<std::string>& files, const ViewOutput& output) {
  PublishedNetworks networks;
  predict::RowPredictors predictors(shipped_folder() / "gpus",
                                    [&](const predict::Gpu& gpu) -> const cost::CostModel& { return networks.of(gpu); },
                                    {}, {});
  std::vector<predict::StepRows> tables;
  for (const std::string& file : files) {
    tables.push_back(predict::read_step_rows(file));
    join_fabrics(tables.back(), predictors);
  }
  const predict::ExamPlaces places{
      [&](const predict::StepRow& row) -> const predict::Gpu& { return predictors.of(row).step().gpu(); },
      [&](const predict::StepRow& row) -> predict::StepNetwork& {
        const std::uint64_t gpus = row.mapping.gpus_per_node;
        const double usual = predict::usual_nic_bytes_per_s_per_gpu * static_cast<double>(gpus);
        return predictors.of(row).network(row.node_nic_bytes_per_s.value_or(usual), gpus);
      }};
  const predict::StepConstants constants;
  const predict::ExamResult exam = predict::take_exam(tables, constants, places);
  predict::require_rows(!exam.answers.empty(), exam.skipped, fmt::to_string(fmt::join(exam.ignored_columns, "; ")),
                        files.front());
  print(views::exam_view(exam), output);
}

}  // namespace hockney::commands
