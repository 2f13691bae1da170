#include "views/report/surroundings.hpp"

#include <fmt/format.h>
#include <map>
#include <set>

#include "record/usable.hpp"
#include "views/launches.hpp"
#include "views/points.hpp"
#include "views/report/marks.hpp"

namespace hockney::views {
namespace {

constexpr std::size_t most_hosts = 16;
constexpr std::size_t most_rows = 60;
constexpr const char* topology_fact = "topology";

std::string numa_text(int node) {
  return node < 0 ? "ranks over several NUMA nodes" : fmt::format("NUMA node {}", node);
}

render::NestedBox rank_box(const Placement& placement) {
  render::NestedBox box{.title = fmt::format("rank {}", placement.rank)};
  if (placement.cpus_allowed > 0) {
    box.lines.push_back(fmt::format("{} CPUs", placement.cpus_allowed));
  }
  if (!placement.gpu.empty()) {
    box.lines.push_back(placement.gpu.substr(0, std::string_view("GPU-12345678").size()));
  }
  return box;
}

render::NestedBox host_box(const std::string& host, const std::vector<const Placement*>& placements) {
  std::map<int, std::vector<render::NestedBox>> by_numa;
  for (const Placement* placement : placements) {
    by_numa[placement->numa_node].push_back(rank_box(*placement));
  }
  render::NestedBox box{.title = host};
  const bool is_told = by_numa.size() > 1 || by_numa.begin()->first >= 0;
  for (auto& [numa, ranks] : by_numa) {
    if (is_told) {
      box.inner.push_back({numa_text(numa), {}, std::move(ranks)});
    } else {
      box.inner = std::move(ranks);
    }
  }
  return box;
}

render::BoxPicture hosts_picture(const ReportedCampaign& campaign, const Launch& launch) {
  std::map<std::string, std::vector<const Placement*>> hosts;
  for (const Placement& placement : launch.placements) {
    hosts[placement.host].push_back(&placement);
  }
  render::BoxPicture picture{.title = fmt::format("{}: {} host{}, {} ranks", campaign.name, hosts.size(),
                                                  hosts.size() == 1 ? "" : "s", launch.placements.size())};
  picture.subtitles = {fmt::format("machine {}, launch {}", launch.info.machine, short_id(launch))};
  picture.remarks = marks_of(flags_of(launch));
  for (const auto& [host, placements] : hosts) {
    if (picture.boxes.size() < most_hosts) {
      picture.boxes.push_back(host_box(host, placements));
    }
  }
  if (hosts.size() > most_hosts) {
    picture.subtitles.push_back(fmt::format("the first {} hosts", most_hosts));
  }
  return picture;
}

std::size_t hosts_in(const Launch& launch) { return count_nodes(launch.placements); }

render::Table two_columns(std::string first, std::string second) {
  return {.columns = {render::text_column("", std::move(first)), render::text_column("", std::move(second))}};
}

void add_row(render::Table& table, const std::string& key, const std::string& value) {
  if (!value.empty()) {
    table.rows.push_back({key, value});
  }
}

render::Table provenance_of(const Launch& launch) {
  render::Table table = two_columns("key", "value");
  add_row(table, "run_uuid", launch.info.run_uuid);
  add_row(table, "producer", launch.info.producer);
  add_row(table, "source", launch.info.source);
  add_row(table, "command line", launch.info.argv);
  add_row(table, "seed", std::to_string(launch.info.seed));
  for (const auto& [key, value] : launch.provenance) {
    if (key != topology_fact) {
      add_row(table, key, value);
    }
  }
  add_row(table, "plan", launch.info.plan_text);
  return table;
}

std::string summary_of(const Launch& launch) {
  return fmt::format(
      "launch {}: {}, {}, began {}{}", short_id(launch), launch.info.machine, launch.info.producer,
      to_iso8601(launch.info.started_utc_ns),
      launch.info.source.empty() ? "" : ", " + launch.info.source.substr(0, launch.info.source.find(',')));
}

// In the order of the table of flags.
render::Table flag_table(const ReportedCampaign& campaign) {
  render::Table table{.title = "flags of the points",
                      .columns = {render::text_column("", "flag"), render::number_column("", "visits"),
                                  render::number_column("", "of")}};
  std::size_t visits = 0;
  std::map<Flag, std::size_t> counts;
  for (const Launch& launch : campaign.launches) {
    for (const Measurement& visit : launch.measurements) {
      ++visits;
      for (const auto& [flag, name] : Names<Flag>::table) {
        counts[flag] += visit.flags.has(flag) ? 1 : 0;
      }
    }
  }
  for (const auto& [flag, name] : Names<Flag>::table) {
    if (counts[flag] > 0) {
      table.rows.push_back({name, counts[flag], visits});
    }
  }
  return table;
}

void add_counted(std::map<std::pair<std::string, std::string>, std::size_t>& counts, const std::string& point,
                 const std::string& reason) {
  ++counts[{point, reason}];
}

render::Table reason_table(const std::map<std::pair<std::string, std::string>, std::size_t>& counts) {
  render::Table table{.columns = {render::text_column("", "point"), render::text_column("", "reason"),
                                  render::number_column("", "times")}};
  for (const auto& [point_and_reason, count] : counts) {
    if (table.rows.size() < most_rows) {
      table.rows.push_back({point_and_reason.first, point_and_reason.second, count});
    }
  }
  if (counts.size() > most_rows) {
    table.remarks = {fmt::format("and {} more: hockney show tells all", counts.size() - most_rows)};
  }
  return table;
}

void add_reasons(std::vector<render::Block>& blocks, const ReportedCampaign& campaign) {
  std::map<std::pair<std::string, std::string>, std::size_t> unusable, skipped;
  for (const Launch& launch : campaign.launches) {
    for (const Measurement& visit : launch.measurements) {
      if (const Usability usability = usable(visit); !usability) {
        add_counted(unusable, visit.point.name(), usability.reason);
      }
    }
    for (const Skipped& skip : launch.skipped) {
      add_counted(skipped, skip.point.name(), skip.reason);
    }
  }
  if (!unusable.empty()) {
    blocks.push_back(
        render::Foldout{fmt::format("VOID: {} points are not to be used", unusable.size()), {reason_table(unusable)}});
  }
  if (!skipped.empty()) {
    blocks.push_back(render::Foldout{fmt::format("{} cases were skipped", skipped.size()), {reason_table(skipped)}});
  }
}

std::vector<std::string> caveats_in_words(const ReportedCampaign& campaign) {
  std::vector<std::string> lines = marks_of(campaign.launches);
  std::set<std::string> published;
  for (const Launch& launch : campaign.launches) {
    if (const auto found = launch.provenance.find("reference.caveats"); found != launch.provenance.end()) {
      published.insert(found->second);
    }
  }
  lines.insert(lines.end(), published.begin(), published.end());
  lines.insert(lines.end(), campaign.fit.notes.begin(), campaign.fit.notes.end());
  if (campaign.overhead) {
    lines.insert(lines.end(), campaign.overhead->warnings.begin(), campaign.overhead->warnings.end());
  } else if (!campaign.no_overhead.empty()) {
    lines.push_back("no predicted overhead: " + campaign.no_overhead);
  }
  return lines;
}

}  // namespace

std::vector<render::Block> topology_blocks(const ReportedCampaign& campaign) {
  const Launch* widest = nullptr;
  std::set<std::string> told;
  for (const Launch& launch : campaign.launches) {
    if (!launch.placements.empty() && (widest == nullptr || hosts_in(launch) > hosts_in(*widest))) {
      widest = &launch;
    }
    if (const auto found = launch.provenance.find(topology_fact); found != launch.provenance.end()) {
      told.insert(found->second);
    }
  }
  std::vector<render::Block> blocks;
  if (widest != nullptr) {
    blocks.push_back(hosts_picture(campaign, *widest));
  }
  if (!told.empty()) {
    render::BoxPicture picture{.title = fmt::format("{}: what is near what", campaign.name)};
    for (const std::string& text : told) {
      picture.boxes.push_back({.title = {}, .lines = {text}});
    }
    picture.remarks = widest == nullptr ? std::vector<std::string>{} : marks_of(flags_of(*widest));
    blocks.push_back(std::move(picture));
  }
  return blocks;
}

std::vector<render::Block> provenance_blocks(const ReportedCampaign& campaign) {
  std::vector<render::Block> blocks;
  for (const Launch& launch : campaign.launches) {
    blocks.push_back(render::Foldout{summary_of(launch), {provenance_of(launch)}});
  }
  return blocks;
}

std::vector<render::Block> caveat_blocks(const ReportedCampaign& campaign) {
  render::Table words{.title = campaign.name, .lines = caveats_in_words(campaign)};
  if (words.lines.empty()) {
    words.lines = {"none"};
  }
  std::vector<render::Block> blocks{std::move(words)};
  if (render::Table flags = flag_table(campaign); !flags.rows.empty()) {
    blocks.push_back(std::move(flags));
  }
  add_reasons(blocks, campaign);
  return blocks;
}

}  // namespace hockney::views
