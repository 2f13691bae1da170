#include "import/nccl_tests/nccl_tests_group.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "base/number.hpp"
#include "import/nccl_tests/nccl_tests_check.hpp"

namespace hockney::import {
namespace {

// The rank list, as far as it can be trusted.
struct List {
  std::vector<NcclTestsRank> members;
  std::vector<NcclTestsRank> first_group;
  std::uint32_t ranks = 0;  // of one group; 0 without a list
  std::uint32_t groups = 1;
  bool complete = false;
};

using ByHost = std::map<std::string, std::map<std::uint32_t, std::size_t>>;  // host -> rank -> times listed

// Whether every host lists all `world` ranks equally often: jobs of one node each.
bool are_one_node_jobs(const ByHost& hosts, std::size_t world) {
  return std::all_of(hosts.begin(), hosts.end(), [&](const auto& host) {
    const auto& ranks = host.second;
    return ranks.size() == world && std::all_of(ranks.begin(), ranks.end(),
                                                [&](const auto& rank) { return rank.second == ranks.begin()->second; });
  });
}

// Whether no rank is listed on two hosts.
bool have_one_placement(const ByHost& hosts, std::size_t world) {
  std::size_t ranks = 0;
  for (const auto& [host, listed] : hosts) {
    ranks += listed.size();
  }
  return ranks == world;
}

// The rank list of one job, where the log mixes those of several.
std::vector<NcclTestsRank> one_of_several(const std::vector<NcclTestsRank>& ranks, std::vector<std::string>& notes) {
  std::map<std::uint32_t, std::size_t> times;
  ByHost hosts;
  for (const NcclTestsRank& rank : ranks) {
    ++times[rank.rank];
    ++hosts[rank.host][rank.rank];
  }
  const auto most =
      std::max_element(times.begin(), times.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (times.size() == ranks.size()) {
    return ranks;
  }
  const std::size_t jobs = most->second;
  const bool one_node = are_one_node_jobs(hosts, times.size());
  if (times.size() * jobs != ranks.size() || !(one_node || have_one_placement(hosts, times.size()))) {
    throw InputError(
        fmt::format("rank {} is listed {} times: several runs are mixed, and their hosts cannot be told "
                    "apart",
                    most->first, jobs));
  }
  notes.push_back(one_node
                      ? fmt::format("{} rank lists of {} ranks that all begin with rank 0: {} separate jobs of one "
                                    "node each, not one job of {} ranks",
                                    jobs, times.size(), jobs, ranks.size())
                      : fmt::format("{} runs on the same nodes at the same time", jobs));
  std::vector<NcclTestsRank> members;
  std::set<std::uint32_t> taken;
  for (const NcclTestsRank& rank : ranks) {
    if ((!one_node || rank.host == ranks.front().host) && taken.insert(rank.rank).second) {
      members.push_back(rank);
    }
  }
  return members;
}

List read_list(const std::vector<NcclTestsRank>& listed, std::vector<std::string>& notes) {
  List list;
  list.members = one_of_several(listed, notes);
  const auto& ranks = list.members;
  std::set<std::uint32_t> world;
  std::map<std::uint32_t, std::uint32_t> group_sizes;
  for (const NcclTestsRank& rank : ranks) {
    world.insert(rank.rank);
    ++group_sizes[rank.group];
    if (rank.group == ranks.front().group) {
      list.first_group.push_back(rank);
    }
  }
  if (ranks.empty()) {
    return list;
  }
  list.complete = *world.rbegin() + std::size_t{1} == world.size();
  list.groups = static_cast<std::uint32_t>(group_sizes.size());
  for (const auto& [group, size] : group_sizes) {
    if (size != list.first_group.size()) {
      throw InputError("the rank list has groups of different sizes");
    }
  }
  if (list.groups > 1 && !list.complete) {
    throw InputError("the rank list has several groups and gaps");
  }
  list.ranks = list.complete ? static_cast<std::uint32_t>(list.first_group.size()) : *world.rbegin() + 1;
  return list;
}

std::string describe(RankBounds bounds) {
  return bounds.empty() ? "different rank counts in different rows"
                        : fmt::format("{} to {} ranks", significant(bounds.low), significant(bounds.high));
}

// Whether most rows rule `ranks` out; single ones are refused by themselves later.
bool contradicted(Operation operation, const std::vector<NcclTestsRow>& rows, std::uint32_t ranks) {
  const auto against = std::count_if(rows.begin(), rows.end(), [&](const NcclTestsRow& row) {
    return row.size_bytes > 0 && !ranks_of_row(operation, row).allows(ranks);
  });
  const auto with_size = std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.size_bytes > 0; });
  return 2 * against > with_size;
}

std::pair<std::uint32_t, std::string> ranks_from_list(const NcclTestsTable& table, Operation operation,
                                                      const List& list, RankBounds bounds) {
  const bool confirmed = bounds.only() == list.ranks;
  if (contradicted(operation, table.rows, list.ranks) || (!list.complete && !confirmed)) {
    throw InputError(fmt::format("the rank list {} {} ranks, the numbers imply {}: pass --ranks",
                                 list.complete ? "has" : "has gaps and ends at", list.ranks, describe(bounds)));
  }
  return {list.ranks, confirmed ? "rank list, confirmed by busbw" : "rank list"};
}

std::pair<std::uint32_t, std::string> ranks_of(const NcclTestsTable& table, Operation operation, const List& list,
                                               const ImportOptions& options) {
  const RankBounds bounds = ranks_of_rows(operation, table.rows);
  if (options.ranks) {
    if (!bounds.empty() && !bounds.allows(*options.ranks)) {
      throw InputError(fmt::format("--ranks {} contradicts every row that can tell: busbw and time imply {}",
                                   *options.ranks, describe(bounds)));
    }
    return {*options.ranks, "--ranks"};
  }
  if (list.ranks > 0) {
    return ranks_from_list(table, operation, list, bounds);
  }
  if (const auto only = bounds.only()) {
    return {*only, "from busbw / algbw, the one whole number that fits"};
  }
  const std::uint32_t per_process = table.preamble.threads * table.preamble.gpus_per_thread;
  if (per_process > 1 && bounds.allows(per_process)) {
    return {per_process, "nThread x nGpus"};
  }
  throw InputError(fmt::format("no rank list, and the numbers imply {}: pass --ranks", describe(bounds)));
}

std::uint32_t constant_stride(const std::vector<NcclTestsRank>& ranks) {
  const std::uint32_t stride = ranks.size() < 2 ? 1 : ranks[1].rank - ranks[0].rank;
  for (std::size_t i = 1; i < ranks.size(); ++i) {
    if (ranks[i].rank - ranks[i - 1].rank != stride) {
      throw InputError("the ranks of a group are not equally spaced");
    }
  }
  return stride;
}

void lay_on_hosts(const List& list, const ImportOptions& options, NcclTestsGroup& result) {
  const std::uint32_t ranks = result.group.ranks;
  result.nodes = static_cast<std::uint32_t>(hosts_of(list.first_group).size());
  result.group.ranks_per_node = (ranks + result.nodes - 1) / result.nodes;
  result.group.stride = constant_stride(list.first_group);
  result.group.concurrent = list.groups;
  if (ranks % result.nodes != 0) {
    result.notes.push_back(fmt::format("{} ranks on {} hosts are not spread evenly", ranks, result.nodes));
  }
  if ((options.nodes && *options.nodes != result.nodes) ||
      (options.ranks_per_node && *options.ranks_per_node != result.group.ranks_per_node)) {
    result.notes.push_back(
        fmt::format("--nodes and --ranks-per-node are not used: the rank list has {} hosts", result.nodes));
  }
}

void lay_on_stated_nodes(const NcclTestsTable& table, const ImportOptions& options, NcclTestsGroup& result) {
  const std::uint32_t ranks = result.group.ranks;
  if (options.ranks_per_node) {
    result.group.ranks_per_node = std::min(*options.ranks_per_node, ranks);
    result.nodes = result.group.nodes();
  } else if (options.nodes && *options.nodes > ranks) {
    throw InputError(fmt::format("--nodes {} is more than the table's {} ranks", *options.nodes, ranks));
  } else if (options.nodes) {
    result.nodes = *options.nodes;
    result.group.ranks_per_node = (ranks + result.nodes - 1) / result.nodes;
  } else if (table.preamble.threads * table.preamble.gpus_per_thread == ranks) {
    result.nodes = 1;
    result.group.ranks_per_node = ranks;
  } else {
    result.group.ranks_per_node = 0;
    result.nodes = 0;
  }
}

}  // namespace

NcclTestsGroup group_of(const NcclTestsTable& table, Operation operation, const ImportOptions& options) {
  NcclTestsGroup result;
  const List list = read_list(table.preamble.ranks, result.notes);
  result.members = list.members;
  std::tie(result.group.ranks, result.evidence) = ranks_of(table, operation, list, options);
  if (result.group.ranks < 2) {
    throw InputError("one rank: nothing is communicated");
  }
  if (list.complete && list.ranks == result.group.ranks) {
    lay_on_hosts(list, options, result);
  } else {
    lay_on_stated_nodes(table, options, result);
  }
  return result;
}

std::vector<Placement> placements_of(const std::vector<NcclTestsRank>& ranks) {
  std::map<std::string, int> local;
  std::vector<Placement> placements;
  for (const NcclTestsRank& rank : ranks) {
    Placement placement;
    placement.rank = static_cast<int>(rank.rank);
    placement.host = rank.host;
    placement.local_rank = local[rank.host]++;
    placement.gpu = rank.bus;
    placements.push_back(std::move(placement));
  }
  return placements;
}

bool share_a_gpu(const std::vector<NcclTestsRank>& ranks) {
  // logs before 2021 may print [0x00] for every device
  std::set<std::pair<std::string, std::string>> seen;
  return std::any_of(ranks.begin(), ranks.end(), [&](const NcclTestsRank& rank) {
    return rank.bus != "0x00" && !rank.bus.empty() && !seen.emplace(rank.host, rank.bus).second;
  });
}

std::vector<std::string> hosts_of(const std::vector<NcclTestsRank>& ranks) {
  std::vector<std::string> hosts;
  for (const NcclTestsRank& rank : ranks) {
    if (std::find(hosts.begin(), hosts.end(), rank.host) == hosts.end()) {
      hosts.push_back(rank.host);
    }
  }
  return hosts;
}

}  // namespace hockney::import
