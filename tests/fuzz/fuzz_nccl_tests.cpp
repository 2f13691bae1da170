/// Logs of nccl-tests: any text is read without an error, and its lines add up.
#include "fuzz_target.hpp"
#include "import/nccl_tests_launch.hpp"

namespace {

using namespace hockney;

void check(std::string_view text, const ImportOptions& options) {
  const ImportedFile file = import_nccl_tests(text, "all_reduce.txt", options);
  const ImportTotals sum = totals(file);
  fuzz::require(sum.data_lines == sum.used + sum.size_zero + sum.refused, "data lines = used + of size 0 + refused");
  for (const ImportedTable& table : file.tables) {
    fuzz::require(table.rows == table.rows_used + table.rows_of_size_zero + table.rows_refused, "rows of a table");
    fuzz::require(table.launch.has_value() == table.refusal.empty(), "a table is used or refused");
    fuzz::require(!table.launch || table.launch->measurements.size() >= table.rows_used, "a used row has a point");
  }
  report(file);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ImportOptions options;
  check(fuzz::text_of(data, size), options);
  options.ranks_per_node = 8;
  check(fuzz::text_of(data, size), options);
  options.ranks = 8;
  check(fuzz::text_of(data, size), options);
  return 0;
}
