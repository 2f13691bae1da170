#pragma once

#include <utility>
#include <vector>

namespace hockney::inline plan {

/// Every item once more for every value of a factor, in the order items, then values; `set(item, value)` sets it.
template <class Item, class Value, class Set>
void vary(std::vector<Item>& items, const std::vector<Value>& values, Set set) {
  std::vector<Item> varied;
  varied.reserve(items.size() * values.size());
  for (const Item& item : items) {
    for (const auto& value : values) {
      set(varied.emplace_back(item), value);
    }
  }
  items = std::move(varied);
}

}  // namespace hockney::inline plan
