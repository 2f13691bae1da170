#include "platform/platform.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "base/strict_table.hpp"

namespace hockney::platform {
namespace {

namespace fs = std::filesystem;

double above_zero(StrictTable& table, std::string_view key) {
  const auto value = table.optional_number(key);
  if (!value || !(*value > 0) || !std::isfinite(*value)) {
    table.refuse(key, "expected a number above zero");
  }
  return *value;
}

std::uint32_t count(StrictTable& table, std::string_view key) {
  constexpr std::int64_t most = 100000;
  const std::int64_t value = table.integer(key, 1);
  if (value > most) {
    table.refuse(key, fmt::format("expected at most {}", most));
  }
  return static_cast<std::uint32_t>(value);
}

Fabric fabric(StrictTable& table, std::string_view key, bool (*is_right)(Fabric), std::string_view where) {
  const std::string text = table.text(key);
  const Fabric found = table.located(key, [&] { return parse_name<Fabric>(text); });
  if (!is_right(found)) {
    table.refuse(key, fmt::format("expected a fabric {}", where));
  }
  return found;
}

bool is_month(const std::string& text) {
  const bool has_form =
      text.size() == 7 && text[4] == '-' && text.find_first_not_of("0123456789-") == std::string::npos;
  return has_form && text.substr(5) >= "01" && text.substr(5) <= "12";
}

std::optional<ListPrice> read_price(StrictTable& table) {
  const bool bought = table.has("price_usd_per_system");
  const bool rented = table.has("price_usd_per_hour");
  if (bought && rented) {
    table.refuse("price_usd_per_hour", "price_usd_per_system is there already; expected one of them");
  }
  if (!bought && !rented) {
    return std::nullopt;
  }
  ListPrice price{.usd = above_zero(table, rented ? "price_usd_per_hour" : "price_usd_per_system"),
                  .per_hour = rented,
                  .date = table.text("price_date"),
                  .source = table.text("price_source")};
  if (!is_month(price.date)) {
    table.refuse("price_date", "expected year and month, as 2020-05");
  }
  return price;
}

bool is_nvlink(Fabric fabric) { return fabric == Fabric::nvswitch || fabric == Fabric::nvlink; }

bool is_same(Fabric one, Fabric other) { return one == other || (is_nvlink(one) && is_nvlink(other)); }

// Of one group, from the NICs that all ranks of a node have together.
double share_of_nics(const Platform& platform, const Group& group) {
  const double groups = group.on_same_nodes();
  const double of_one_gpu = std::ceil(1.0 * platform.nics_per_node / platform.gpus_per_node);
  const double nics = std::min<double>(of_one_gpu * group.ranks_per_node * groups, platform.nics_per_node);
  return nics * platform.nic_rate.value / groups;
}

std::optional<BytesPerSecond> rate_between_nodes(const Platform& platform, const Case& point) {
  const Group& group = point.group;
  if (group.nodes() < 2) {
    return std::nullopt;
  }
  const double node = share_of_nics(platform, group);
  if (is_point_to_point(point.operation)) {
    return BytesPerSecond{node / group.ranks_per_node};
  }
  if (point.operation == Operation::all_to_all || point.operation == Operation::all_to_all_v) {
    const double counted = group.ranks - 1;
    const double leaving = group.ranks - group.ranks_per_node;
    return BytesPerSecond{node / group.ranks_per_node * counted / leaving};
  }
  return BytesPerSecond{node};
}

}  // namespace

std::string ListPrice::text() const { return fmt::format("{}/{}", usd, per_hour ? "h" : "system"); }

std::optional<BytesPerSecond> Platform::line_rate(const Case& point) const {
  if (!is_on_curve(point.operation) || !point.group.is_placed()) {
    return std::nullopt;
  }
  if (is_intra_node(point.fabric)) {
    return is_same(point.fabric, inner_fabric) ? std::optional(inner_rate) : std::nullopt;
  }
  return is_same(point.fabric, outer_fabric) ? rate_between_nodes(*this, point) : std::nullopt;
}

Platform read_platform(const fs::path& file) {
  StrictTable table = StrictTable::read(file);
  Platform platform;
  platform.name = table.text("name");
  platform.title = table.text("title");
  platform.source = table.text("source");
  platform.gpu = table.optional_text("gpu").value_or("");
  platform.gpus_per_node = count(table, "gpus_per_node");
  platform.gpu_memory = gibibytes(count(table, "gpu_memory_gib"));
  platform.gpu_memory_rate = {above_zero(table, "gpu_memory_bytes_per_s")};
  platform.inner_fabric = fabric(table, "inner_fabric", is_intra_node, "inside a node");
  platform.inner_rate = {above_zero(table, "inner_bytes_per_s")};
  platform.outer_fabric = fabric(table, "outer_fabric", is_inter_node, "between nodes");
  platform.nics_per_node = count(table, "nics_per_node");
  platform.nic_rate = {above_zero(table, "nic_bytes_per_s")};
  platform.price = read_price(table);
  table.finish();
  return platform;
}

Platform find_platform(const std::string& name_or_file, const fs::path& shipped) {
  return read_platform(find_shipped_toml("platform", name_or_file, shipped));
}

std::optional<Platform> platform_of_machine(const std::string& machine, const fs::path& shipped) {
  const fs::path file = shipped / (machine + ".toml");
  const bool is_name = !machine.empty() && machine.find('/') == std::string::npos;
  return is_name && fs::is_regular_file(file) ? std::optional(read_platform(file)) : std::nullopt;
}

std::vector<Platform> read_platforms(const fs::path& folder) {
  std::vector<Platform> platforms;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".toml") {
      platforms.push_back(read_platform(entry.path()));
    }
  }
  std::sort(platforms.begin(), platforms.end(),
            [](const Platform& one, const Platform& other) { return one.name < other.name; });
  return platforms;
}

}  // namespace hockney::platform
