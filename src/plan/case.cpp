#include "plan/case.hpp"

#include <algorithm>
#include <fmt/compile.h>
#include <fmt/format.h>

#include "plan/goes_with.hpp"

namespace hockney::inline plan {
namespace {

OwnFactors own_factors_of(Operation operation) {
  if (is_pipeline(operation)) {
    return MicroBatches{};
  }
  switch (operation) {
    case Operation::all_to_all_v:
      return Routing{};
    case Operation::matmul:
      return Matmul{};
    case Operation::step_replay:
      return Step{};
    default:
      return is_reduction(operation) ? OwnFactors{Reduction::sum} : OwnFactors{};
  }
}

template <class Factor>
std::string shape_name(const Factor&) {
  return "";
}
std::string shape_name(const Routing& routing) {
  return routing.matrix.empty() ? fmt::format("/skew:{}", routing.skew) : fmt::format("/matrix:{}", routing.matrix);
}
std::string shape_name(const Matmul& matmul) {
  return fmt::format("/{}/m:{}/n:{}/k:{}/{}", name_of(matmul.pass), matmul.m, matmul.n, matmul.k, matmul.layer);
}
std::string shape_name(const Step& step) { return "/" + to_text(step); }

// What the rank that receives most gets.
Bytes most_received(const Case& point) {
  const std::uint32_t ranks = point.group.ranks;
  if (point.operation != Operation::all_to_all_v) {
    return receive_bytes(point.operation, point.payload, ranks);
  }
  const Bytes element = size_of(point.element);
  return element * fullest_ranks(point.routing(), point.payload.count / element.count, ranks).received;
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

void Case::become(Operation another) {
  operation = another;
  own = own_factors_of(another);
}

std::uint32_t Case::micro_batches() const {
  const Mapping& mapping = step().mapping;
  const bool divides = mapping.micro_batch * mapping.data != 0;  // a damaged file may tell zeros
  return std::holds_alternative<Step>(own) ? static_cast<std::uint32_t>(divides ? mapping.micro_batches() : 0)
                                           : factor<MicroBatches>().count;
}

void Case::set_micro_batches(std::uint32_t count) {
  if (std::holds_alternative<MicroBatches>(own)) {
    own = MicroBatches{count};
  } else if (auto* const replayed = std::get_if<Step>(&own)) {
    Mapping& mapping = replayed->mapping;
    mapping.global_batch = mapping.micro_batch * mapping.data * count;
    mapping.gpus_per_node = group.ranks_per_node;
    mapping.bytes_per_element = size_of(element).count;
  }
}

std::string Case::curve_name() const {
  std::string text =
      fmt::format(FMT_COMPILE("{}/{}/{}/n:{}"), name_of(operation), name_of(transport), name_of(fabric), group.ranks);
  if (group.is_placed()) {
    text += fmt::format("x{}", group.ranks_per_node);
  }
  if (group.stride != 1) {
    text += fmt::format("/stride:{}", group.stride);
  }
  if (group.first != 0) {
    text += fmt::format("/first:{}", group.first);
  }
  if (group.concurrent != 1) {
    text += fmt::format("/concurrent:{}", group.concurrent);
  }
  text +=
      fmt::format(FMT_COMPILE("/{}/{}/{}"), name_of(element), name_of(mode), in_place ? "in_place" : "out_of_place");
  if (native) {
    text += "/native";
  }
  if (is_pipeline(operation) || operation == Operation::step_replay) {
    text += fmt::format("/micro_batches:{}", micro_batches());
  }
  if (reduction() != Reduction::sum) {
    text += fmt::format("/reduction:{}", name_of(reduction()));
  }
  if (buffers != Buffers::plain) {
    text += fmt::format("/buffers:{}", name_of(buffers));
  }
  if (cache != Cache::hot) {
    text += fmt::format("/{}", name_of(cache));
  }
  text += std::visit([](const auto& factor) { return shape_name(factor); }, own);
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
  const Routing& routing = point.routing();
  const bool is_known = routing.matrix.empty() || !routing.weights.empty();
  if (!is_known || elements == 0) {
    return std::nullopt;
  }
  const FullestRanks fullest = fullest_ranks(routing, elements, ranks);
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
    return replay_memory(point.step(), point.payload);
  }
  const Bytes set = bytes_of_set(point);
  const Bytes pristine = point.in_place ? point.payload : Bytes{0};
  return set * sets_of(point, set, cache_size) + pristine;
}

}  // namespace hockney::inline plan
