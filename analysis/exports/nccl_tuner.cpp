#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "exports/writers.hpp"

// NCCL plugins/tuner/example/plugin.c: collective,min_bytes,max_bytes,algorithm,protocol,channels,nNodes,nRanks; bytes
// are those of the larger buffer; lines of 255 characters at most; the first row that matches is taken.
namespace hockney::exports {
namespace {

struct Choice {
  double time_s = 0;
  std::string settings;  // "ring,ll,4"
};

using Place = std::tuple<std::string, std::uint32_t, std::uint32_t>;  // collective, nodes, ranks
using Fastest = std::map<Place, std::map<std::uint64_t, Choice>>;     // by bytes

std::string collective_of(Operation operation) {
  switch (operation) {
    case Operation::all_reduce:
    case Operation::all_gather:
    case Operation::reduce_scatter:
    case Operation::broadcast:
    case Operation::reduce:
      return letters_and_digits(name_of(operation));
    default:
      return {};
  }
}

std::string algorithm_of(std::string_view word) {
  const std::map<std::string, std::string> words{{"tree", "tree"},
                                                 {"ring", "ring"},
                                                 {"collnetdirect", "collnet_direct"},
                                                 {"collnetchain", "collnet_chain"},
                                                 {"nvls", "nvls"},
                                                 {"nvlstree", "nvls_tree"},
                                                 {"pat", "pat"}};
  const auto found = words.find(letters_and_digits(word));
  return found == words.end() ? "" : found->second;
}

std::string protocol_of(std::string_view word) {
  const std::string plain = letters_and_digits(word);
  return plain == "ll" || plain == "ll128" || plain == "simple" ? plain : "";
}

// Of "Ring/LL/4", or of the pins of a curve whose points tell nothing; -1 channels leave their number to NCCL.
std::string settings_of(const cost::CostCurve& curve, const cost::CurvePoint& point) {
  const std::string label =
      point.label.empty() ? fmt::format("{}/{}/", curve.shape.algorithm, curve.shape.protocol) : point.label;
  const std::size_t first = label.find('/');
  const std::size_t second = label.find('/', first + 1);
  const std::string algorithm = algorithm_of(label.substr(0, first));
  const std::string protocol = protocol_of(label.substr(first + 1, second - first - 1));
  const std::string channels = second == std::string::npos ? "" : label.substr(second + 1);
  const bool is_number = !channels.empty() && digits_at(channels, 0) == channels.size();
  return algorithm.empty() || protocol.empty()
             ? ""
             : fmt::format("{},{},{}", algorithm, protocol, is_number ? channels : "-1");
}

void add(Fastest& fastest, const cost::CostCurve& curve) {
  const std::string collective = collective_of(curve.shape.operation);
  if (collective.empty() || !curve.shape.group.is_placed()) {
    return;
  }
  auto& sizes = fastest[{collective, curve.shape.group.nodes(), curve.shape.group.ranks}];
  for (const cost::CurvePoint& point : curve.points) {
    const std::string settings = settings_of(curve, point);
    if (!settings.empty()) {
      const auto [place, is_new] = sizes.try_emplace(point.payload.count, Choice{point.time_s, settings});
      if (!is_new && point.time_s < place->second.time_s) {
        place->second = {point.time_s, settings};
      }
    }
  }
}

// From the first measured size with a choice to the byte before the next choice; the last one to its last size.
std::string rows_of(const Place& place, const std::map<std::uint64_t, Choice>& sizes) {
  std::string text;
  for (auto at = sizes.begin(); at != sizes.end();) {
    const auto next =
        std::find_if(at, sizes.end(), [&](const auto& each) { return each.second.settings != at->second.settings; });
    const std::uint64_t last = next == sizes.end() ? sizes.rbegin()->first : next->first - 1;
    text += fmt::format("{},{},{},{},{},{}\n", std::get<0>(place), at->first, last, at->second.settings,
                        std::get<1>(place), std::get<2>(place));
    at = next;
  }
  return text;
}

Exported write(const Cluster& cluster) {
  Fastest fastest;
  for (const cost::CostCurve& curve : cluster.model->curves) {
    add(fastest, curve);
  }
  std::string rows;
  for (const auto& [place, sizes] : fastest) {
    rows += rows_of(place, sizes);
  }
  if (rows.empty()) {
    throw InputError(
        "nccl-tuner: no curve says which algorithm and protocol ran; expected points measured with both "
        "known (NCCL 2.24 or later tells them) or pinned");
  }
  Exported made;
  made.files.push_back({"", "# collective,min_bytes,max_bytes,algorithm,protocol,channels,nNodes,nRanks\n" + rows});
  made.notes = {
      "the fastest measured choice at each size; where only one was measured, it is NCCL's own. Outside the "
      "measured sizes NCCL chooses",
      "only pins make choices comparable: measure each algorithm and protocol with a plan that pins them"};
  return made;
}

}  // namespace

const Format nccl_tuner{"nccl-tuner", "NCCL's example tuner plugin, NCCL_TUNER_CONFIG_FILE",
                        "times: it holds choices; all-to-all and transfers, which NCCL does not tune", false, write};

}  // namespace hockney::exports
