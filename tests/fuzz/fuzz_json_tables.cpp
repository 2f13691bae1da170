/// JSON with rows in it, of rccl-tests, nccom-test and others: read or refused, and its objects add up.
#include "check_import.hpp"
#include "import/tables/import_tables.hpp"
#include "import/tables/json_sheets.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hockney;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::check_with_options([&](const import::ImportOptions& options) {
    return import::import_sheets(import::read_json_sheets(text), "all_reduce.json", options);
  });
  return 0;
}
