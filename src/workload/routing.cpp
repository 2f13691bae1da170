#include "workload/routing.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <span>

#include "base/error.hpp"

namespace hockney::inline workload {
namespace {

std::vector<double> weights_of(const Routing& routing, std::uint32_t ranks) {
  const std::size_t cells = std::size_t{ranks} * ranks;
  if (!routing.matrix.empty()) {
    if (routing.weights.size() != cells) {
      throw Failure(fmt::format("routing matrix '{}' has {} weights; {} ranks need {}", routing.matrix,
                                routing.weights.size(), ranks, cells));
    }
    return routing.weights;
  }
  std::vector<double> weights(cells);
  for (std::size_t i = 0; i < cells; ++i) {
    weights[i] = std::pow(static_cast<double>(i % ranks + 1), -routing.skew);
  }
  return weights;
}

void cut(std::span<std::uint64_t> parts, std::span<const double> weights, std::uint64_t elements) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (total == 0) {
    return;
  }
  std::vector<double> remainders(parts.size());
  std::uint64_t left = elements;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const double exact = static_cast<double>(elements) * (weights[i] / total);
    parts[i] = std::min(left, static_cast<std::uint64_t>(exact));
    remainders[i] = exact - static_cast<double>(parts[i]);
    left -= parts[i];
  }
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; left > 0; ++i, --left) {
    ++parts[order[i % order.size()]];
  }
}

bool is_dealt_to(double weight) { return weight != 0; }

// Empty without a matrix.
std::span<const double> row_of(const Routing& routing, std::uint32_t rank, std::uint32_t ranks) {
  const std::span<const double> weights(routing.weights);
  return weights.empty() ? weights : weights.subspan(std::size_t{rank} * ranks, ranks);
}

}  // namespace

std::vector<std::uint64_t> routed_elements(const Routing& routing, std::uint64_t elements, std::uint32_t ranks) {
  const std::vector<double> weights = weights_of(routing, ranks);
  std::vector<std::uint64_t> parts(weights.size());
  for (std::size_t row = 0; row < ranks; ++row) {
    cut(std::span(parts).subspan(row * ranks, ranks), std::span(weights).subspan(row * ranks, ranks), elements);
  }
  return parts;
}

bool sends(const Routing& routing, std::uint32_t rank, std::uint32_t ranks) {
  const auto row = row_of(routing, rank, ranks);
  return row.empty() || std::any_of(row.begin(), row.end(), is_dealt_to);
}

std::optional<std::vector<std::uint32_t>> partners_of(const Routing& routing, std::uint32_t ranks) {
  if (routing.weights.size() != std::size_t{ranks} * ranks) {
    return std::nullopt;
  }
  std::vector<std::uint32_t> partners;
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    const auto row = row_of(routing, rank, ranks);
    const auto receivers = std::count_if(row.begin(), row.end(), is_dealt_to);
    if (receivers > 1) {
      return std::nullopt;
    }
    const auto receiver = std::find_if(row.begin(), row.end(), is_dealt_to) - row.begin();
    partners.push_back(receivers == 0 ? rank : static_cast<std::uint32_t>(receiver));
  }
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    if (!sends(routing, partners[rank], ranks)) {
      partners[partners[rank]] = rank;
    }
  }
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    if (partners[partners[rank]] != rank) {
      return std::nullopt;
    }
  }
  return partners;
}

FullestRanks fullest_ranks(const Routing& routing, std::uint64_t elements, std::uint32_t ranks) {
  const std::vector<std::uint64_t> parts = routed_elements(routing, elements, ranks);
  FullestRanks fullest;
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    const auto sent = std::span(parts).subspan(rank * ranks, ranks);
    std::uint64_t received = 0;
    for (std::size_t sender = 0; sender < ranks; ++sender) {
      received += parts[sender * ranks + rank];
    }
    const std::uint64_t kept = parts[rank * ranks + rank];
    fullest.sent_to_others =
        std::max(fullest.sent_to_others, std::accumulate(sent.begin(), sent.end(), std::uint64_t{0}) - kept);
    fullest.received_from_others = std::max(fullest.received_from_others, received - kept);
    fullest.received = std::max(fullest.received, received);
  }
  return fullest;
}

}  // namespace hockney::inline workload
