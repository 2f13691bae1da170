#include <algorithm>
#include <optional>
#include <utility>

#include "import/nccl_tests/nccl_tests_experiment.hpp"
#include "import/nccl_tests/nccl_tests_launch.hpp"
#include "import/nccl_tests/nccl_tests_runs.hpp"

namespace hockney::import {
namespace {

std::optional<Operation> columns_of(const NcclTestsTable& table, const std::filesystem::path& file,
                                    const ImportOptions& options) {
  try {
    return experiment_of(table, file, options).columns;
  } catch (const InputError&) {
    return std::nullopt;  // the table is refused with this reason when it is imported
  }
}

std::vector<NcclTestsTable> parts_of(NcclTestsTable table, const std::filesystem::path& file,
                                     const ImportOptions& options) {
  const auto columns = options.ranks ? std::nullopt : columns_of(table, file, options);
  if (columns) {
    return separate_rank_counts(std::move(table), *columns);
  }
  std::vector<NcclTestsTable> one;
  one.push_back(std::move(table));
  return one;
}

}  // namespace

ImportedFile import_nccl_tests(NcclTestsLog log, const std::filesystem::path& file, const ImportOptions& options) {
  ImportedFile result;
  result.name = file.filename().string();
  result.lines_outside_tables = log.refused.size();
  result.refused = std::move(log.refused);
  for (NcclTestsTable& table : log.tables) {
    for (const NcclTestsTable& part : parts_of(std::move(table), file, options)) {
      result.tables.push_back(import_nccl_tests_table(part, file, options, result.refused));
    }
  }
  std::stable_sort(result.refused.begin(), result.refused.end(),
                   [](const RefusedLine& a, const RefusedLine& b) { return a.line < b.line; });
  return result;
}

}  // namespace hockney::import
