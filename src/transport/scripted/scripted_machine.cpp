#include "transport/scripted/scripted_machine.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/shipped.hpp"
#include "base/strict_table.hpp"

namespace hockney::transport {
namespace {

constexpr std::string_view fault_forms =
    "slow-node:NODE:SHARE, slow-nic:NODE/RAIL:SHARE, slow-pair:NODE-NODE:SHARE or slow-rail:RAIL:SHARE, and behind it "
    ":sending or :receiving where the fault is one way only (not of a rail), :loaded or :first=VISITS where it is not "
    "always there";

[[noreturn]] void refuse_fault(const std::string& text) {
  throw InputError(fmt::format("'{}': expected {}", text, fault_forms));
}

std::vector<std::string> cut(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char letter : text) {
    if (letter == separator) {
      parts.emplace_back();
    } else {
      parts.back() += letter;
    }
  }
  return parts;
}

std::optional<std::uint32_t> whole_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole ? std::optional(number) : std::nullopt;
}

char separator_of(FaultPlace place) {
  switch (place) {
    case FaultPlace::nic:
      return '/';
    case FaultPlace::pair:
      return '-';
    default:
      return 0;
  }
}

std::string where_text(const ScriptedFault& fault) {
  switch (fault.place) {
    case FaultPlace::nic:
      return fmt::format("{}/{}", fault.node, fault.rail);
    case FaultPlace::pair:
      return fmt::format("{}-{}", fault.node, fault.other);
    case FaultPlace::rail:
      return std::to_string(fault.rail);
    default:
      return std::to_string(fault.node);
  }
}

// Whether the numbers were right for the place.
bool read_where(ScriptedFault& fault, const std::string& text) {
  const char separator = separator_of(fault.place);
  const std::vector<std::string> parts = separator == 0 ? std::vector{text} : cut(text, separator);
  std::vector<std::uint32_t> numbers;
  for (const std::string& part : parts) {
    const auto number = whole_number(part);
    if (!number) {
      return false;
    }
    numbers.push_back(*number);
  }
  if (numbers.size() != (separator == 0 ? 1U : 2U)) {
    return false;
  }
  (fault.place == FaultPlace::rail ? fault.rail : fault.node) = numbers.front();
  if (fault.place == FaultPlace::nic) {
    fault.rail = numbers.back();
  }
  if (fault.place == FaultPlace::pair) {
    fault.other = numbers.back();
  }
  return fault.place != FaultPlace::pair || fault.node != fault.other;
}

// Whether the word was one that a fault can have, and has not yet.
bool read_condition(ScriptedFault& fault, const std::string& text) {
  constexpr std::string_view first = "first=";
  if (text == name_of(FaultWay::sending) || text == name_of(FaultWay::receiving)) {
    const bool is_new = fault.way == FaultWay::both && fault.place != FaultPlace::rail;
    fault.way = parse_name<FaultWay>(text);
    return is_new;
  }
  if (text == "loaded") {
    return !std::exchange(fault.under_load, true);
  }
  const auto visits =
      text.starts_with(first) ? whole_number(std::string_view(text).substr(first.size())) : std::nullopt;
  return std::exchange(fault.only_visits, visits.value_or(0)) == 0 && fault.only_visits != 0;
}

std::vector<ScriptedSegment> read_segments(StrictTable& machine, std::string_view key) {
  std::vector<ScriptedSegment> segments;
  for (StrictTable& row : machine.tables(key)) {
    ScriptedSegment segment;
    segment.from = row.located("from", [&] { return parse_bytes(row.optional_text("from").value_or("0B")); });
    segment.alpha = row.located("alpha", [&] { return parse_seconds(row.text("alpha")); });
    segment.beta = row.located("beta", [&] { return inverse(parse_rate(row.text("beta"))); });
    row.finish();
    const bool in_order = segments.empty() ? segment.from.count == 0 : segments.back().from < segment.from;
    if (!in_order) {
      row.refuse("from", "expected 0 B first, then larger payloads in ascending order");
    }
    segments.push_back(segment);
  }
  if (segments.empty()) {
    machine.refuse(key, "expected one or more tables with from, alpha and beta");
  }
  return segments;
}

std::string to_text(const std::vector<ScriptedSegment>& segments) {
  std::string text;
  for (const ScriptedSegment& segment : segments) {
    text += text.empty() ? "" : fmt::format("; from {}: ", to_string(segment.from));
    text += fmt::format("alpha {}, beta {}", base::to_string(segment.alpha), to_string(inverse(segment.beta)));
  }
  return text;
}

}  // namespace

ScriptedFault parse_fault(const std::string& text) {
  const std::vector<std::string> parts = cut(text, ':');
  if (parts.size() < 3) {
    refuse_fault(text);
  }
  ScriptedFault fault;
  fault.place = parse_name<FaultPlace>(parts[0]);
  fault.lost = parse_fraction(parts[2]);
  const bool is_share = fault.lost > 0 && fault.lost < 1;
  if (!is_share || !read_where(fault, parts[1])) {
    refuse_fault(text);
  }
  for (auto part = parts.begin() + 3; part != parts.end(); ++part) {
    if (!read_condition(fault, *part)) {
      refuse_fault(text);
    }
  }
  return fault;
}

std::string to_string(const ScriptedFault& fault) {
  std::string text = fmt::format("{}:{}:{}%", name_of(fault.place), where_text(fault), significant(fault.lost * 100));
  text += fault.way == FaultWay::both ? "" : fmt::format(":{}", name_of(fault.way));
  text += fault.under_load ? ":loaded" : "";
  return text + (fault.only_visits == 0 ? "" : fmt::format(":first={}", fault.only_visits));
}

ScriptedMachine read_scripted_machine(const std::string& name_or_file, const std::filesystem::path& machines) {
  StrictTable table = StrictTable::read(find_shipped_toml("machine", name_or_file, machines));
  ScriptedMachine machine;
  machine.name = table.text("name");
  table.text("source");
  machine.ranks_per_node = static_cast<std::uint32_t>(table.integer("ranks_per_node", 1));
  machine.ranks = machine.ranks_per_node;
  machine.intra_node = table.located("intra_node", [&] { return parse_name<Fabric>(table.text("intra_node")); });
  machine.inter_node = table.located("inter_node", [&] { return parse_name<Fabric>(table.text("inter_node")); });
  machine.adapters = table.texts("adapters");
  if (!machine.adapters.empty() && machine.adapters.size() != machine.ranks_per_node) {
    table.refuse("adapters", "expected one per rank of a node, or none");
  }
  machine.segments = read_segments(table, "within_node");
  machine.between_nodes = read_segments(table, "between_nodes");
  table.finish();
  return machine;
}

void require_faults_fit(const ScriptedMachine& machine) {
  const std::uint32_t nodes = machine.nodes();
  for (const ScriptedFault& fault : machine.faults) {
    const bool on_nodes = fault.node < nodes && fault.other < nodes;
    if (nodes < 2 || !on_nodes || fault.rail >= machine.ranks_per_node) {
      throw InputError(
          fmt::format("--fault '{}': the machine has nodes 0 to {} and rails 0 to {}; expected two nodes or "
                      "more (--nodes), and a place among them",
                      to_string(fault), nodes - 1, machine.ranks_per_node - 1));
    }
  }
}

std::string to_string(const ScriptedMachine& machine) {
  std::string text = machine.name.empty() ? to_text(machine.segments) : machine.name;
  if (machine.name.empty() && !machine.between_nodes.empty()) {
    text += "; between nodes " + to_text(machine.between_nodes);
  }
  text += fmt::format(", noise {} %", significant(machine.noise * 100));
  if (machine.launch_noise > 0) {
    text += fmt::format(", of launches {} %", significant(machine.launch_noise * 100));
  }
  if (machine.jitter.count() > 0) {
    text += ", jitter " + base::to_string(machine.jitter);
  }
  for (const ScriptedFault& fault : machine.faults) {
    text += ", " + to_string(fault);
  }
  return text;
}

std::vector<Placement> pretended_placements(const ScriptedMachine& machine) {
  std::vector<Placement> placements(machine.ranks);
  for (std::uint32_t rank = 0; rank < machine.ranks; ++rank) {
    placements[rank].rank = static_cast<int>(rank);
    placements[rank].host = fmt::format("node-{}", rank / machine.ranks_per_node);
    placements[rank].local_rank = static_cast<int>(rank % machine.ranks_per_node);
  }
  return placements;
}

}  // namespace hockney::transport
