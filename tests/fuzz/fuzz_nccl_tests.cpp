/// Logs of nccl-tests: any text is read without an error, and its lines add up.
#include "check_import.hpp"
#include "import/nccl_tests/nccl_tests_launch.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hockney;
  const std::string_view text = fuzz::text_of(data, size);
  import::ImportOptions options;
  fuzz::check_import(import::import_nccl_tests(text, "all_reduce.txt", options));
  options.ranks_per_node = 8;
  fuzz::check_import(import::import_nccl_tests(text, "all_reduce.txt", options));
  options.ranks = 8;
  fuzz::check_import(import::import_nccl_tests(text, "all_reduce.txt", options));
  return 0;
}
