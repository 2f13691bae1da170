/// Plans: TOML that says what to measure.
#include "fuzz_target.hpp"
#include "plan/plan.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hockney::fuzz::allow_input_errors(
      [&] { hockney::parse_plan(hockney::fuzz::text_of(data, size), "plan.toml", "no-models"); });
  return 0;
}
