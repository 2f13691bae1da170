#include "plan/plan.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fmt/format.h>
#include <random>
#include <set>

#include "config/strict_table.hpp"
#include "errors/error.hpp"
#include "model/transformer.hpp"
#include "units/number.hpp"

namespace hockney {
namespace {

// Far beyond any machine, and small enough for every integer type that these counts meet.
constexpr double most_ranks = 1e7;
constexpr std::int64_t most_counts = 1'000'000'000;

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
    // a 16 B grid keeps sizes between the octaves whole for every element type and small rank counts
    const double exact = static_cast<double>(from.count) * std::pow(factor, i);
    const auto grid = exact < 256 ? 8.0 : 16.0;
    const double rounded = factor == 2.0 ? exact : std::max(grid, std::round(exact / grid) * grid);
    const Bytes payload{static_cast<std::uint64_t>(std::llround(i == 0 ? exact : rounded))};
    payloads.push_back(std::min(payload, to));
  }
  return payloads;
}

std::vector<Bytes> read_model_shapes(StrictTable& sizes, const std::filesystem::path& models) {
  std::vector<Bytes> payloads;
  const auto or_one = [](std::vector<std::int64_t> values) {
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

std::vector<Bytes> read_payloads(StrictTable& section, const std::filesystem::path& models) {
  auto sizes = section.table("sizes");
  if (!sizes) {
    section.refuse("sizes", "is missing; expected { from, to, factor }, { list } or { models, micro_batch }");
  }
  std::vector<Bytes> payloads;
  if (sizes->has("from")) {
    payloads = read_range(*sizes);
  }
  for (const std::string& text : sizes->texts("list")) {
    const Bytes size = sizes->located("list", [&] { return parse_bytes(text); });
    if (size.count == 0) {
      sizes->refuse("list", "expected sizes above 0 B");
    }
    payloads.push_back(size);
  }
  if (sizes->has("models")) {
    const auto shapes = read_model_shapes(*sizes, models);
    payloads.insert(payloads.end(), shapes.begin(), shapes.end());
  }
  sizes->finish();
  if (payloads.empty()) {
    section.refuse("sizes", "names no size; expected { from, to, factor }, { list } or { models, micro_batch }");
  }
  std::sort(payloads.begin(), payloads.end());
  payloads.erase(std::unique(payloads.begin(), payloads.end()), payloads.end());
  return payloads;
}

std::vector<Operation> read_operations(StrictTable& section) {
  const std::string experiment = section.text("experiment");
  std::vector<Operation> operations;
  std::vector<std::string_view> experiments;
  for (const auto& [operation, name] : Names<Operation>::table) {
    if (std::find(experiments.begin(), experiments.end(), experiment_of(operation)) == experiments.end()) {
      experiments.push_back(experiment_of(operation));
    }
    if (experiment_of(operation) == experiment) {
      operations.push_back(operation);
    }
  }
  if (operations.empty()) {
    section.refuse("experiment", unknown_name("experiment", experiment, experiments));
  }
  const auto chosen = section.texts("operations");
  if (chosen.empty()) {
    return operations;
  }
  std::vector<Operation> restricted;
  for (const std::string& name : chosen) {
    const auto operation = section.located("operations", [&] { return parse_name<Operation>(name); });
    if (experiment_of(operation) != experiment) {
      section.refuse("operations", fmt::format("'{}' is no operation of experiment '{}'", name, experiment));
    }
    restricted.push_back(operation);
  }
  return restricted;
}

MeasureSection read_section(StrictTable& table, const std::filesystem::path& models) {
  MeasureSection section;
  section.operations = read_operations(table);
  section.fabric = table.located(
      "fabric", [&] { return parse_name<Fabric>(table.optional_text("fabric").value_or("host_memory")); });
  if (section.fabric == Fabric::unknown) {
    table.refuse("fabric", "'unknown' is an observation, not a request");
  }
  for (const std::string& text : table.texts("ranks")) {
    if (text == "all") {
      section.ranks.push_back(0);
      continue;
    }
    const auto count = table.located("ranks", [&] { return split_number(text, "a number of ranks or \"all\""); });
    if (!count.second.empty() || !(count.first >= 2 && count.first <= most_ranks) ||
        count.first != std::floor(count.first)) {
      table.refuse("ranks", fmt::format("'{}' is not a number of ranks (2 to {:.0f}) or \"all\"", text, most_ranks));
    }
    section.ranks.push_back(static_cast<std::uint32_t>(count.first));
  }
  for (const std::string& name : table.texts("element")) {
    section.elements.push_back(table.located("element", [&] { return parse_name<Element>(name); }));
  }
  if (section.elements.empty()) {
    section.elements.push_back(Element::float32);
  }
  section.in_place = table.booleans("in_place");
  if (section.in_place.empty()) {
    section.in_place.push_back(false);
  }
  const auto micro_batches = table.integers("micro_batches", 1);
  constexpr std::int64_t most_micro_batches = 4096;
  if (std::any_of(micro_batches.begin(), micro_batches.end(), [](auto m) { return m > most_micro_batches; })) {
    table.refuse("micro_batches", fmt::format("expected at most {}", most_micro_batches));
  }
  if (std::any_of(micro_batches.begin(), micro_batches.end(), [](auto m) { return m > most_counts; })) {
    table.refuse("micro_batches", fmt::format("expected at most {}", most_counts));
  }
  section.micro_batches.assign(micro_batches.begin(), micro_batches.end());
  const bool pipeline = is_pipeline(section.operations.front());
  if (!pipeline && !section.micro_batches.empty()) {
    table.refuse("micro_batches", "only experiment 'pipeline_send' has micro-batches");
  }
  if (pipeline && section.micro_batches.empty()) {
    section.micro_batches.push_back(8);
  }
  section.payloads = read_payloads(table, models);
  for (const Element element : section.elements) {
    for (const Bytes payload : section.payloads) {
      if (payload.count % size_of(element).count != 0) {
        table.refuse("sizes", fmt::format("{} is no whole number of {} elements of {}", to_string(payload),
                                          name_of(element), to_string(size_of(element))));
      }
    }
  }
  if (is_point_to_point(section.operations.front()) &&
      std::find(section.in_place.begin(), section.in_place.end(), true) != section.in_place.end()) {
    table.refuse("in_place", "only collectives can run in place");
  }
  table.finish();
  return section;
}

Sampling read_sampling(StrictTable& table) {
  Sampling sampling;
  const auto fraction = [&](std::string_view key, double& value) {
    if (const auto text = table.optional_text(key)) {
      value = table.located(key, [&] { return parse_fraction(*text); });
      if (!(value > 0 && value < 1)) {
        table.refuse(key, "expected a share between 0 and 1, e.g. \"2%\"");
      }
    }
  };
  const auto count = [&](std::string_view key, std::uint32_t& value, std::int64_t least) {
    const std::int64_t given = table.optional_integer(key, least).value_or(value);
    if (given > most_counts) {
      table.refuse(key, fmt::format("expected at most {}", most_counts));
    }
    value = static_cast<std::uint32_t>(given);
  };
  const auto time = [&](std::string_view key, Seconds& value) {
    if (const auto text = table.optional_text(key)) {
      value = table.located(key, [&] { return parse_seconds(*text); });
    }
  };
  fraction("tolerance_small", sampling.tolerance_small);
  fraction("tolerance_large", sampling.tolerance_large);
  count("min_samples", sampling.min_samples, 6);
  count("max_samples", sampling.max_samples, 6);
  count("passes", sampling.passes, 1);
  count("max_discarded", sampling.max_discarded, 0);
  time("max_seconds", sampling.max_seconds);
  time("warm_up", sampling.warm_up);
  constexpr std::uint32_t most_passes = 1000;
  if (sampling.passes > most_passes) {
    table.refuse("passes", fmt::format("expected at most {}", most_passes));
  }
  if (sampling.max_seconds.count() <= 0) {
    table.refuse("max_seconds", "expected a time above 0 s");
  }
  if (sampling.max_samples < sampling.min_samples) {
    table.refuse("max_samples", fmt::format("expected at least min_samples = {}", sampling.min_samples));
  }
  table.finish();
  return sampling;
}

Plan read_plan_table(StrictTable table, const std::filesystem::path& models) {
  Plan plan;
  plan.name = table.text("name");
  const bool usable = !plan.name.empty() && std::all_of(plan.name.begin(), plan.name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  });
  if (!usable || plan.name.front() == '.') {
    table.refuse("name", "expected letters, digits, '-', '_' and '.': it names the campaign's folder");
  }
  plan.description = table.optional_text("description").value_or("");
  if (auto sampling = table.table("sampling")) {
    plan.sampling = read_sampling(*sampling);
  }
  for (StrictTable& section : table.tables("measure")) {
    plan.sections.push_back(read_section(section, models));
    plan.sections.back().origin = fmt::format("plan '{}', measure section {}", plan.name, plan.sections.size());
  }
  table.finish();
  if (plan.sections.empty()) {
    table.refuse("measure", "is missing; expected at least one [[measure]] section");
  }
  return plan;
}

// Messages in flight per sample of the one-way stream; osu_bw uses 64, NCCL pipelines fewer.
constexpr std::uint32_t stream_window = 33;
// Round trips per sample: enough that reading the clock twice does not count.
constexpr std::uint32_t ping_pong_round_trips = 10;

std::uint32_t operations_per_sample(Operation operation, std::uint32_t ranks, std::uint32_t micro_batches,
                                    Bytes payload) {
  switch (operation) {
    case Operation::ping_pong:
      return 2 * (payload < mebibytes(1) ? ping_pong_round_trips : 1);
    case Operation::one_way_stream:
      return stream_window - 1;
    case Operation::pipeline_forward:
    case Operation::pipeline_forward_backward:
      return pipeline_steps(operation, ranks, micro_batches);
    default:
      return 1;
  }
}

}  // namespace

double Sampling::tolerance(Bytes payload) const {
  const double one_pass = payload < mebibytes(1) ? tolerance_small : tolerance_large;
  return one_pass * std::sqrt(static_cast<double>(passes));
}

Plan read_plan(const std::filesystem::path& file, const std::filesystem::path& models) {
  return read_plan_table(StrictTable::read(file), models);
}

Plan parse_plan(std::string_view text, const std::string& origin, const std::filesystem::path& models) {
  return read_plan_table(StrictTable::parse(text, origin), models);
}

Plan::Layout Plan::lay_out(const World& world) const {
  Layout layout;
  std::set<std::string> seen;
  const auto add = [&](const MeasureSection& section, Case point) {
    if (!seen.insert(point.name()).second) {
      return;
    }
    const std::uint64_t granule =
        elements_granularity(point.operation, point.group.ranks) * size_of(point.element).count;
    if (is_point_to_point(point.operation) && !is_pipeline(point.operation) && point.group.ranks != 2) {
      layout.skipped.push_back(
          {point, fmt::format("{} takes 2 ranks, not {}", name_of(point.operation), point.group.ranks)});
    } else if (point.payload.count % granule != 0) {
      layout.skipped.push_back(
          {point, fmt::format("{} cannot be cut into {} equal blocks of whole {} elements ({})",
                              to_string(point.payload), point.group.ranks, name_of(point.element), section.origin)});
    } else {
      layout.cases.push_back(point);
    }
  };
  for (const MeasureSection& section : sections) {
    for (const Operation operation : section.operations) {
      const bool pair = operation == Operation::ping_pong || operation == Operation::one_way_stream;
      std::vector<std::uint32_t> group_sizes = section.ranks;
      if (group_sizes.empty()) {
        group_sizes.push_back(0);
      }
      std::replace(group_sizes.begin(), group_sizes.end(), 0U, pair ? 2U : world.ranks);
      for (const std::uint32_t ranks : group_sizes) {
        if (ranks > world.ranks || ranks < 2) {
          throw InputError(
              fmt::format("{}: '{}' needs a group of {} ranks, and this run has {} (start it with mpiexec -n {})",
                          section.origin, name_of(operation), std::max(ranks, 2U), world.ranks, std::max(ranks, 2U)));
        }
        const auto micro_batches = is_pipeline(operation) ? section.micro_batches : std::vector<std::uint32_t>{0};
        for (const Element element : section.elements) {
          for (const bool in_place : section.in_place) {
            for (const std::uint32_t m : micro_batches) {
              for (const Bytes payload : section.payloads) {
                Case point;
                point.operation = operation;
                point.transport = world.transport;
                point.fabric = section.fabric;
                point.group = {.ranks = ranks, .ranks_per_node = std::min(ranks, world.ranks_per_node)};
                point.payload = payload;
                point.element = element;
                point.in_place = in_place;
                point.micro_batches = m;
                point.operations_per_sample = operations_per_sample(operation, ranks, m, payload);
                point.mode =
                    operation == Operation::one_way_stream || is_pipeline(operation) ? Mode::stream : Mode::host;
                add(section, point);
              }
            }
          }
        }
      }
    }
  }
  return layout;
}

std::vector<Visit> schedule(std::size_t points, std::uint32_t passes, std::uint64_t seed) {
  std::vector<Visit> visits;
  visits.reserve(points * passes);
  std::mt19937_64 generator(seed);
  for (std::uint32_t pass = 0; pass < passes; ++pass) {
    const std::size_t begin = visits.size();
    for (std::size_t point = 0; point < points; ++point) {
      visits.push_back({point, pass});
    }
    for (std::size_t i = points; i > 1; --i) {
      std::swap(visits[begin + i - 1], visits[begin + generator() % i]);
    }
  }
  return visits;
}

Bytes memory_per_rank(const Case& point) {
  if (point.in_place) {
    return point.payload * 2;
  }
  return send_bytes(point.operation, point.payload, point.group.ranks) +
         receive_bytes(point.operation, point.payload, point.group.ranks);
}

}  // namespace hockney
