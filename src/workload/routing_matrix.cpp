#include "workload/routing_matrix.hpp"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstdint>
#include <fmt/format.h>
#include <sstream>
#include <string_view>

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/shipped.hpp"

namespace hockney::inline workload {
namespace {

constexpr std::size_t longest_name = longest_matrix_name - std::string_view("-12345678").size();
constexpr std::size_t most_ranks = 4096;
constexpr double largest_weight = 1e15;  // sums stay finite

std::string name_of_file(const std::filesystem::path& file) {
  std::string name = file.stem().string();
  const bool usable =
      !name.empty() && name.size() <= longest_name && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
      });
  if (!usable) {
    throw InputError(
        fmt::format("{}: a matrix file is named with letters, digits, '-', '_' and '.', {} at most: it "
                    "names points",
                    file.string(), longest_name));
  }
  return name;
}

double parse_weight(const std::string& word) {
  const auto [weight, rest] = split_number(word, "a weight");
  if (!rest.empty() || !(weight >= 0 && weight <= largest_weight)) {
    throw InputError(fmt::format("'{}' is no weight (0 to {:g})", word, largest_weight));
  }
  return weight + 0.0;  // -0 is the same weight as 0
}

// FNV-1a (Fowler, Noll, Vo; RFC 9923), 32 bits, over the weights' IEEE 754 bits, low bytes first.
std::uint32_t hash_of(const std::vector<double>& weights) {
  std::uint32_t hash = 0x811C9DC5U;
  for (const double weight : weights) {
    const auto bits = std::bit_cast<std::uint64_t>(weight);
    for (unsigned shift = 0; shift < 64; shift += 8) {
      hash = (hash ^ static_cast<std::uint8_t>(bits >> shift)) * 0x01000193U;
    }
  }
  return hash;
}

std::vector<double> parse_row(std::string line) {
  line.resize(std::min(line.size(), line.find('#')));
  std::replace(line.begin(), line.end(), ',', ' ');
  std::istringstream words(line);
  std::vector<double> row;
  for (std::string word; words >> word;) {
    row.push_back(parse_weight(word));
  }
  if (!row.empty() && std::all_of(row.begin(), row.end(), [](double weight) { return weight == 0; })) {
    throw InputError("expected at least one weight above 0: every rank sends all of its elements");
  }
  return row;
}

}  // namespace

Routing parse_routing_matrix(std::string_view text, const std::filesystem::path& file) {
  Routing routing;
  const std::string name = name_of_file(file);
  std::istringstream lines{std::string(text)};
  std::size_t columns = 0;
  std::size_t number = 0;
  const auto refuse = [&](const std::string& message) {
    throw InputError(fmt::format("{}:{}: {}", file.string(), number, message));
  };
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      const std::vector<double> row = parse_row(line);
      columns = columns == 0 ? row.size() : columns;
      if (!row.empty() && row.size() != columns) {
        throw InputError(fmt::format("expected {} weights as on the first line, found {}", columns, row.size()));
      }
      if (columns > most_ranks) {
        throw InputError(fmt::format("expected at most {} weights on a line", most_ranks));
      }
      routing.weights.insert(routing.weights.end(), row.begin(), row.end());
    } catch (const InputError& error) {
      refuse(error.what());
    }
  }
  if (columns == 0 || routing.weights.size() != columns * columns) {
    refuse(fmt::format("expected as many lines as weights on a line, {}, found {}", columns,
                       columns == 0 ? 0 : routing.weights.size() / columns));
  }
  routing.matrix = fmt::format("{}-{:08x}", name, hash_of(routing.weights));
  return routing;
}

Routing read_routing_matrix(const std::filesystem::path& file) {
  return parse_routing_matrix(read_text_file(file), file);
}

}  // namespace hockney::inline workload
