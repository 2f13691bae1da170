/// Published figures in Hockney's own CSV layout.
#include "fuzz_target.hpp"
#include "import/published/reference_csv.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hockney::fuzz::allow_input_errors([&] {
    const auto launch = hockney::import::read_reference_csv(hockney::fuzz::text_of(data, size), "figures.csv", {});
    hockney::fuzz::require(!launch.measurements.empty(), "a file that is read has points");
  });
  return 0;
}
