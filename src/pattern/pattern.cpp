#include "transport/pattern.hpp"

#include <array>
#include <cstring>

namespace hockney {
namespace {

constexpr std::uint64_t period = 17;

// The pattern repeats after `period` elements, so a table of one period serves every index.
template <class Value>
std::array<Value, period> table_of(const Pattern& pattern) {
  std::array<Value, period> table{};
  const bool sum = pattern.kind == Pattern::Kind::sum_over_ranks;
  for (std::uint64_t i = 0; i < period; ++i) {
    std::uint64_t value = 0;
    for (std::uint64_t rank = sum ? 0 : pattern.rank; rank < (sum ? pattern.rank : pattern.rank + 1ULL); ++rank) {
      value += (7 * rank + i) % period;
    }
    table[i] = static_cast<Value>(value);
  }
  return table;
}

template <class Visit>
auto with_type(Element element, Visit&& visit) {
  switch (element) {
    case Element::int8:
      return visit(std::int8_t{});
    case Element::uint8:
      return visit(std::uint8_t{});
    case Element::int32:
      return visit(std::int32_t{});
    case Element::uint32:
      return visit(std::uint32_t{});
    case Element::int64:
      return visit(std::int64_t{});
    case Element::uint64:
      return visit(std::uint64_t{});
    case Element::float32:
      return visit(float{});
    case Element::float64:
      return visit(double{});
    case Element::float16:
    case Element::bfloat16:
      break;
  }
  return visit(std::uint16_t{});
}

}  // namespace

void fill_host(std::span<std::byte> buffer, Element element, const Pattern& pattern) {
  with_type(element, [&]<class Value>(Value) {
    const auto table = table_of<Value>(pattern);
    std::uint64_t phase = pattern.first_index % period;
    for (std::size_t at = 0; at + sizeof(Value) <= buffer.size(); at += sizeof(Value)) {
      std::memcpy(buffer.data() + at, &table[phase], sizeof(Value));
      phase = phase + 1 == period ? 0 : phase + 1;
    }
  });
}

std::uint64_t count_wrong_host(std::span<const std::byte> buffer, Element element, const Pattern& pattern) {
  return with_type(element, [&]<class Value>(Value) {
    const auto table = table_of<Value>(pattern);
    std::uint64_t phase = pattern.first_index % period;
    std::uint64_t wrong = 0;
    for (std::size_t at = 0; at + sizeof(Value) <= buffer.size(); at += sizeof(Value)) {
      wrong += std::memcmp(buffer.data() + at, &table[phase], sizeof(Value)) == 0 ? 0 : 1;
      phase = phase + 1 == period ? 0 : phase + 1;
    }
    return wrong;
  });
}

}  // namespace hockney
