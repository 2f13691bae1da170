/// Tables of collectives as delimited text, of rccl-tests and others: read or refused, and their rows add up.
#include "check_import.hpp"
#include "import/tables/measurement_csv.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hockney;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::check_with_options([&](const import::ImportOptions& options) {
    return import::import_measurement_csv(import::text_of(text), "all_reduce.csv", options);
  });
  return 0;
}
