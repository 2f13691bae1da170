#include "import/nccl_tests/nccl_tests_experiment.hpp"

#include <fmt/format.h>

#include "import/nccl_tests/nccl_tests_names.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

// What names the test, the strongest first.
struct Named {
  std::string test;
  std::string evidence;
};

Named test_of(const NcclTestsPreamble& preamble, const std::filesystem::path& file) {
  if (!preamble.test.empty()) {
    return {preamble.test, "named in the log"};
  }
  const std::string by_file = nccl_test_in_file_name(file.stem().string());
  const std::string& by_command = preamble.command_test;
  if (!by_command.empty() && !by_file.empty() && by_command != by_file) {
    throw InputError(
        fmt::format("the command line in the log names {}, the file {}: pass --operation", by_command, by_file));
  }
  if (!by_command.empty()) {
    return {by_command, "from the command line in the log"};
  }
  return by_file.empty() ? Named{preamble.heading_test, "from the text above the table"}
                         : Named{by_file, "from the file name"};
}

NcclTestsExperiment operation_of(const NcclTestsTable& table, const std::filesystem::path& file,
                                 const ImportOptions& options) {
  NcclTestsExperiment result;
  if (table.preamble.test.empty() && options.operation) {
    if (is_point_to_point(*options.operation) || *options.operation == Operation::all_to_all_v) {
      throw InputError(fmt::format("--operation {}: no test of nccl-tests times it", name_of(*options.operation)));
    }
    result.operation = result.columns = *options.operation;
    result.evidence = "--operation";
    return result;
  }
  const Named named = test_of(table.preamble, file);
  if (named.test.empty()) {
    throw InputError("neither the log nor the file name says which operation this is: pass --operation");
  }
  const auto operation = operation_of_nccl_test(named.test);
  if (!operation) {
    throw InputError(
        fmt::format("{} ({}) is not read: {}", named.test, named.evidence, reason_not_to_read(named.test)));
  }
  result.operation = result.columns = *operation;
  result.evidence = named.evidence;
  if (named.test == ring_shift_test) {
    result.columns = Operation::one_way_stream;
    result.routing.matrix = "ring_shift";
    result.evidence = fmt::format("sendrecv, {}", named.evidence);
  }
  return result;
}

void refuse_unreadable(const NcclTestsTable& table) {
  if (table.rows.empty()) {
    throw InputError("no rows");
  }
  if (table.layout.cpu_time) {
    throw InputError("cputime (-C) is the time to enqueue an operation, not the operation's");
  }
  if (!table.mixed.empty()) {
    throw InputError(table.mixed);
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

bool is_rooted(Operation operation) {
  return operation == Operation::broadcast || operation == Operation::reduce || operation == Operation::gather ||
         operation == Operation::scatter;
}

// The rows' cells of redop and root must fit the operation: a cheap guard against a wrong --operation or file name.
void check_cells(Operation operation, const NcclTestsTable& table) {
  for (const NcclTestsRow& row : table.rows) {
    const bool named = !row.redop.empty() && row.redop != "none";
    if (named != is_reduction(operation) && operation != Operation::one_way_stream) {  // sendrecv prints "sum"
      throw InputError(fmt::format("line {} names {} reduction, so this is no {}", row.line, named ? "a" : "no",
                                   name_of(operation)));
    }
    if (row.root && (*row.root >= 0) != is_rooted(operation)) {
      throw InputError(fmt::format("line {} names {} root, so this is no {}", row.line, *row.root >= 0 ? "a" : "no",
                                   name_of(operation)));
    }
  }
}

}  // namespace

NcclTestsExperiment experiment_of(const NcclTestsTable& table, const std::filesystem::path& file,
                                  const ImportOptions& options) {
  refuse_unreadable(table);
  NcclTestsExperiment result = operation_of(table, file, options);
  check_cells(result.columns, table);
  result.mode = table.preamble.graph > 0 ? Mode::graph : Mode::stream;
  result.statistic = statistic_of(table.preamble.command);
  return result;
}

}  // namespace hockney::import
