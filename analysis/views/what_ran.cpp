#include "views/what_ran.hpp"

#include <algorithm>
#include <set>

#include "render/fields.hpp"
#include "render/forms.hpp"

namespace hockney::views {
namespace {

using render::Cell;
using render::known;

constexpr std::tuple state_fields{
    field<&DeviceState::sm_clock_mhz>("sm_clock_mhz", "MHz", "slowest SM clock"),
    field<&DeviceState::memory_clock_mhz>("memory_clock_mhz", "MHz", "slowest memory clock"),
    field<&DeviceState::temperature_celsius>("temperature_celsius", "degC", "highest temperature"),
    field<&DeviceState::power_watt>("power_watt", "W", "highest power"),
    field<&DeviceState::throttle_reasons>("throttle_reasons", "1", "bits of nvmlClocksEventReasons")};

// The different texts of a point's passes; passes that tell nothing do not count.
Cell texts(const PointOfLaunch& row, std::string Observation::*member) {
  std::vector<const Measurement*> telling;
  std::copy_if(row.passes.begin(), row.passes.end(), std::back_inserter(telling),
               [member](const Measurement* visit) { return !(visit->observation.*member).empty(); });
  return telling.empty() ? Cell()
                         : Cell(joined(
                               telling, [member](const Measurement& visit) { return visit.observation.*member; },
                               [](const std::string& text) { return text; }));
}

Cell channels(const PointOfLaunch& row) {
  const std::string all = joined(
      row.passes, [](const Measurement& visit) { return visit.observation.channels; },
      [](std::uint32_t count) { return count == 0 ? std::string("-") : std::to_string(count); });
  return known(row.passes.front()->observation.channels).shown_as(all);
}

Cell estimate_s(const PointOfLaunch& row) {
  double largest = 0;
  for (const Measurement* visit : row.passes) {
    largest = std::max(largest, visit->observation.estimate_s);
  }
  return known(largest);
}

std::vector<Cell> observation_cells(const PointOfLaunch& row) {
  return {texts(row, &Observation::algorithm),   texts(row, &Observation::protocol), channels(row),
          texts(row, &Observation::connections), texts(row, &Observation::adapters), estimate_s(row),
          texts(row, &Observation::settings)};
}

std::vector<render::Column> observation_columns(bool with_adapters) {
  using render::number_column;
  using render::text_column;
  return {text_column("ran_algorithm", "algorithm"),
          text_column("ran_protocol", "protocol"),
          number_column("ran_channels", "channels"),
          text_column("ran_connections", "connections"),
          with_adapters ? text_column("ran_adapters", "adapters") : render::data_column("ran_adapters"),
          number_column("ran_estimate_s", "estimate us", render::microseconds),
          text_column("ran_settings", "settings")};
}

bool is_known(const Cell& cell) { return !std::holds_alternative<std::monostate>(cell.value()); }

std::vector<Cell> state_cells(const DeviceState& state) {
  std::vector<Cell> cells;
  for_each_field(state_fields, [&](const auto& field) { cells.push_back(known(field.in(state))); });
  if (state.throttle_reasons != 0) {
    cells.back() =
        cells.back().shown_as(fmt::format("{:#x}{}", state.throttle_reasons, state.is_throttled() ? " THROTTLED" : ""));
  }
  return cells;
}

void add_state(render::Table& table, const PointOfLaunch& row, const Measurement& visit, std::string_view when,
               const DeviceState& state) {
  const std::vector<Cell> cells = state_cells(state);
  if (std::any_of(cells.begin(), cells.end(), is_known)) {
    auto& cells_of_row = table.rows.emplace_back(
        std::vector<Cell>{row.point().name(), row.point().payload,
                          Cell(row.launch->info.run_uuid).shown_as(short_id(*row.launch)), visit.pass, when});
    cells_of_row.insert(cells_of_row.end(), cells.begin(), cells.end());
  }
}

// "sm_clock_mhz" before a point is "sm_clock_before_mhz".
std::string key_of(std::string_view name, std::string_view when) {
  const auto cut = name.find_last_of('_');
  return name == "throttle_reasons" ? fmt::format("{}_{}", name, when)
                                    : fmt::format("{}_{}{}", name.substr(0, cut), when, name.substr(cut));
}

}  // namespace

std::vector<render::Column> what_ran_columns() {
  std::vector<render::Column> columns;
  for (const render::Column& column : observation_columns(false)) {
    columns.push_back(render::data_column(column.key));
  }
  for (const char* when : {"before", "after"}) {
    for_each_field(state_fields,
                   [&](const auto& field) { columns.push_back(render::data_column(key_of(field.name, when))); });
  }
  return columns;
}

std::vector<Cell> what_ran_cells(const PointOfLaunch& row) {
  std::vector<Cell> cells = observation_cells(row);
  for (const DeviceState* state : {&row.passes.front()->before, &row.passes.back()->after}) {
    const std::vector<Cell> more = state_cells(*state);
    cells.insert(cells.end(), more.begin(), more.end());
  }
  return cells;
}

bool use_different_adapters(std::span<const PointOfLaunch> rows) {
  std::set<std::string_view> different;
  for (const PointOfLaunch& row : rows) {
    different.insert(row.passes.front()->observation.adapters);
  }
  different.erase("");
  return different.size() > 1;
}

render::Table what_ran(std::span<const PointOfLaunch> rows, bool with_adapters) {
  render::Table table;
  table.columns = {render::number_column("", "what ran", render::bytes), render::text_column("", "launch")};
  const std::vector<render::Column> told = observation_columns(with_adapters);
  table.columns.insert(table.columns.end(), told.begin(), told.end());
  for (const PointOfLaunch& row : rows) {
    const std::vector<Cell> cells = observation_cells(row);
    bool tells_any = false;
    for (std::size_t i = 0; i < told.size(); ++i) {
      tells_any = tells_any || (is_known(cells[i]) && told[i].shown == render::Shown::in_column);
    }
    if (tells_any) {
      auto& all = table.rows.emplace_back(std::vector<Cell>{row.point().payload, short_id(*row.launch)});
      all.insert(all.end(), cells.begin(), cells.end());
    }
  }
  return table;
}

render::Table gpu_states(std::span<const PointOfLaunch> rows) {
  using render::number_column;
  using render::text_column;
  render::Table table{.name = "gpu_states"};
  table.columns = {render::data_column("name"),
                   number_column("payload_bytes", "GPU state", render::bytes),
                   text_column("run_uuid", "launch"),
                   number_column("pass", "pass"),
                   text_column("when", "when"),
                   number_column("sm_clock_mhz", "SM MHz"),
                   number_column("memory_clock_mhz", "memory MHz"),
                   number_column("temperature_celsius", "degC"),
                   number_column("power_watt", "W"),
                   text_column("throttle_reasons", "throttle reasons")};
  for (const PointOfLaunch& row : rows) {
    for (const Measurement* visit : row.passes) {
      add_state(table, row, *visit, "before", visit->before);
      add_state(table, row, *visit, "after", visit->after);
    }
  }
  return table;
}

render::Table slowest_groups(std::span<const PointOfLaunch> rows) {
  using render::number_column;
  render::Table table;
  table.columns = {number_column("", "groups", render::bytes), render::text_column("", "launch"),
                   number_column("", "slowest"), number_column("", "its median us", render::microseconds)};
  if (rows.front().point().group.concurrent < 2) {
    return table;
  }
  for (const PointOfLaunch& row : rows) {
    table.rows.push_back(
        {row.point().payload, short_id(*row.launch), row.summary.slowest_group, row.summary.slowest_group_median_s});
  }
  return table;
}

}  // namespace hockney::views
