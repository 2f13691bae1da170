#include "compare/price.hpp"

#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/text.hpp"

namespace hockney::compare {
namespace {

constexpr double seconds_per_hour = 3600;
constexpr double million = 1e6;

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.push_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(comma + 1);
  }
}

[[noreturn]] void refuse(std::string_view text) {
  throw InputError(
      fmt::format("price '{}': expected USD/h, USD/system,YEARSy[,NETWORK%[,STORAGE%]] or USD/cluster,YEARSy: 32.77/h, "
                  "199000/system,3y,15%,20%",
                  text));
}

Price::Of what_of(std::string_view unit, std::string_view text) {
  if (unit == "/h") {
    return Price::Of::node_hour;
  }
  if (unit == "/system") {
    return Price::Of::node;
  }
  if (unit == "/cluster") {
    return Price::Of::cluster;
  }
  refuse(text);
}

double years_of(std::string_view part, std::string_view text) {
  const auto [years, unit] = split_number(part, "years, as 3y");
  if (unit != "y" || !(years > 0)) {
    refuse(text);
  }
  return years;
}

double share_of(std::string_view part, std::string_view text) {
  const double share = parse_fraction(part);
  if (!(share >= 0)) {
    refuse(text);
  }
  return share;
}

std::size_t most_parts(Price::Of of) { return of == Price::Of::node_hour ? 1 : of == Price::Of::cluster ? 2 : 4; }

}  // namespace

std::optional<double> Price::to_buy(double nodes) const {
  if (!is_bought()) {
    return std::nullopt;
  }
  return of == Of::cluster ? usd : nodes * usd / (1 - network - storage);
}

double Price::per_hour(double nodes) const {
  const std::optional<double> bought = to_buy(nodes);
  return bought ? *bought / (years * hours_per_year) : nodes * usd;
}

Price parse_price(std::string_view text) {
  const std::vector<std::string_view> parts = parts_of(text);
  const auto [usd, unit] = split_number(parts[0], "a price in USD, as 32.77/h");
  Price price{.of = what_of(unit, text), .usd = usd, .text = std::string(text)};
  if (!(usd > 0) || parts.size() > most_parts(price.of) || (price.is_bought() && parts.size() < 2)) {
    refuse(text);
  }
  price.years = price.is_bought() ? years_of(parts[1], text) : 0;
  price.network = parts.size() > 2 ? share_of(parts[2], text) : 0;
  price.storage = parts.size() > 3 ? share_of(parts[3], text) : 0;
  if (price.network + price.storage >= 1) {
    throw InputError(
        fmt::format("price '{}': network and storage are shares of the whole, less than 100 % together", text));
  }
  return price;
}

RunCost run_cost(const Price& price, double tokens, double tokens_per_step, double step_s, double nodes) {
  const double steps = std::ceil(tokens / tokens_per_step);
  const double seconds = steps * step_s;
  const double usd = price.per_hour(nodes) * seconds / seconds_per_hour;
  return {steps, seconds, usd, usd / (steps * tokens_per_step) * million};
}

}  // namespace hockney::compare
