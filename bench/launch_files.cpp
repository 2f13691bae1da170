#include "launch_files.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "base/error.hpp"
#include "record/software.hpp"
#include "store/launch_reader.hpp"

namespace hockney::bench {
namespace {

constexpr const char* start_fact = "launch.start";
constexpr const char* part_fact = "launch.part";

bool has_fact(const Launch& launch, const char* fact, const std::string& value) {
  const auto found = launch.provenance.find(fact);
  return found != launch.provenance.end() && found->second == value;
}

// The variables that change how libraries communicate, each with what it is in `of`: nothing where it is not set.
std::map<std::string, std::string> settings_named_in(const Provenance& names, const Provenance& of) {
  constexpr std::string_view prefix = "env.";
  std::map<std::string, std::string> settings;
  for (const auto& [key, value] : names) {
    if (key.starts_with(prefix) && is_setting(std::string_view(key).substr(prefix.size()))) {
      settings[key.substr(prefix.size())] = of.contains(key) ? of.at(key) : "";
    }
  }
  return settings;
}

}  // namespace

const char* LaunchFiles::name_of_part(Part part) { return part == Part::curves ? "curves" : "steps"; }

LaunchFiles::Part LaunchFiles::part_of(const Case& point) const {
  return two_parts_ && point.operation == Operation::step_replay ? Part::steps : Part::curves;
}

store::LaunchWriter& LaunchFiles::writer_of(const Case& point) {
  const auto& writer = writers_.at(part_of(point));
  if (!writer) {
    throw Failure("a point of a launch that is finished was measured again: " + point.name());
  }
  return *writer;
}

void LaunchFiles::begin_part(const Common& common, Part part, const std::string& start) {
  LaunchInfo info = common.info;
  info.run_uuid = part == Part::curves && !start.empty() ? start : random_uuid();
  Provenance facts = common.facts;
  std::vector<Skipped> skipped = common.skipped;
  if (two_parts_) {
    facts[start_fact] = start;
    facts[part_fact] = name_of_part(part);
    std::erase_if(skipped, [&](const Skipped& each) { return part_of(each.point) != part; });
  }
  writers_[part] = std::make_unique<store::LaunchWriter>(common.folder, info, facts, common.placements, skipped);
}

LaunchFiles LaunchFiles::begin(const Common& common, bool two_parts) {
  LaunchFiles files(two_parts, common.info.seed);
  const std::string start = two_parts ? random_uuid() : "";
  files.begin_part(common, Part::curves, start);
  if (two_parts) {
    files.begin_part(common, Part::steps, start);
  }
  return files;
}

void LaunchFiles::resume_other(const Common& common, Part part, const std::string& start) {
  for (const auto& file : store::launch_files(common.folder)) {
    const Launch launch = store::read_launch(file);
    if (has_fact(launch, start_fact, start) && has_fact(launch, part_fact, name_of_part(part))) {
      writers_[part] =
          launch.info.finalised ? nullptr : std::make_unique<store::LaunchWriter>(store::LaunchWriter::resume(file));
      return;
    }
  }
  begin_part(common, part, start);
}

LaunchFiles LaunchFiles::resume(const Common& now, const std::string& plan) {
  const auto part = store::unfinished_launch(now.folder);
  if (!part) {
    throw InputError(fmt::format("{}: no unfinished launch (*.h5.part) to resume", now.folder.string()));
  }
  const Launch begun = store::read_launch(*part);
  require_same_launch(*part, begun, now, plan);
  const auto start = begun.provenance.find(start_fact);
  LaunchFiles files(start != begun.provenance.end(), begun.info.seed);
  const Part mine = has_fact(begun, part_fact, name_of_part(Part::steps)) ? Part::steps : Part::curves;
  files.writers_[mine] = std::make_unique<store::LaunchWriter>(store::LaunchWriter::resume(*part));
  if (files.two_parts_) {
    files.resume_other(now, mine == Part::steps ? Part::curves : Part::steps, start->second);
  }
  return files;
}

bool LaunchFiles::is_finished(const Case& point, std::uint32_t pass) const {
  const auto& writer = writers_.at(part_of(point));
  return !writer || writer->is_finished(point.name(), pass);
}

bool LaunchFiles::holds(const std::string& run_uuid) const {
  return std::any_of(writers_.begin(), writers_.end(),
                     [&](const auto& each) { return each.second && each.second->info().run_uuid == run_uuid; });
}

std::vector<std::filesystem::path> LaunchFiles::finish() {
  std::vector<std::filesystem::path> finished;
  for (const auto& [part, writer] : writers_) {
    if (writer) {
      finished.push_back(writer->finish());
    }
  }
  return finished;
}

void require_same_launch(const std::filesystem::path& part, const Launch& begun, const LaunchFiles::Common& now,
                         const std::string& plan) {
  const auto require_same = [&](std::string_view what, const std::string& then, const std::string& today) {
    if (then != today) {
      throw InputError(
          fmt::format("{}: cannot be resumed: its {} was '{}', now it is '{}'", part.string(), what, then, today));
    }
  };
  require_same("machine", begun.info.machine, now.info.machine);
  require_same("number of ranks", std::to_string(begun.info.ranks), std::to_string(now.info.ranks));
  if (begun.info.plan_text != now.info.plan_text) {
    throw InputError(
        fmt::format("{}: cannot be resumed: it was begun with another version of plan '{}'", part.string(), plan));
  }
  for (const char* fact : {"transport", "nccl.process_settings", "version.nccl", "version.cuda_driver"}) {
    if (begun.provenance.contains(fact)) {
      require_same(fact, begun.provenance.at(fact), now.facts.contains(fact) ? now.facts.at(fact) : "");
    }
  }
  Provenance either = now.facts;
  either.insert(begun.provenance.begin(), begun.provenance.end());
  const auto settings_now = settings_named_in(either, now.facts);
  for (const auto& [name, then] : settings_named_in(either, begun.provenance)) {
    require_same(name, then, settings_now.at(name));
  }
  for (const Placement& then : begun.placements) {
    const Placement& today = now.placements.at(static_cast<std::size_t>(then.rank));
    require_same(fmt::format("place of rank {}", then.rank), then.host + " " + then.gpu, today.host + " " + today.gpu);
  }
}

}  // namespace hockney::bench
