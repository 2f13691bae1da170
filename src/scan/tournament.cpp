#include "scan/tournament.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <numeric>
#include <random>

#include "base/error.hpp"

namespace hockney::scan {
namespace {

constexpr std::string_view round_prefix = "scan-round-";

// Fisher-Yates on mt19937_64: std::shuffle may differ between standard libraries.
std::vector<std::uint32_t> shuffled(std::uint32_t count, std::mt19937_64& generator) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  for (std::uint32_t left = count; left > 1; --left) {
    std::swap(order[left - 1], order[generator() % left]);
  }
  return order;
}

// The circle method: seat 0 stays, the others move on by one place each round.
Round round_of_circle(std::uint32_t seats, std::uint32_t number, const std::vector<std::uint32_t>& node_at,
                      std::uint32_t nodes) {
  const auto seat_of = [&](std::uint32_t place) { return place == 0 ? 0 : 1 + (place - 1 + number) % (seats - 1); };
  Round round;
  for (std::uint32_t place = 0; place < seats / 2; ++place) {
    const std::uint32_t a = node_at[seat_of(place)];
    const std::uint32_t b = node_at[seat_of(seats - 1 - place)];
    if (a < nodes && b < nodes) {
      round.push_back({std::min(a, b), std::max(a, b)});
    }
  }
  std::sort(round.begin(), round.end());
  return round;
}

std::uint32_t read_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) {
    throw InputError(fmt::format("rounds of a scan: '{}': expected a number of a node", text));
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool skip(std::string_view& text, std::string_view word) {
  const bool is_there = text.starts_with(word);
  text.remove_prefix(is_there ? word.size() : 0);
  return is_there;
}

}  // namespace

std::vector<Round> draw_tournament(std::uint32_t nodes, std::uint32_t rounds, std::uint64_t seed) {
  if (nodes < 2) {
    throw Failure("a tournament needs two nodes");
  }
  std::mt19937_64 generator(seed);
  const std::uint32_t seats = nodes + nodes % 2;  // of an odd number, one seat stays empty
  const std::vector<std::uint32_t> node_at = shuffled(seats, generator);
  const std::vector<std::uint32_t> order = shuffled(seats - 1, generator);
  std::vector<Round> drawn;
  for (std::uint32_t number = 0; number < rounds; ++number) {
    drawn.push_back(round_of_circle(seats, order[number % order.size()], node_at, nodes));
  }
  return drawn;
}

std::string to_text(const std::vector<Round>& rounds) {
  std::string text;
  for (const Round& round : rounds) {
    text += text.empty() ? "" : ";";
    for (const NodePair& pair : round) {
      text += fmt::format("{}{}-{}", text.empty() ? "" : " ", pair.one, pair.other);
    }
  }
  return text;
}

std::vector<Round> parse_tournament(std::string_view text) {
  std::vector<Round> rounds(1);
  while (!text.empty()) {
    NodePair pair;
    pair.one = read_number(text);
    if (!skip(text, "-")) {
      throw InputError("rounds of a scan: expected pairs such as 0-5");
    }
    pair.other = read_number(text);
    rounds.back().push_back(pair);
    if (skip(text, ";")) {
      rounds.emplace_back();
    }
    skip(text, " ");
  }
  return rounds;
}

std::string name_of_round(std::size_t number) { return fmt::format("{}{}", round_prefix, number); }

std::optional<std::size_t> number_of_round(std::string_view name) {
  if (!name.starts_with(round_prefix)) {
    return std::nullopt;
  }
  name.remove_prefix(round_prefix.size());
  std::size_t number = 0;
  const bool is_number = std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc{};
  return is_number ? std::optional(number) : std::nullopt;
}

Routing routing_of(const Round& round, std::uint32_t nodes, const std::string& name) {
  std::vector<std::uint32_t> partner(nodes);
  std::iota(partner.begin(), partner.end(), 0U);
  for (const NodePair& pair : round) {
    partner.at(pair.one) = pair.other;
    partner.at(pair.other) = pair.one;
  }
  Routing routing{0, name, std::vector<double>(std::size_t{nodes} * nodes)};
  for (std::uint32_t node = 0; node < nodes; ++node) {
    routing.weights[std::size_t{node} * nodes + partner[node]] = 1;
  }
  return routing;
}

}  // namespace hockney::scan
