#include "views/constants_view.hpp"

#include <fmt/format.h>

#include "predict/compute/constants.hpp"
#include "predict/fixed_numbers.hpp"
#include "predict/memory/memory_constants.hpp"
#include "predict/score/exam.hpp"
#include "predict/step/known_error.hpp"

namespace hockney::views {
namespace {

std::string digits(double value) { return fmt::format("{:g}", value); }

}  // namespace

render::View constants_view(const predict::Gpu& gpu, std::span<const predict::Stack> stacks) {
  render::View view{.what = "constants", .version = "1.0.0", .main_table = "constants"};
  render::Table& table = view.tables.emplace_back(render::Table{.name = "constants"});
  table.columns = {render::text_column("name", "constant"), render::number_column("value", "value", digits),
                   render::text_column("unit", "unit"), render::text_column("origin", "origin")};
  const predict::StepConstants constants;
  for (const predict::ConstantRow& row : predict::constants_table()) {
    table.rows.push_back({row.name, constants.*row.value, row.unit, row.origin});
  }
  const predict::MemoryConstants memory;
  for (const predict::MemoryConstantRow& row : predict::memory_constants_table()) {
    table.rows.push_back({row.name, memory.*row.value, row.unit, row.origin});
  }
  for (const predict::FixedNumber& number : predict::fixed_numbers()) {
    table.rows.push_back({number.name, number.value, number.unit, number.origin});
  }
  table.rows.push_back(
      {fmt::format("efficiency of {}", gpu.name), gpu.efficiency, "of the peak", "calibrated: " + gpu.calibrated_on});
  if (gpu.mma_sync_share < 1) {
    table.rows.push_back(
        {fmt::format("mma_sync share of {}", gpu.name), gpu.mma_sync_share, "of the peak", gpu.source});
  }
  if (gpu.ring_limit_bytes_per_s > 0) {
    table.rows.push_back(
        {fmt::format("ring limit of {}", gpu.name), gpu.ring_limit_bytes_per_s, "B/s per GPU", gpu.ring_limit_origin});
  }
  for (const predict::Stack& stack : stacks) {
    if (stack.way.attention_share > 0) {
      table.rows.push_back({fmt::format("attention share of {}", stack.name), stack.way.attention_share, "of GEMM rate",
                            fmt::format("taken up after this program's rows were seen: {}", stack.source)});
    }
    if (stack.way.selective_products > 0) {
      table.rows.push_back({fmt::format("selective products of {}", stack.name), stack.way.selective_products,
                            "of a layer's products", stack.source});
    }
    if (stack.way.pipeline_runs > 1) {
      table.rows.push_back({fmt::format("pipeline runs of {}", stack.name),
                            static_cast<double>(stack.way.pipeline_runs), "per step",
                            fmt::format("taken up after this program's rows were seen: {}", stack.source)});
    }
    for (const predict::StackEfficiency& known : stack.calibrated) {
      if (known.stack == stack.name) {  // others are taken over
        table.rows.push_back(
            {fmt::format("efficiency of {} on {} in {}", stack.name, known.gpu, name_of(known.precision)),
             known.efficiency, "of the peak", "where nothing else calibrates: " + known.origin});
      }
    }
    if (stack.way.expert_host_s > 0) {
      table.rows.push_back({fmt::format("host's time for experts of {}", stack.name), stack.way.expert_host_s,
                            "s per layer and micro-batch", stack.expert_host_origin});
    }
  }
  table.rows.push_back({"launch noise", predict::launch_noise, "of log time",
                        "exam only: launches of MLPerf Training v3.0 and v3.1, 1 % at the 90th percentile"});
  for (const predict::KnownError& known : predict::known_errors) {
    for (const auto& [footing, place] :
         {std::pair{"its own row", 0}, std::pair{"its program's rows elsewhere", 1},
          std::pair{"its own row, with a usual stack", 2}, std::pair{"another program's row", 3}}) {
      table.rows.push_back({fmt::format("known error of {}, by {}", known.name, footing), known.log_error.at(place),
                            "of log time",
                            "95 %, from the errors of the published steps of the exam's development tables"});
    }
  }
  return view;
}

}  // namespace hockney::views
