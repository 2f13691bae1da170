/// Any text to `hockney import auto`: it is taken for a format or refused, and every format's importer, asked for by
/// name, reads it or refuses it; what is read adds up.
#include "fuzz_target.hpp"
#include "import/log_format.hpp"

namespace {

using namespace hockney;

void check(const ImportedFile& file) {
  const ImportTotals sum = totals(file);
  fuzz::require(sum.data_lines == sum.used + sum.size_zero + sum.refused, "data lines = used + of size 0 + refused");
  for (const ImportedTable& table : file.tables) {
    fuzz::require(table.launch.has_value() == table.refusal.empty(), "a table is used or refused");
    if (table.launch) {
      for (const Measurement& point : table.launch->measurements) {
        for (const double time : point.elapsed) {
          fuzz::require(time > 0, "times are above 0");
        }
      }
    }
  }
  report(file);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  ImportOptions options;
  options.ranks = 8;
  options.nodes = 1;
  fuzz::allow_input_errors([&] { check(import_as(detect_format(text).format, text, "all_reduce.log", options)); });
  for (const auto& [format, name] : Names<LogFormat>::table) {
    fuzz::allow_input_errors([&] { check(import_as(format, text, "all_reduce.log", options)); });
  }
  return 0;
}
