#include "commands/show/show_shapes.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/number.hpp"
#include "base/text_table.hpp"

namespace hockney::commands {
namespace {

double operations_per_second(const PointOfLaunch& row) {
  return row.point().matmul().operations() / row.summary.median_s;
}

// What tells the conditions of a point apart, beside its shape.
std::string conditions(const Case& point) {
  std::string text = fmt::format("{} {}", name_of(point.element), name_of(point.mode));
  text += point.group.concurrent > 1 ? fmt::format(", {} at once", point.group.concurrent) : "";
  text += point.cache != Cache::hot ? fmt::format(", {}", name_of(point.cache)) : "";
  return text;
}

}  // namespace

std::string describe_products(std::span<const PointOfLaunch> rows) {
  TextTable table({{"layer", Align::left},
                   {"pass", Align::left},
                   {"m x n x k"},
                   {"conditions", Align::left},
                   {"launch", Align::left},
                   {"median us"},
                   {"95 % low us"},
                   {"95 % high us"},
                   {"TFLOP/s per rank"},
                   {"samples"},
                   {"by", Align::left},
                   {"flags", Align::left}});
  constexpr double tera = 1e12;
  for (const PointOfLaunch& row : rows) {
    const Case& point = row.point();
    const Matmul& shape = point.matmul();
    const Summary& summary = row.summary;
    table.add({shape.layer, std::string(name_of(shape.pass)), fmt::format("{} x {} x {}", shape.m, shape.n, shape.k),
               conditions(point), short_id(*row.launch), microseconds(summary.median_s),
               microseconds(summary.median_interval_s.low), microseconds(summary.median_interval_s.high),
               significant(operations_per_second(row) / tera), std::to_string(summary.samples),
               row.passes.front()->observation.algorithm, to_string(flags_of(row.passes))});
  }
  return table.print();
}

std::string describe_steps(std::span<const PointOfLaunch> rows) {
  TextTable table({{"model", Align::left},
                   {"layers"},
                   {"tp x pp x dp"},
                   {"micro-batches"},
                   {"activation"},
                   {"compute per layer us"},
                   {"launch", Align::left},
                   {"median us"},
                   {"95 % low us"},
                   {"95 % high us"},
                   {"p99 us"},
                   {"samples"},
                   {"flags", Align::left}});
  for (const PointOfLaunch& row : rows) {
    const Case& point = row.point();
    const Step& step = point.step();
    const Mapping& mapping = step.mapping;
    const Summary& summary = row.summary;
    table.add({step.model.name, std::to_string(step.model.layers),
               fmt::format("{} x {} x {}", mapping.tensor, mapping.pipeline, mapping.data),
               std::to_string(point.micro_batches()), to_string(point.payload), microseconds(step.compute_s),
               short_id(*row.launch), microseconds(summary.median_s), microseconds(summary.median_interval_s.low),
               microseconds(summary.median_interval_s.high), microseconds(summary.p99_s),
               std::to_string(summary.samples), to_string(flags_of(row.passes))});
  }
  return table.print();
}

nlohmann::ordered_json shape_as_json(const PointOfLaunch& row) {
  const Case& point = row.point();
  const bool is_product = point.operation == Operation::matmul;
  nlohmann::ordered_json json;
  const auto add = [&](std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      visit_field(
          case_fields, name, [&]<auto... Path>(const Field<Path...>& each) {
            if constexpr (!std::is_enum_v<typename Field<Path...>::Value>) {
              json[std::string(name)] = each.get(point);
            }
          });
    }
  };
  add({"matmul_layer", "matmul_m", "matmul_n", "matmul_k"});
  json["matmul_pass"] = is_product ? name_of(point.matmul().pass) : std::string_view{};
  json["flop_per_s"] = is_product ? operations_per_second(row) : 0.0;
  add({"step_model", "step_tensor_parallel", "step_pipeline_parallel", "step_data_parallel"});
  return json;
}

}  // namespace hockney::commands
