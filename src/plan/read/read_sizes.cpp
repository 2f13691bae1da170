#include "plan/read/read_sizes.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "plan/at_payload.hpp"
#include "workload/transformer.hpp"

namespace hockney::inline plan {
namespace {

std::vector<Bytes> read_range(StrictTable& sizes) {
  const auto size = [&](std::string_view key) {
    return sizes.located(key, [&] { return parse_bytes(sizes.text(key)); });
  };
  const Bytes from = size("from");
  const Bytes to = size("to");
  const double factor = sizes.optional_number("factor").value_or(2.0);
  if (from.count == 0) {
    sizes.refuse("from", "expected a size above 0 B");
  }
  if (from > to) {
    sizes.refuse("to", fmt::format("expected at least from = {}", to_string(from)));
  }
  if (!(factor > 1)) {
    sizes.refuse("factor", "expected a number above 1");
  }
  std::vector<Bytes> payloads;
  const double ratio = static_cast<double>(to.count) / static_cast<double>(from.count);
  const double steps = std::floor(std::log(ratio) / std::log(factor) + 1e-9);
  constexpr double most_steps = 10000;
  if (steps > most_steps) {
    sizes.refuse("factor", fmt::format("gives {:.0f} sizes, expected at most {:.0f}", steps + 1, most_steps));
  }
  for (int i = 0; i <= steps; ++i) {
    const double exact = static_cast<double>(from.count) * std::pow(factor, i);
    const auto grid = static_cast<double>(range_grid(exact));
    const double rounded = factor == 2.0 ? exact : std::max(grid, std::round(exact / grid) * grid);
    const Bytes payload{static_cast<std::uint64_t>(std::llround(i == 0 ? exact : rounded))};
    payloads.push_back(std::min(payload, to));
  }
  return payloads;
}

std::vector<Bytes> read_model_shapes(StrictTable& sizes, const std::filesystem::path& models) {
  std::vector<Bytes> payloads;
  const auto or_one = [](const std::vector<std::int64_t>& values) {
    return values.empty() ? std::vector<std::int64_t>{1} : values;
  };
  const auto micro_batches = or_one(sizes.integers("micro_batch", 1));
  const auto tensor_parallel = or_one(sizes.integers("tensor_parallel", 1));
  for (const std::string& name : sizes.texts("models")) {
    const Transformer model = sizes.located("models", [&] { return find_transformer(name, models); });
    for (const auto micro_batch : micro_batches) {
      for (const auto slices : tensor_parallel) {
        const Bytes whole =
            sizes.located("micro_batch", [&] { return model.activation(static_cast<std::uint64_t>(micro_batch)); });
        const auto parts = static_cast<std::uint64_t>(slices);
        if (whole.count % parts != 0) {
          sizes.refuse("tensor_parallel",
                       fmt::format("{} does not divide an activation of {}, {} B", parts, model.name, whole.count));
        }
        payloads.push_back(whole / parts);
      }
    }
  }
  return payloads;
}

std::vector<Bytes> read_list(StrictTable& sizes) {
  std::vector<Bytes> payloads;
  for (const std::string& text : sizes.texts("list")) {
    const Bytes size = sizes.located("list", [&] { return parse_bytes(text); });
    if (size.count == 0) {
      sizes.refuse("list", "expected sizes above 0 B");
    }
    payloads.push_back(size);
  }
  return payloads;
}

void make_ascending(std::vector<Bytes>& sizes) {
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
}

}  // namespace

Sizes read_sizes(StrictTable& section, const std::filesystem::path& models) {
  auto table = section.table("sizes");
  if (!table) {
    section.refuse("sizes", "is missing; expected { from, to, factor }, { list } or { models, micro_batch }");
  }
  std::vector<Bytes> named = read_list(*table);
  if (table->has("models")) {
    const auto shapes = read_model_shapes(*table, models);
    named.insert(named.end(), shapes.begin(), shapes.end());
  }
  Sizes sizes;
  if (table->has("from")) {
    sizes.grid = read_range(*table);
  }
  table->finish();
  sizes.payloads = named;
  sizes.payloads.insert(sizes.payloads.end(), sizes.grid.begin(), sizes.grid.end());
  if (sizes.payloads.empty()) {
    section.refuse("sizes", "names no size; expected { from, to, factor }, { list } or { models, micro_batch }");
  }
  make_ascending(sizes.payloads);
  make_ascending(sizes.grid);
  std::erase_if(sizes.grid, [&](Bytes size) { return std::find(named.begin(), named.end(), size) != named.end(); });
  return sizes;
}

}  // namespace hockney::inline plan
