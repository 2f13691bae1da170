#include <algorithm>
#include <compare>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "exports/writers.hpp"
#include "record/software.hpp"

// NCCL plugins/tuner/example/plugin.c: collective,min_bytes,max_bytes,algorithm,protocol,channels,nNodes,nRanks; bytes
// are those of the larger buffer; lines of 255 characters at most; the first row that matches is taken.
namespace hockney::exports {
namespace {

struct Choice {
  double time_s = 0;
  std::string settings;  // "ring,ll,4"
};

using Place = std::tuple<std::string, std::uint32_t, std::uint32_t>;  // collective, nodes, ranks
using Sizes = std::map<std::uint64_t, Choice>;                        // by bytes

/// What choices must share to be compared, and a row of the file does not tell. The first of several is taken.
struct Conditions {
  bool is_loaded = false;      // equal groups run beside it
  bool is_not_stream = false;  // training queues operations one after the other
  std::string curve;           // its name without pins, and its machine
  std::string software;
  friend auto operator<=>(const Conditions&, const Conditions&) = default;
};

using Choices = std::map<Place, std::map<Conditions, Sizes>>;

Conditions conditions_of(const cost::CostCurve& curve) {
  Case shape = curve.shape;
  shape.algorithm.clear();
  shape.protocol.clear();
  return {shape.group.concurrent > 1, shape.mode != Mode::stream,
          fmt::format("{}, on {}", shape.curve_name(), curve.machine), shape.software};
}

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

void add(Sizes& sizes, const cost::CurvePoint& point, const std::string& settings) {
  const auto [place, is_new] = sizes.try_emplace(point.payload.count, Choice{point.time_s, settings});
  if (!is_new && point.time_s < place->second.time_s) {
    place->second = {point.time_s, settings};
  }
}

void add(Choices& choices, const cost::CostCurve& curve) {
  const std::string collective = collective_of(curve.shape.operation);
  if (collective.empty() || !curve.shape.group.is_placed()) {
    return;
  }
  for (const cost::CurvePoint& point : curve.points) {
    if (const std::string settings = settings_of(curve, point); !settings.empty()) {
      const Place place{collective, curve.shape.group.nodes(), curve.shape.group.ranks};
      add(choices[place][conditions_of(curve)], point, settings);
    }
  }
}

// The one software that the file is for.
std::string preferred_software(const Choices& choices) {
  std::optional<std::string> preferred;
  for (const auto& [place, candidates] : choices) {
    for (const auto& [conditions, sizes] : candidates) {
      if (!preferred || is_preferred_software(conditions.software, *preferred)) {
        preferred = conditions.software;
      }
    }
  }
  return preferred.value_or("");
}

// From the first measured size with a choice to the byte before the next choice; the last one to its last size.
std::string rows_of(const Place& place, const Sizes& sizes) {
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

// Of the first conditions with the software; the others are noted.
std::string rows_of(const Choices& choices, Notes& notes) {
  const std::string software = preferred_software(choices);
  std::string rows;
  for (const auto& [place, candidates] : choices) {
    const Conditions* taken = nullptr;
    for (const auto& [conditions, sizes] : candidates) {
      if (taken == nullptr && conditions.software == software) {
        taken = &conditions;
        rows += rows_of(place, sizes);
      } else if (conditions.software != software) {
        notes.push_back(fmt::format("left out: {}, on {}: a file is for one software, here {}", conditions.curve,
                                    conditions.software, software));
      } else {
        notes.push_back(fmt::format("left out: {}: a row cannot tell it from {}", conditions.curve, taken->curve));
      }
    }
  }
  return rows;
}

Exported write(const Cluster& cluster) {
  Choices choices;
  for (const cost::CostCurve& curve : cluster.model->curves) {
    add(choices, curve);
  }
  Exported made;
  const std::string rows = rows_of(choices, made.notes);
  if (rows.empty()) {
    throw InputError(fmt::format(
        "nccl-tuner: no curve of {} says which algorithm and protocol ran, and times alone are no choice between them; "
        "expected a model of launches that tell: hockney-bench --plan dgx pins them in turn, then hockney fit",
        cluster.name));
  }
  made.files.push_back({"", "# collective,min_bytes,max_bytes,algorithm,protocol,channels,nNodes,nRanks\n" + rows});
  made.notes.emplace_back(
      "the fastest measured choice at each size; where only one was measured, it is NCCL's own. Outside the measured "
      "sizes NCCL chooses");
  made.notes.emplace_back(
      "only pins make choices comparable: measure each algorithm and protocol with a plan that pins them");
  return made;
}

}  // namespace

const Format nccl_tuner{"nccl-tuner", "NCCL's example tuner plugin, NCCL_TUNER_CONFIG_FILE",
                        "times: it holds choices; all-to-all and transfers, which NCCL does not tune", false, write};

}  // namespace hockney::exports
