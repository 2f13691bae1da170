#include "laid_out_plan.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <functional>

#include "base/shipped.hpp"
#include "base/strict_table.hpp"

namespace hockney::bench {
namespace {

void skip_what_is_refused(Plan::Layout& layout, const transport::Transport& transport) {
  std::erase_if(layout.cases, [&](const Case& point) {
    const auto reason = transport.refusal(point);
    if (reason) {
      layout.skipped.push_back({point, *reason});
    }
    return reason.has_value();
  });
}

void require_a_case(const Plan::Layout& layout, const std::string& origin) {
  if (layout.cases.empty()) {
    throw InputError(fmt::format("{}: no point of this plan can run here: {}", origin,
                                 layout.skipped.empty() ? "it is empty" : layout.skipped.front().reason));
  }
}

}  // namespace

LaidOutPlan lay_out_plan(const std::string& name_or_file, const mpi::Communicator& world,
                         const transport::Transport& transport, const std::vector<Placement>& placements) {
  LaidOutPlan laid_out;
  std::string origin;
  world.on_root([&] {
    const auto file = find_shipped_toml("plan", name_or_file, shipped_folder() / "plans");
    origin = file.string();
    laid_out.text = read_text_file(file);
  });
  origin = world.broadcast(origin);
  laid_out.text = world.broadcast(laid_out.text);
  world.everywhere([&] {
    laid_out.plan = parse_plan(laid_out.text, origin, shipped_folder() / "models");
    laid_out.layout = laid_out.plan.lay_out(transport.world());
    skip_what_is_refused(laid_out.layout, transport);
    require_a_case(laid_out.layout, origin);
  });
  require_same_cases(laid_out.layout.cases, world, placements);
  return laid_out;
}

void require_same_cases(const std::vector<Case>& cases, const mpi::Communicator& world,
                        const std::vector<Placement>& placements) {
  std::string names;
  for (const Case& point : cases) {
    names += point.name() + "\n";
  }
  const auto digests = world.all_gather(std::to_string(std::hash<std::string>{}(names)));
  world.everywhere([&] {
    for (std::size_t rank = 0; rank < digests.size(); ++rank) {
      if (digests[rank] != digests.front()) {
        throw InputError(
            fmt::format("rank {} on {} can run other points of this plan than rank 0: expected the same "
                        "GPUs, libraries and files on every node",
                        rank, placements[rank].host));
      }
    }
  });
}

}  // namespace hockney::bench
