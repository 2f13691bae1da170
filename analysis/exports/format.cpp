#include "exports/format.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/names.hpp"
#include "exports/writers.hpp"

namespace hockney::exports {
namespace {

constexpr std::array<const Format*, 16> table{
    &aiconfigurator, &alpa,         &astra_sim,  &autoparallel, &calculon, &colossalai, &csv,   &flexflow,
    &galvatron,      &llm_analysis, &nccl_tuner, &nnscaler,     &simai,    &simgrid,    &taccl, &vtrain};

}  // namespace

std::span<const Format* const> formats() { return table; }

const Format& find_format(std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Format* each) { return each->name == name; });
  if (found == table.end()) {
    std::vector<std::string_view> known;
    std::transform(table.begin(), table.end(), std::back_inserter(known),
                   [](const Format* each) { return each->name; });
    throw InputError(unknown_name("format", name, known));
  }
  return **found;
}

}  // namespace hockney::exports
