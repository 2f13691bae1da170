#include "announcement.hpp"

#include <fmt/format.h>

#include "budget_run.hpp"

namespace hockney::bench {
namespace {

std::string what_times_are_not(Flags flags) {
  std::string text;
  if (flags.has(Flag::simulated)) {
    text += "SIMULATED: the scripted transport answers alpha + beta * payload; nothing is transferred\n";
  }
  if (flags.has(Flag::emulated)) {
    text += "EMULATED: a test double stands in for CUDA and NCCL; no GPU is involved\n";
  }
  if (flags.has(Flag::shared_gpu)) {
    text += "SHARED GPU: ranks share a GPU; the times are no network constants\n";
  }
  return text;
}

}  // namespace

std::string to_text(const Announcement& announcement) {
  const Plan& plan = announcement.plan.plan;
  const Plan::Layout& layout = announcement.plan.layout;
  std::string text = fmt::format("plan '{}': {} points x {} passes on {} ranks, seed {}; samples go to {}\n", plan.name,
                                 layout.cases.size(), plan.sampling.passes, announcement.ranks, announcement.seed,
                                 announcement.folder.string());
  if (announcement.budget) {
    text += describe(announcement.budget, announcement.plan);
  }
  text += what_times_are_not(announcement.flags);
  if (announcement.is_resumed) {
    text += fmt::format("resumed: {} visits are in the file already{}\n", announcement.finished,
                        announcement.budget ? "" : fmt::format(", {} are left", announcement.remaining));
  }
  for (const Skipped& skipped : layout.skipped) {
    text += fmt::format("skipped: {}: {}\n", skipped.point.name(), skipped.reason);
  }
  return text;
}

std::string to_warnings(const std::vector<std::string>& of_transport, Flags flags) {
  std::string text;
  for (const std::string& warning : of_transport) {
    text += fmt::format("warning: {}\n", warning);
  }
  if (flags.has(Flag::oversubscribed)) {
    text +=
        "warning: more ranks than logical CPUs on a host: times are the scheduler's, not the fabric's; every point is "
        "marked oversubscribed\n";
  }
  return text;
}

}  // namespace hockney::bench
