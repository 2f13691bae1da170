#include "commands/simulate/phase_text.hpp"

#include <fmt/format.h>
#include <regex>

#include "base/error.hpp"
#include "base/seconds.hpp"
#include "vocabulary/group_on_nodes.hpp"

namespace hockney::commands {
namespace {

constexpr std::uint32_t most_operations = 10000;  // each is simulated in up to 32 slices

std::uint32_t number_of(const std::ssub_match& text, std::uint32_t otherwise) {
  return text.matched ? static_cast<std::uint32_t>(std::stoul(text.str())) : otherwise;
}

std::uint32_t times(std::string_view what, const std::ssub_match& text, std::uint32_t most) {
  const std::uint32_t number = number_of(text, 1);
  if (number == 0 || number > most) {
    throw InputError(fmt::format("{}={}: expected 1 to {}", what, number, most));
  }
  return number;
}

Operation operation_of(const std::string& word) {
  const auto operation = parse_name<Operation>(word);
  if (!simulate::splits_evenly(operation)) {
    throw InputError(
        fmt::format("{}: its ranks do not send alike, so that one node cannot stand for all; expected "
                    "all_reduce, all_gather, reduce_scatter, all_to_all or a transfer",
                    word));
  }
  return operation;
}

PlacedGroup place(Operation operation, const std::smatch& parts) {
  PlacedGroup placed;
  placed.group = group_on_nodes(number_of(parts[3], 0), std::nullopt, number_of(parts[4], 0));
  if (is_point_to_point(operation) && placed.group.ranks != 2) {
    throw InputError(fmt::format("{} ranks: {} joins two ranks", placed.group.ranks, name_of(operation)));
  }
  placed.group.first = number_of(parts[6], 0);
  placed.group.concurrent = times("groups", parts[8], 1000);
  placed.group.stride = placed.group.concurrent;
  placed.nodes = placed.group.nodes();
  placed.at_once = placed.group.concurrent;
  return placed;
}

}  // namespace

simulate::Chain parse_phase(const std::string& text) {
  static const std::regex form(
      R"((\w+):([^:]+):(\d{1,7})/(\d{1,7})(@(\d{1,7}))?(:groups=(\d{1,7}))?(:count=(\d{1,7}))?(:gap=([^:]+))?)");
  std::smatch parts;
  if (!std::regex_match(text, parts, form)) {
    throw InputError(fmt::format("expected {}, as all_to_all:32MiB:64/8", phase_form));
  }
  simulate::Phase phase;
  phase.message.operation = operation_of(parts[1]);
  phase.message.payload = parse_bytes(parts[2].str());
  phase.message.placed = place(phase.message.operation, parts);
  phase.message.count = times("count", parts[10], most_operations);
  const double gap_s = parts[12].matched ? parse_seconds(parts[12].str()).count() : 0;
  return {{phase}, phase.message.count, gap_s};
}

}  // namespace hockney::commands
