#include "plan/case.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "plan/goes_with.hpp"

namespace hockney::inline plan {
namespace {

std::string routing_name(const Routing& routing) {
  return routing.matrix.empty() ? fmt::format("/skew:{}", routing.skew) : fmt::format("/matrix:{}", routing.matrix);
}

// What the rank that receives most gets.
Bytes most_received(const Case& point) {
  const std::uint32_t ranks = point.group.ranks;
  if (point.operation != Operation::all_to_all_v) {
    return receive_bytes(point.operation, point.payload, ranks);
  }
  const Bytes element = size_of(point.element);
  return element * fullest_ranks(point.routing, point.payload.count / element.count, ranks).received;
}

Bytes bytes_of_set(const Case& point) {
  if (point.operation == Operation::matmul) {
    return point.payload;
  }
  return point.in_place ? point.payload
                        : send_bytes(point.operation, point.payload, point.group.ranks) + most_received(point);
}

std::uint32_t sets_of(const Case& point, Bytes set, Bytes cache_size) {
  constexpr std::uint64_t most_sets = 64;
  const Bytes to_fill = cache_size * 2;
  const std::uint64_t least = point.in_place && accumulates_in_place(point.operation) && is_back_to_back(point.mode)
                                  ? most_operations(point)
                                  : 1;
  const std::uint64_t wanted =
      point.cache == Cache::rotate && set.count > 0
          ? std::clamp<std::uint64_t>((to_fill.count + set.count - 1) / set.count, 1, most_sets)
          : 1;
  return static_cast<std::uint32_t>(std::max(least, wanted));
}

}  // namespace

std::string Case::curve_name() const {
  std::string text = fmt::format("{}/{}/{}/n:{}x{}", name_of(operation), name_of(transport), name_of(fabric),
                                 group.ranks, group.ranks_per_node);
  if (group.stride != 1) {
    text += fmt::format("/stride:{}", group.stride);
  }
  if (group.concurrent != 1) {
    text += fmt::format("/concurrent:{}", group.concurrent);
  }
  text += fmt::format("/{}/{}/{}", name_of(element), name_of(mode), in_place ? "in_place" : "out_of_place");
  if (is_pipeline(operation) || operation == Operation::step_replay) {
    text += fmt::format("/micro_batches:{}", micro_batches);
  }
  if (reduction != Reduction::sum) {
    text += fmt::format("/reduction:{}", name_of(reduction));
  }
  if (buffers != Buffers::plain) {
    text += fmt::format("/buffers:{}", name_of(buffers));
  }
  if (cache != Cache::hot) {
    text += fmt::format("/{}", name_of(cache));
  }
  if (operation == Operation::all_to_all_v) {
    text += routing_name(routing);
  }
  if (operation == Operation::matmul) {
    text += fmt::format("/{}/m:{}/n:{}/k:{}/{}", name_of(matmul.pass), matmul.m, matmul.n, matmul.k, matmul.layer);
  }
  if (operation == Operation::step_replay) {
    text += "/" + to_text(step);
  }
  for (const auto& [key, pin] : {std::pair{"algorithm", algorithm}, std::pair{"protocol", protocol}}) {
    if (!pin.empty()) {
      text += fmt::format("/{}:{}", key, pin);
    }
  }
  return text;
}

std::string Case::name() const { return fmt::format("{}/payload:{}", curve_name(), compact(payload)); }

std::optional<double> wire_factor(const Case& point) {
  const std::uint32_t ranks = point.group.ranks;
  if (!is_on_curve(point.operation)) {
    return std::nullopt;
  }
  if (point.operation != Operation::all_to_all_v) {
    return wire_factor(point.operation, ranks);
  }
  const std::uint64_t elements = point.payload.count / size_of(point.element).count;
  const bool is_known = point.routing.matrix.empty() || !point.routing.weights.empty();
  if (!is_known || elements == 0) {
    return std::nullopt;
  }
  const FullestRanks fullest = fullest_ranks(point.routing, elements, ranks);
  return static_cast<double>(std::max(fullest.sent_to_others, fullest.received_from_others)) /
         static_cast<double>(elements);
}

std::uint32_t most_operations(const Case& point) {
  constexpr std::uint32_t most_back_to_back = 32;
  if (is_point_to_point(point.operation) || point.operation == Operation::step_replay) {
    return point.operations_per_sample;
  }
  return is_back_to_back(point.mode) ? most_back_to_back : 1;
}

std::uint32_t buffer_sets(const Case& point, Bytes cache_size) {
  if (point.operation == Operation::step_replay) {
    return 1;
  }
  return sets_of(point, bytes_of_set(point), cache_size);
}

Bytes memory_per_rank(const Case& point, Bytes cache_size) {
  if (point.operation == Operation::step_replay) {
    return replay_memory(point.step, point.payload);
  }
  const Bytes set = bytes_of_set(point);
  const Bytes pristine = point.in_place ? point.payload : Bytes{0};
  return set * sets_of(point, set, cache_size) + pristine;
}

}  // namespace hockney::inline plan
