/// Tables of collectives as people write them, of IMB, nccom-test, rccl-tests and others: read or refused, and their
/// rows add up.
#include "check_import.hpp"
#include "import/tables/import_tables.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hockney;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::check_with_options([&](const import::ImportOptions& options) {
    return import::import_tables(import::text_of(text), "all_reduce.csv", options);
  });
  return 0;
}
