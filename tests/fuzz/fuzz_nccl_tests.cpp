/// Logs of nccl-tests: any text is read or refused, and its lines add up.
#include "check_import.hpp"
#include "import/nccl_tests/nccl_tests_launch.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hockney;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::check_with_options([&](const import::ImportOptions& options) {
    return import::import_nccl_tests(import::read_nccl_tests_text(import::text_of(text)), "all_reduce.txt", options);
  });
  return 0;
}
