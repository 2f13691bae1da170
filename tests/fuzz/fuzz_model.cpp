/// Model files: the shape of a transformer as TOML.
#include "fuzz_target.hpp"
#include "workload/transformer.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hockney::fuzz::allow_input_errors([&] {
    const auto model = hockney::parse_transformer(hockney::fuzz::text_of(data, size), "model.toml");
    model.parameters_per_layer();
    model.activation(1);
  });
  return 0;
}
