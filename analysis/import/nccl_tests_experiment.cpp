#include "import/nccl_tests_experiment.hpp"

#include <fmt/format.h>

#include "import/log_line.hpp"
#include "import/nccl_tests_names.hpp"

namespace hockney {
namespace {

struct Named {
  Operation operation;
  std::string evidence;
};

Named operation_of(const NcclTestsTable& table, const std::filesystem::path& file, const ImportOptions& options) {
  std::string test = table.preamble.test;
  std::string evidence = "named in the log";
  if (test.empty() && options.operation) {
    if (is_point_to_point(*options.operation)) {
      throw InputError(fmt::format("--operation {}: no test of nccl-tests times it", name_of(*options.operation)));
    }
    return {*options.operation, "--operation"};
  }
  if (test.empty()) {
    test = nccl_test_in_file_name(file.stem().string());
    evidence = "from the file name";
  }
  if (test.empty()) {
    throw InputError("neither the log nor the file name says which operation this is: pass --operation");
  }
  const auto operation = operation_of_nccl_test(test);
  if (!operation) {
    throw InputError(fmt::format("not read yet: {} ({}; read are all_reduce, all_gather, reduce_scatter, alltoall)",
                                 test, evidence));
  }
  return {*operation, evidence};
}

void refuse_unreadable(const NcclTestsTable& table) {
  if (table.rows.empty()) {
    throw InputError("no rows");
  }
  if (table.layout.oldest) {
    throw InputError("layout of 2017 (bytes, N; times in ms) is not read");
  }
  if (table.layout.cpu_time) {
    throw InputError("cputime (-C) is the time to enqueue an operation, not the operation's");
  }
  if (table.interleaved) {
    throw InputError("two headers without a row between them: two runs may be interleaved");
  }
  if (table.preamble.aggregated > 1) {
    throw InputError(
        fmt::format("agg iters {} (-m): operations grouped in one launch are not read", table.preamble.aggregated));
  }
  if (table.preamble.blocking) {
    throw InputError("blocking (-z): a wait after each operation is part of the times");
  }
}

// -a / --average of the command line, where the log shows it: 0 rank 0, 1 mean, 2 min, 3 max.
Statistic statistic_of(const std::string& command) {
  const auto words = words_of(command);
  std::string_view value = "1";
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "-a" || words[i] == "--average") {
      value = words[i + 1];
    }
  }
  if (value == "3") {
    return Statistic::max_over_ranks;
  }
  if (value != "1") {
    throw InputError(fmt::format("the command line says -a {}: times of one rank alone are not read", value));
  }
  return Statistic::mean_over_ranks;
}

// The rows' cells of redop must fit the operation: a cheap guard against a wrong --operation or file name.
void check_reduction(Operation operation, const NcclTestsTable& table) {
  for (const NcclTestsRow& row : table.rows) {
    const bool named = !row.redop.empty() && row.redop != "none";
    if (named != reduces(operation)) {
      throw InputError(fmt::format("line {} names {} reduction, so this is no {}", row.line, named ? "a" : "no",
                                   name_of(operation)));
    }
  }
}

}  // namespace

NcclTestsExperiment experiment_of(const NcclTestsTable& table, const std::filesystem::path& file,
                                  const ImportOptions& options) {
  refuse_unreadable(table);
  const Named named = operation_of(table, file, options);
  check_reduction(named.operation, table);
  return {.operation = named.operation,
          .evidence = named.evidence,
          .mode = table.preamble.graph > 0 ? Mode::graph : Mode::stream,
          .statistic = statistic_of(table.preamble.command)};
}

}  // namespace hockney
