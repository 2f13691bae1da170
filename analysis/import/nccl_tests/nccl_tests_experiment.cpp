#include "import/nccl_tests/nccl_tests_experiment.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <string_view>
#include <utility>

#include "import/nccl_tests/nccl_tests_names.hpp"
#include "import/nccl_tests/nccl_tests_settings.hpp"

namespace hockney::import {
namespace {

constexpr const char* blocking = "blocking (-z): a wait after each operation is part of the times";

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

// An all_reduce moves up to twice its payload, every other operation at most its payload.
bool has_busbw_above_algbw(const NcclTestsTable& table) {
  const auto above = [](const NcclTestsResult& result) {
    return result.busbw_gb_s && result.algbw_gb_s && result.busbw_gb_s->low() > result.algbw_gb_s->high();
  };
  return std::any_of(table.rows.begin(), table.rows.end(), [&](const NcclTestsRow& row) {
    return above(row.out_of_place) || (row.in_place && above(*row.in_place));
  });
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
  Named named = test_of(table.preamble, file);
  if (named.test.empty() && has_busbw_above_algbw(table)) {
    named = {"all_reduce", "from busbw above algbw, which only all_reduce has"};
  }
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
    throw InputError(blocking);
  }
}

using Options = std::map<char, std::string>;

std::string value_of(const Options& options, char letter, const char* otherwise) {
  const auto found = options.find(letter);
  return found == options.end() || found->second.empty() ? otherwise : found->second;
}

// -a / --average: 0 rank 0, 1 mean, 2 min, 3 max.
Statistic statistic_of(const Options& options) {
  const std::string value = value_of(options, 'a', "1");
  if (value == "3") {
    return Statistic::max_over_ranks;
  }
  if (value != "1") {
    throw InputError(fmt::format("the command line says -a {}: times of one rank alone are not read", value));
  }
  return Statistic::mean_over_ranks;
}

// -R / --local_register
Buffers buffers_of(const Options& options) {
  const std::string value = value_of(options, 'R', "0");
  if (value == "0") {
    return Buffers::plain;
  }
  if (value != "1" && value != "2") {
    throw InputError(fmt::format("the command line says -R {}: what it registers is not known", value));
  }
  return value == "1" ? Buffers::registered : Buffers::symmetric_window;
}

// What a command line says beside sizes, counts, checks and who takes part.
Provenance settings_of(const NcclTestsPreamble& preamble, const Options& options) {
  constexpr std::array<std::pair<char, std::string_view>, 4> of_nccl{
      {{'D', "device_implementation"}, {'V', "device_cta_count"}, {'x', "cta_policy"}, {'y', "stream_null"}}};
  Provenance settings = preamble.environment;
  for (const auto& [letter, name] : of_nccl) {
    const std::string value = value_of(options, letter, "");
    if (!value.empty()) {
      settings.emplace(fmt::format("setting.nccl_tests.{}", name), value);
    }
  }
  return settings;
}

bool is_rooted(Operation operation) {
  return operation == Operation::broadcast || operation == Operation::reduce || operation == Operation::gather ||
         operation == Operation::scatter;
}

// The rows' cells of redop and root must fit the operation: a cheap guard against a wrong --operation or file name.
void check_cells(Operation operation, const NcclTestsTable& table) {
  for (const NcclTestsRow& row : table.rows) {
    if (!table.layout.has_type) {
      return;  // such a layout has no cells of redop and root
    }
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
  const Options written = nccl_tests_options(table.preamble.command);
  if (value_of(written, 'z', "0") != "0") {
    throw InputError(blocking);
  }
  result.mode = table.preamble.graph > 0 || value_of(written, 'G', "0") != "0" ? Mode::graph : Mode::stream;
  result.statistic = statistic_of(written);
  result.buffers = buffers_of(written);
  result.settings = settings_of(table.preamble, written);
  return result;
}

}  // namespace hockney::import
