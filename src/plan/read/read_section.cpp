#include "plan/read/read_section.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ranges>

#include "base/text.hpp"
#include "plan/goes_with.hpp"
#include "plan/read/read_choices.hpp"
#include "plan/read/read_sizes.hpp"
#include "workload/routing_matrix.hpp"

namespace hockney::inline plan {
namespace {

// Far beyond any machine.
constexpr std::uint32_t most_ranks = 10'000'000;

std::vector<Operation> read_operations(StrictTable& section) {
  const std::string experiment = section.text("experiment");
  for (const Operation operation : {Operation::matmul, Operation::step_replay}) {
    if (experiment == name_of(operation)) {
      section.refuse("experiment", fmt::format("'{}' has sections of its own, [[{}]]", experiment, experiment));
    }
  }
  std::vector<Operation> operations;
  std::vector<std::string_view> experiments;
  for (const auto& [operation, name] : Names<Operation>::table) {
    const bool known = std::find(experiments.begin(), experiments.end(), experiment_of(operation)) != experiments.end();
    if (!known && is_on_curve(operation)) {
      experiments.push_back(experiment_of(operation));
    }
    if (experiment_of(operation) == experiment) {
      operations.push_back(operation);
    }
  }
  if (operations.empty()) {
    section.refuse("experiment", unknown_name("experiment", experiment, experiments));
  }
  const auto chosen = section.texts("operations");
  if (chosen.empty()) {
    return operations;
  }
  std::vector<Operation> restricted;
  for (const std::string& name : chosen) {
    const auto operation = section.located("operations", [&] { return parse_name<Operation>(name); });
    if (experiment_of(operation) != experiment) {
      section.refuse("operations", fmt::format("'{}' is no operation of experiment '{}'", name, experiment));
    }
    restricted.push_back(operation);
  }
  return restricted;
}

template <class Predicate>
bool all_operations(const MeasureSection& section, Predicate predicate) {
  return std::all_of(section.operations.begin(), section.operations.end(), predicate);
}

void read_fabric(StrictTable& table, MeasureSection& section) {
  if (const auto text = table.optional_text("fabric")) {
    section.fabric = table.located("fabric", [&] { return parse_name<Fabric>(*text); });
    if (section.fabric == Fabric::unknown) {
      table.refuse("fabric", "'unknown' is an observation, not a request");
    }
  }
}

using CountWords = std::vector<std::pair<std::string_view, std::uint32_t>>;

// Counts from 1, one or a list; some have words.
std::vector<std::uint32_t> read_group_sizes(StrictTable& table, std::string_view key, std::string_view what,
                                            const CountWords& words) {
  std::vector<std::uint32_t> counts;
  for (const std::string& text : table.texts(key)) {
    const auto word = std::find_if(words.begin(), words.end(), [&](const auto& each) { return each.first == text; });
    if (word != words.end()) {
      counts.push_back(word->second);
      continue;
    }
    std::uint32_t count = 0;
    const char* const end = text.data() + text.size();
    if (std::from_chars(text.data(), end, count).ptr != end || count < 1 || count > most_ranks) {
      table.refuse(key, fmt::format("'{}' is not a number of {} (1 to {}) or \"{}\"", text, what, most_ranks,
                                    fmt::join(words | std::views::keys, "\" or \"")));
    }
    counts.push_back(count);
  }
  return counts;
}

// true: all; false: one alone.
std::vector<std::uint32_t> read_concurrent(StrictTable& table) {
  std::vector<std::uint32_t> counts;
  for (const auto& value : table.booleans_or_integers("concurrent", 1)) {
    if (const auto* all = std::get_if<bool>(&value)) {
      counts.push_back(*all ? all_at_once : 1);
    } else if (const std::int64_t count = std::get<std::int64_t>(value); count <= most_ranks) {
      counts.push_back(static_cast<std::uint32_t>(count));
    } else {
      table.refuse("concurrent", fmt::format("expected at most {} groups", most_ranks));
    }
  }
  return counts.empty() ? std::vector{1U} : counts;
}

void read_ranks(StrictTable& table, MeasureSection& section) {
  section.ranks = read_group_sizes(table, "ranks", "ranks", {{"all", 0}});
  section.nodes = read_group_sizes(table, "nodes", "nodes", {{"all", 0}, {"doubling", every_doubling}});
  section.ranks_per_node = read_group_sizes(table, "ranks_per_node", "ranks", {{"all", 0}});
  if (section.nodes.empty() && !section.ranks_per_node.empty()) {
    table.refuse("ranks_per_node", "goes with the key nodes");
  }
  for (const char* key : {"group", "ranks"}) {
    if (!section.nodes.empty() && table.has(key)) {
      table.refuse(key, "nodes and ranks_per_node describe the groups: leave one or the other out");
    }
  }
}

void read_groups(StrictTable& table, MeasureSection& section) {
  section.groups = read_names<GroupKind>(table, "group", {});
  section.concurrent = read_concurrent(table);
  for (const GroupKind kind : section.groups) {
    if (!all_operations(section, [kind](Operation operation) { return goes_with(kind, operation); })) {
      table.refuse(
          "group",
          fmt::format("'{}' is no group for experiment '{}': collectives run on world, node or rail, ping_pong "
                      "on world, pair, node_pair or cross_rail, pipeline_send on world, chain or node_chain",
                      name_of(kind), experiment_of(section.operations.front())));
    }
    const bool other_than_two =
        std::any_of(section.ranks.begin(), section.ranks.end(), [](std::uint32_t k) { return k != 0 && k != 2; });
    if (is_pair(kind) && other_than_two) {
      table.refuse("ranks", fmt::format("group '{}' has 2 ranks", name_of(kind)));
    }
  }
}

void read_pairs(StrictTable& table, MeasureSection& section) {
  section.all_pairs = table.optional_boolean("all_pairs").value_or(false);
  const bool alone = section.groups == std::vector{GroupKind::node_pair} && section.concurrent == std::vector{1U};
  if (section.all_pairs && !alone) {
    table.refuse("all_pairs", "goes with group = \"node_pair\" alone, without concurrent");
  }
}

void read_modes(StrictTable& table, MeasureSection& section) {
  section.modes = read_names<Mode>(table, "mode", {});
  for (const Operation operation : section.operations) {
    if (!section.modes.empty() && std::none_of(section.modes.begin(), section.modes.end(),
                                               [&](Mode mode) { return goes_with(mode, operation); })) {
      table.refuse("mode", fmt::format("'{}' is a stream of messages: expected stream or graph among the modes (or "
                                       "leave it out with the key operations)",
                                       name_of(operation)));
    }
  }
}

void read_reductions(StrictTable& table, MeasureSection& section) {
  section.reductions = read_names<Reduction>(table, "reduction", {Reduction::sum});
  if (table.has("reduction") && !all_operations(section, is_reduction)) {
    table.refuse("reduction", "only all_reduce, reduce_scatter and reduce combine elements");
  }
}

void read_in_place(StrictTable& table, MeasureSection& section) {
  section.in_place = read_choices(table, "in_place");
  const bool asked = std::find(section.in_place.begin(), section.in_place.end(), true) != section.in_place.end();
  if (asked && !all_operations(section, has_in_place)) {
    table.refuse("in_place", "only collectives of equal blocks can run in place");
  }
}

void read_native(StrictTable& table, MeasureSection& section) {
  section.native = read_choices(table, "native");
  const bool asked = std::find(section.native.begin(), section.native.end(), true) != section.native.end();
  if (asked && !all_operations(section, has_native)) {
    table.refuse("native", "only all_to_all, gather and scatter are made of sends and have a call of NCCL's own, too");
  }
}

std::vector<std::string> read_pins(StrictTable& table, std::string_view key) {
  std::vector<std::string> pins;
  for (const std::string& text : table.texts(key)) {
    const std::string pin = lower_case(text);
    if (pin.size() > longest_pin ||
        !std::all_of(pin.begin(), pin.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; })) {
      table.refuse(key, fmt::format("'{}' is no name of letters, digits and '_', {} at most", pin, longest_pin));
    }
    pins.push_back(pin == "default" ? "" : pin);
  }
  return pins.empty() ? std::vector<std::string>{""} : pins;
}

void read_micro_batches(StrictTable& table, MeasureSection& section) {
  constexpr std::int64_t most_micro_batches = 4096;
  constexpr std::uint32_t usual_micro_batches = 8;
  const auto micro_batches = table.integers("micro_batches", 1);
  if (std::any_of(micro_batches.begin(), micro_batches.end(), [](auto m) { return m > most_micro_batches; })) {
    table.refuse("micro_batches", fmt::format("expected at most {}", most_micro_batches));
  }
  section.micro_batches.assign(micro_batches.begin(), micro_batches.end());
  const bool pipeline = is_pipeline(section.operations.front());
  if (!pipeline && !section.micro_batches.empty()) {
    table.refuse("micro_batches", "only experiment 'pipeline_send' has micro-batches");
  }
  if (pipeline && section.micro_batches.empty()) {
    section.micro_batches.push_back(usual_micro_batches);
  }
}

void read_routings(StrictTable& table, MeasureSection& section, const std::filesystem::path& folder) {
  constexpr double most_skew = 100;
  for (const char* key : {"skew", "matrix"}) {
    if (table.has(key) && section.operations.front() != Operation::all_to_all_v) {
      table.refuse(key, "only experiment 'all_to_all_v' deals elements out unevenly");
    }
  }
  for (const double skew : table.numbers("skew")) {
    if (!(skew >= 0 && skew <= most_skew)) {
      table.refuse("skew", fmt::format("expected numbers from 0 (even) to {:g}", most_skew));
    }
    section.routings.push_back({skew, {}, {}});
  }
  for (const std::string& name : table.texts("matrix")) {
    section.routings.push_back(table.located("matrix", [&] { return read_routing_matrix(folder / name); }));
  }
  if (section.routings.empty()) {
    section.routings.emplace_back();
  }
}

void check_whole_elements(StrictTable& table, const MeasureSection& section) {
  for (const Element element : section.elements) {
    for (const Bytes payload : section.payloads) {
      if (payload.count % size_of(element).count != 0) {
        table.refuse("sizes", fmt::format("{} is no whole number of {} elements of {}", to_string(payload),
                                          name_of(element), to_string(size_of(element))));
      }
    }
  }
}

}  // namespace

MeasureSection read_section(StrictTable& table, const SectionFolders& folders) {
  MeasureSection section;
  section.operations = read_operations(table);
  read_fabric(table, section);
  read_ranks(table, section);
  read_groups(table, section);
  read_pairs(table, section);
  section.elements = read_names<Element>(table, "element", {Element::float32});
  read_reductions(table, section);
  read_modes(table, section);
  read_in_place(table, section);
  read_native(table, section);
  section.buffers = read_names<Buffers>(table, "buffers", {Buffers::plain});
  section.caches = read_names<Cache>(table, "cache", {});
  section.algorithms = read_pins(table, "algorithm");
  section.protocols = read_pins(table, "protocol");
  read_routings(table, section, folders.plan);
  read_micro_batches(table, section);
  const Sizes sizes = read_sizes(table, folders.models);
  section.payloads = sizes.payloads;
  section.grid = sizes.grid;
  check_whole_elements(table, section);
  table.finish();
  return section;
}

}  // namespace hockney::inline plan
