/// JSON lines of rccl-tests: read or refused, and its objects add up.
#include "check_import.hpp"
#include "import/nccl_tests/rccl_json.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hockney;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::check_with_options(
      [&](const import::ImportOptions& options) { return import::import_rccl_json(text, "rccl.json", options); });
  return 0;
}
