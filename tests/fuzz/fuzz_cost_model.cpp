/// Cost models: the JSON that `hockney fit` writes. What is read can be asked, written and read again.
#include "cost/cost_model.hpp"
#include "fuzz_target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hockney;
  fuzz::allow_input_errors([&] {
    const cost::CostModel model = cost::CostModel::parse(fuzz::text_of(data, size), "model.cost.json");
    const std::string written = model.json();
    fuzz::require(cost::CostModel::parse(written, "again").json() == written, "a model that is written reads back");
  });
  return 0;
}
