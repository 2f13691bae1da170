#include "commands/show/what_ran.hpp"

#include <nlohmann/json.hpp>

#include "base/number.hpp"
#include "base/text_table.hpp"

namespace hockney::commands {
namespace {

std::string text_or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string known(double value, std::string_view unit = "") {
  return value > 0 ? fmt::format("{}{}", significant(value), unit) : "-";
}

// The different texts of a point's passes; passes that tell nothing do not count.
std::string texts(const PointOfLaunch& row, std::string Observation::*member) {
  std::vector<const Measurement*> telling;
  std::copy_if(row.passes.begin(), row.passes.end(), std::back_inserter(telling),
               [member](const Measurement* visit) { return !(visit->observation.*member).empty(); });
  if (telling.empty()) {
    return "";
  }
  return joined(
      telling, [member](const Measurement& visit) { return visit.observation.*member; },
      [](const std::string& text) { return text; });
}

std::string channels(const PointOfLaunch& row) {
  return joined(
      row.passes, [](const Measurement& visit) { return visit.observation.channels; },
      [](std::uint32_t count) { return count == 0 ? std::string("-") : std::to_string(count); });
}

double estimate_s(const PointOfLaunch& row) {
  double largest = 0;
  for (const Measurement* visit : row.passes) {
    largest = std::max(largest, visit->observation.estimate_s);
  }
  return largest;
}

bool tells_what_ran(const PointOfLaunch& row) {
  return std::any_of(row.passes.begin(), row.passes.end(), [](const Measurement* visit) {
    const Observation& seen = visit->observation;
    return !seen.algorithm.empty() || !seen.protocol.empty() || !seen.connections.empty() || !seen.settings.empty() ||
           seen.channels != 0 || seen.estimate_s > 0;
  });
}

bool is_known(const DeviceState& state) {
  return state.sm_clock_mhz > 0 || state.memory_clock_mhz > 0 || state.temperature_celsius > 0 ||
         state.power_watt > 0 || state.throttle_reasons != 0;
}

std::string throttling(const DeviceState& state) {
  return state.throttle_reasons == 0
             ? "-"
             : fmt::format("{:#x}{}", state.throttle_reasons, state.is_throttled() ? " THROTTLED" : "");
}

void add_state(TextTable& table, const PointOfLaunch& row, const Measurement& visit, std::string_view when,
               const DeviceState& state) {
  if (is_known(state)) {
    table.add({to_string(row.point().payload), short_id(*row.launch), std::to_string(visit.pass), std::string(when),
               known(state.sm_clock_mhz), known(state.memory_clock_mhz), known(state.temperature_celsius),
               known(state.power_watt), throttling(state)});
  }
}

nlohmann::ordered_json as_json(const DeviceState& state, const std::string& when) {
  return {{"sm_clock_" + when + "_mhz", state.sm_clock_mhz},
          {"memory_clock_" + when + "_mhz", state.memory_clock_mhz},
          {"temperature_" + when + "_celsius", state.temperature_celsius},
          {"power_" + when + "_watt", state.power_watt},
          {"throttle_reasons_" + when, state.throttle_reasons}};
}

}  // namespace

std::string describe_what_ran(std::span<const PointOfLaunch> rows) {
  TextTable table({{"what ran"},
                   {"launch", Align::left},
                   {"algorithm", Align::left},
                   {"protocol", Align::left},
                   {"channels"},
                   {"estimate us"},
                   {"connections", Align::left},
                   {"settings", Align::left}});
  bool any = false;
  for (const PointOfLaunch& row : rows) {
    if (tells_what_ran(row)) {
      any = true;
      table.add({to_string(row.point().payload), short_id(*row.launch),
                 text_or_dash(texts(row, &Observation::algorithm)), text_or_dash(texts(row, &Observation::protocol)),
                 channels(row), known(estimate_s(row) * 1e6), text_or_dash(texts(row, &Observation::connections)),
                 text_or_dash(texts(row, &Observation::settings))});
    }
  }
  return any ? table.print() : "";
}

std::string describe_devices(std::span<const PointOfLaunch> rows) {
  TextTable table({{"GPU state"},
                   {"launch", Align::left},
                   {"pass"},
                   {"when", Align::left},
                   {"SM MHz"},
                   {"memory MHz"},
                   {"degC"},
                   {"W"},
                   {"throttle reasons", Align::left}});
  bool any = false;
  for (const PointOfLaunch& row : rows) {
    for (const Measurement* visit : row.passes) {
      any = any || is_known(visit->before) || is_known(visit->after);
      add_state(table, row, *visit, "before", visit->before);
      add_state(table, row, *visit, "after", visit->after);
    }
  }
  return any ? table.print() : "";
}

std::string describe_groups(std::span<const PointOfLaunch> rows) {
  if (rows.front().point().group.concurrent < 2) {
    return "";
  }
  TextTable table({{"groups"}, {"launch", Align::left}, {"slowest"}, {"its median us"}});
  for (const PointOfLaunch& row : rows) {
    table.add({to_string(row.point().payload), short_id(*row.launch), std::to_string(row.summary.slowest_group),
               microseconds(row.summary.slowest_group_median_s)});
  }
  return table.print();
}

nlohmann::ordered_json what_ran_as_json(const PointOfLaunch& row) {
  nlohmann::ordered_json json{{"slowest_group", row.summary.slowest_group},
                              {"t_median_slowest_group_s", row.summary.slowest_group_median_s},
                              {"ran_algorithm", texts(row, &Observation::algorithm)},
                              {"ran_protocol", texts(row, &Observation::protocol)},
                              {"ran_channels", row.passes.front()->observation.channels},
                              {"ran_connections", texts(row, &Observation::connections)},
                              {"ran_estimate_s", estimate_s(row)},
                              {"ran_settings", texts(row, &Observation::settings)}};
  json.update(as_json(row.passes.front()->before, "before"));
  json.update(as_json(row.passes.back()->after, "after"));
  return json;
}

}  // namespace hockney::commands
