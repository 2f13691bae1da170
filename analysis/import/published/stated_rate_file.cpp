#include "import/published/stated_rate_file.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "import/published/csv_cell.hpp"
#include "import/published/reference_keys.hpp"

namespace hockney::import {
namespace {

bool is_key_line(std::string_view line) { return line.starts_with('#') && line.find(':') != std::string_view::npos; }

bool states_line_rate(std::string_view line) {
  return is_key_line(line) && trimmed(line.substr(1, line.find(':') - 1)) == "estimated";
}

template <class Action>
void for_each_line(std::string_view text, Action action) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    action(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string how_to_use(const StatedLineRate& rate) {
  constexpr double bytes_per_gigabyte = 1e9;
  const std::string flags = fmt::format("--inter-node-bandwidth {:.6g}GB/s --inter-node-latency {:.6g}us",
                                        rate.bandwidth.value / bytes_per_gigabyte, rate.latency.count() * 1e6);
  return is_inter_node(rate.fabric)
             ? fmt::format("predict from it with hockney predict {}", flags)
             : fmt::format("hockney predict takes a stated rate between nodes only ({}), and {} lies inside a node",
                           flags, name_of(rate.fabric));
}

}  // namespace

void refuse_stated_rate(std::string_view text) {
  bool is_stated = false;
  for_each_line(text, [&](std::string_view line) { is_stated = is_stated || states_line_rate(line); });
  if (!is_stated) {
    return;
  }
  ReferenceKeys keys;
  for_each_line(text, [&](std::string_view line) {
    if (line.starts_with('#')) {
      keys.take(line.substr(1));
    }
  });
  keys.check();
  StatedLineRate rate = keys.line_rate();
  rate.machine = keys.at("machine");
  throw InputError(fmt::format("states a line rate and measured nothing, so there is no curve to import: {}; {}",
                               to_string(rate), how_to_use(rate)));
}

}  // namespace hockney::import
