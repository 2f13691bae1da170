#include "dry_run.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "base/text_table.hpp"
#include "budget_run.hpp"
#include "console.hpp"

namespace hockney::bench {
namespace {

// Each with its reason, then how many have each reason.
std::string describe_skipped(const std::vector<Skipped>& rows) {
  std::string text;
  std::map<std::string, std::size_t> counts;
  for (const Skipped& skipped : rows) {
    text += fmt::format("skipped: {}: {}\n", skipped.point.name(), skipped.reason);
    ++counts[skipped.reason];
  }
  for (const auto& [reason, count] : counts) {
    text += fmt::format("{} skipped: {}\n", count, reason);
  }
  return text;
}

}  // namespace

std::string describe_dry_run(const LaidOutPlan& laid_out, const transport::Transport& transport, const Budget& budget) {
  const Plan::Layout& layout = laid_out.layout;
  TextTable table({{"point", Align::left}, {"payload", Align::right}, {"memory per rank", Align::right}});
  Bytes most;
  for (const Case& point : layout.cases) {
    const Bytes memory = transport.memory_for(point);
    table.add({point.curve_name(), to_string(point.payload), to_string(memory)});
    most = std::max(most, memory);
  }
  std::string text = table.print();
  text += describe_skipped(layout.skipped);
  const Sampling& sampling = laid_out.plan.sampling;
  const double visits = static_cast<double>(layout.cases.size()) * sampling.passes;
  const Seconds shortest = sampling.warm_up * visits;
  const Seconds longest = sampling.max_seconds * (4.0 / 3.0) * visits;
  text += fmt::format(
      "plan '{}' on {} ranks: {} points, {} passes, {} skipped; at most {} per rank and point; about {} to {}, "
      "depending on how fast intervals become narrow; longer where one sample takes over {}\n",
      laid_out.plan.name, transport.world().ranks, layout.cases.size(), sampling.passes, layout.skipped.size(),
      to_string(most), to_clock(shortest), to_clock(longest), to_string(sampling.max_seconds / 6));
  return budget ? text + describe(budget, laid_out) : text;
}

}  // namespace hockney::bench
