/// JSON of nccl-tests: read or refused, and its results add up.
#include "check_import.hpp"
#include "import/nccl_tests/nccl_tests_json.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hockney;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::check_with_options([&](const import::ImportOptions& options) {
    return import::import_nccl_tests_json(text, "all_reduce.json", options);
  });
  return 0;
}
