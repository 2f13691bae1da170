#include "scan/suspect.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/number.hpp"

namespace hockney::scan {
namespace {

// " (GPU-..., mlx5_0:1)"; of a path without GPUs, which are of two nodes.
std::string devices_text(const Suspect& suspect, std::uint32_t rail, const NodeNames& names) {
  std::vector<std::string> devices;
  const auto add = [&](const std::string& device) {
    if (!device.empty()) {
      devices.push_back(device);
    }
  };
  if (is_one_node(suspect)) {
    add(names.gpu(suspect.nodes.one, rail));
  }
  if (suspect.adapters.contains(rail)) {
    const std::string& adapters = suspect.adapters.at(rail);
    const bool is_number = adapters.find_first_not_of("0123456789,") == std::string::npos;
    add(is_number ? "NCCL's adapter " + adapters : adapters);
  } else if (const std::string near = names.near_nics(suspect.nodes.one, rail); is_one_node(suspect) && !near.empty()) {
    add(fmt::format("near it {}, not observed", near));
  }
  return devices.empty() ? "" : fmt::format(" ({})", fmt::join(devices, ", "));
}

// "rails 2 (GPU-..., mlx5_2:1), 5 (GPU-..., mlx5_5:1)".
std::string rails_text(const Suspect& suspect, const NodeNames& names_of_nodes) {
  const std::uint32_t rails = names_of_nodes.rails();
  if (suspect.rails.size() == rails) {
    return rails == 1 ? devices_text(suspect, 0, names_of_nodes) : fmt::format(", all {} rails", rails);
  }
  std::vector<std::string> names;
  for (const std::uint32_t rail : suspect.rails) {
    names.push_back(std::to_string(rail) + devices_text(suspect, rail, names_of_nodes));
  }
  return fmt::format(", rail{} {}", names.size() == 1 ? "" : "s", fmt::join(names, ", "));
}

std::string direction_text(const Suspect& suspect, const NodeNames& names) {
  const bool is_path = suspect.kind == SuspectKind::path;
  const auto from_to = [&](std::uint32_t from, std::uint32_t to) {
    return fmt::format(", from {} to {} and not back", names.host(from), names.host(to));
  };
  switch (suspect.direction) {
    case Direction::unknown:
      return "";
    case Direction::sending:
      return is_path ? from_to(suspect.nodes.one, suspect.nodes.other) : ", when it sends and not when it receives";
    case Direction::receiving:
      return is_path ? from_to(suspect.nodes.other, suspect.nodes.one) : ", when it receives and not when it sends";
    case Direction::both:
      return is_path ? ", either way" : ", when it sends and when it receives";
    case Direction::neither:
      return ", only both ways at the same time";
  }
  return "";
}

}  // namespace

bool is_one_node(const Suspect& suspect) {
  return suspect.kind == SuspectKind::node || suspect.kind == SuspectKind::nic;
}

std::set<std::uint32_t> named_nodes(const std::vector<Suspect>& suspects) {
  std::set<std::uint32_t> nodes;
  for (const Suspect& suspect : suspects) {
    if (suspect.kind != SuspectKind::rail) {
      nodes.insert(suspect.nodes.one);
      nodes.insert(suspect.nodes.other);
    }
  }
  return nodes;
}

bool goes_rail_by_rail(const Suspect& suspect, std::uint32_t rails) {
  return suspect.kind != SuspectKind::node && suspect.rails.size() < rails;
}

std::string name_of_suspect(const Suspect& suspect, const NodeNames& names) {
  if (suspect.kind == SuspectKind::rail) {
    return fmt::format("{}, between all hosts", suspect.rails.front());
  }
  const std::string other = suspect.kind == SuspectKind::path ? " - " + names.host(suspect.nodes.other) : "";
  return names.host(suspect.nodes.one) + other + rails_text(suspect, names);
}

std::string to_text(const Suspect& suspect, const NodeNames& names, std::string_view between) {
  std::string text =
      fmt::format("{}: {} {}: exchanges of {} take {} % longer", name_of(suspect.verdict), name_of(suspect.kind),
                  name_of_suspect(suspect, names), to_string(suspect.payload), percent(suspect.excess));
  if (suspect.repeats > 0) {
    text += fmt::format("{}alone, slow in {} of {} repeats{}", between, suspect.slow_repeats, suspect.repeats,
                        direction_text(suspect, names));
  }
  return text;
}

}  // namespace hockney::scan
