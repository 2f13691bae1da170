#include "predict/step/run_way.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "base/strict_table.hpp"
#include "base/text.hpp"

namespace hockney::predict {
namespace {

struct ShardingWords {
  static constexpr std::string_view what = "sharding";
  /// The first that a text holds tells; '-' and '_' are as spaces, and letters as small ones.
  static constexpr std::array<NamedValue<Sharding>, 16> table{{{Sharding::hybrid, "hybrid shard"},
                                                               {Sharding::hybrid, "hsdp"},
                                                               {Sharding::gradients, "shard grad op"},
                                                               {Sharding::gradients, "zero 2"},
                                                               {Sharding::gradients, "zero2"},
                                                               {Sharding::none, "no shard"},
                                                               {Sharding::full, "full shard"},
                                                               {Sharding::full, "zero 3"},
                                                               {Sharding::full, "zero3"},
                                                               {Sharding::full, "fsdp"},
                                                               {Sharding::optimizer, "distributed optimizer"},
                                                               {Sharding::optimizer, "zero 1"},
                                                               {Sharding::optimizer, "zero1"},
                                                               {Sharding::none, "zero 0"},
                                                               {Sharding::none, "ddp"},
                                                               {Sharding::none, "none"}}};
};

// Whether `text` holds every part of a mark.
bool holds(std::string_view text, std::string_view mark) {
  constexpr std::string_view between = "; ";
  while (true) {
    const std::size_t end = mark.find(between);
    if (text.find(mark.substr(0, end)) == std::string_view::npos) {
      return false;
    }
    if (end == std::string_view::npos) {
      return true;
    }
    mark.remove_prefix(end + between.size());
  }
}

StackEfficiency read_efficiency(StrictTable& table) {
  StackEfficiency known{.gpu = table.text("gpu"), .origin = table.text("on")};
  known.precision = parse_precision(table.text("precision"));
  known.efficiency = table.optional_number("efficiency").value_or(0);
  if (!(known.efficiency > 0 && known.efficiency <= 1.5)) {
    table.refuse("efficiency", "expected a number above 0, at most 1.5");
  }
  table.finish();
  return known;
}

// What a stack named `from` is calibrated to.
void take_over(const std::vector<Stack>& stacks, std::string_view from, Stack& to) {
  const auto named = std::find_if(stacks.begin(), stacks.end(), [&](const Stack& stack) { return stack.name == from; });
  if (named == stacks.end()) {
    throw InputError(fmt::format("stack {}: '{}': expected the name of a stack of the same folder", to.name, from));
  }
  to.calibrated.insert(to.calibrated.end(), named->calibrated.begin(), named->calibrated.end());
}

double narrowing(Precision from, Precision to) {
  const auto is_narrow = [](Precision precision) { return operand_bits(precision) < 16; };
  return is_narrow(from) == is_narrow(to) ? 1 : is_narrow(to) ? narrow_efficiency : 1 / narrow_efficiency;
}

/// How far a known efficiency is from what is asked for; less is nearer.
using Distance = std::array<int, 3>;

Distance distance_of(const StackEfficiency& known, const Stack& stack, const Gpu& gpu, Precision precision) {
  const bool is_alike =
      std::find(gpu.calibrated_as.begin(), gpu.calibrated_as.end(), known.gpu) != gpu.calibrated_as.end();
  return {known.gpu == gpu.name ? 0
          : is_alike            ? 1
                                : 2,
          known.precision == precision                               ? 0
          : operand_bits(known.precision) == operand_bits(precision) ? 1
                                                                     : 2,
          known.stack == stack.name || known.stack == stack.variant_of ? 0 : 1};
}

}  // namespace

std::optional<StackEfficiency> Stack::efficiency_on(const Gpu& gpu, Precision precision) const {
  const auto distance = [&](const StackEfficiency& known) { return distance_of(known, *this, gpu, precision); };
  const auto nearest = std::min_element(calibrated.begin(), calibrated.end(),
                                        [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  if (nearest == calibrated.end()) {
    return std::nullopt;
  }
  StackEfficiency result = *nearest;
  double logs = 0;
  std::size_t count = 0;
  bool is_narrowed = false;
  for (const StackEfficiency& known : calibrated) {
    if (distance(known) == distance(*nearest)) {
      const double factor = narrowing(known.precision, precision);
      logs += std::log(known.efficiency * factor);
      is_narrowed = is_narrowed || factor != 1;
      ++count;
    }
  }
  result.efficiency = std::exp(logs / static_cast<double>(count));
  if (count > 1) {
    result.origin += fmt::format("; the geometric mean of {} such", count);
  }
  if (is_narrowed) {
    result.origin += fmt::format("; narrow_efficiency ({}) lies between its operands and these", narrow_efficiency);
  }
  return result;
}

Mapping Stack::usual_mapping() const {
  Mapping mapping;
  mapping.scatter_gather = true;
  mapping.flash_attention = flash_attention;
  mapping.gradient_bytes = gradient_bytes;
  mapping.overlap_tensor = overlap_tensor;
  mapping.overlap_gradients = overlap_gradients;
  mapping.overlap_transfers = overlap_transfers;
  mapping.overlap_experts = overlap_experts;
  mapping.distributed_optimizer = way.sharding != Sharding::none;
  return mapping;
}

Footing StackRun::footing_on(const Gpu& gpu) const {
  if (stands_in()) {
    return Footing::other;
  }
  if (!stack->tuned_on.empty() && stack->tuned_on == gpu.name) {
    return Footing::tuned;
  }
  const auto known = stack->efficiency_on(gpu, way.precision);
  const bool is_own = known && distance_of(*known, *stack, gpu, way.precision) == Distance{};
  return is_own ? Footing::own : known ? Footing::program : Footing::other;
}

Mapping StackRun::usual_mapping() const {
  static const Mapping of_published_tables = Stack{}.usual_mapping();
  return stack == nullptr ? of_published_tables : stack->usual_mapping();
}

void StackRun::compute_in(Precision precision, Mapping& mapping) {
  way.precision = precision;
  mapping.bytes_per_element = precision == Precision::tf32 ? 4 : mapping.bytes_per_element;
}

void StackRun::shard(std::string_view words, Mapping& mapping) {
  way.sharding = parse_sharding(words);
  mapping.distributed_optimizer = way.sharding != Sharding::none;
}

Sharding parse_sharding(std::string_view words) {
  std::string text(words);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c == '-' || c == '_' ? ' ' : lower_case(c); });
  text = text.size() == 1 && text >= "0" && text <= "3" ? "zero " + text : text;  // a stage of ZeRO
  std::array<std::string_view, ShardingWords::table.size()> known;
  for (std::size_t i = 0; i < known.size(); ++i) {
    const auto& [value, name] = ShardingWords::table[i];
    if (text.find(name) != std::string::npos) {
      return value;
    }
    known[i] = name;
  }
  throw InputError(unknown_name(ShardingWords::what, words, known));
}

Stack read_stack(const std::filesystem::path& file) {
  StrictTable table = StrictTable::read(file);
  Stack stack;
  stack.name = table.text("name");
  stack.source = table.text("source");
  stack.program = table.optional_text("program").value_or(stack.name);
  stack.variant_of = table.optional_text("variant_of").value_or("");
  stack.tuned_on = table.optional_text("tuned_on").value_or("");
  stack.marks = table.texts("marks");
  stack.calibrated_as = table.texts("calibrated_as");
  for (const auto& [key, value] :
       {std::pair{"stands_in", &stack.stands_in}, std::pair{"flash_attention", &stack.flash_attention},
        std::pair{"host_waits", &stack.host_waits}, std::pair{"overlap_tensor", &stack.overlap_tensor},
        std::pair{"overlap_transfers", &stack.overlap_transfers},
        std::pair{"overlap_gradients", &stack.overlap_gradients}, std::pair{"overlap_experts", &stack.overlap_experts},
        std::pair{"fused_layers", &stack.way.fused_layers}, std::pair{"unfused_norms", &stack.way.unfused_norms},
        std::pair{"cuda_graphs", &stack.way.cuda_graphs},
        std::pair{"overlap_parameters", &stack.way.overlap_parameters},
        std::pair{"overlap_forward", &stack.way.overlap_forward},
        std::pair{"mma_sync_attention", &stack.way.mma_sync_attention},
        std::pair{"recompute_stops_early", &stack.way.recompute_stops_early},
        std::pair{"tokens_once", &stack.way.tokens_once}}) {
    *value = table.optional_boolean(key).value_or(*value);
  }
  for (const auto& [key, value] : {std::pair{"attention_share", &stack.way.attention_share},
                                   std::pair{"selective_products", &stack.way.selective_products},
                                   std::pair{"expert_host_s", &stack.way.expert_host_s}}) {
    *value = table.optional_number(key).value_or(0);
    if (!(*value >= 0 && *value <= 1)) {
      table.refuse(key, "expected 0 to 1");
    }
  }
  stack.way.pipeline_runs = static_cast<std::uint64_t>(table.optional_integer("pipeline_runs", 1).value_or(1));
  for_each_field(memory_program_fields, [&](const auto& field) {
    field.in(stack.way.memory) = table.optional_boolean(field.name).value_or(field.in(stack.way.memory));
  });
  stack.expert_host_origin = table.optional_text("expert_host_origin").value_or("");
  if (const auto words = table.optional_text("sharding")) {
    stack.way.sharding = parse_sharding(*words);
  }
  stack.gradient_bytes = static_cast<std::uint64_t>(table.optional_integer("gradient_bytes", 2).value_or(2));
  for (StrictTable& row : table.tables("calibrated")) {
    stack.calibrated.push_back(read_efficiency(row));
    stack.calibrated.back().stack = stack.name;
  }
  table.finish();
  if (stack.gradient_bytes != 2 && stack.gradient_bytes != 4) {
    table.refuse("gradient_bytes", "expected 2 or 4");
  }
  if (stack.expert_host_origin.empty() && stack.way.expert_host_s > 0) {
    table.refuse("expert_host_origin", "expected what expert_host_s was tuned on");
  }
  return stack;
}

std::vector<Stack> read_stacks(const std::filesystem::path& folder) {
  std::vector<Stack> stacks;
  for (const std::string& name : shipped_names(folder)) {
    stacks.push_back(read_stack(folder / (name + ".toml")));
  }
  const std::vector<Stack> own = stacks;
  for (Stack& stack : stacks) {
    if (!stack.variant_of.empty()) {
      take_over(own, stack.variant_of, stack);
    }
    for (const std::string& name : stack.calibrated_as) {
      take_over(own, name, stack);
    }
  }
  return stacks;
}

const std::vector<Stack>& shipped_stacks() {
  static const std::vector<Stack> stacks = read_stacks(shipped_folder() / "stacks");
  return stacks;
}

const Stack& find_stack(const std::vector<Stack>& stacks, std::string_view name) {
  std::vector<std::string_view> known;
  for (const Stack& stack : stacks) {
    if (stack.name == name) {
      return stack;
    }
    known.push_back(stack.name);
  }
  throw InputError(unknown_name("software stack", name, known));
}

const Stack* usual_stack(const std::vector<Stack>& stacks, std::string_view sharding, std::string_view gpu) {
  const bool is_full = !sharding.empty() && parse_sharding(sharding) >= Sharding::full;
  const std::string words = is_full ? "fsdp" : fmt::format("{}", fmt::join(words_in(sharding), " "));
  return stack_of(stacks, fmt::format("sharding: {}; gpu: {}", words, gpu));
}

const Stack* stack_of(const std::vector<Stack>& stacks, std::string_view source) {
  const Stack* best = nullptr;
  std::size_t longest = 0;
  for (const Stack& stack : stacks) {
    for (const std::string& mark : stack.marks) {
      if (mark.size() > longest && holds(source, mark)) {
        best = &stack;
        longest = mark.size();
      }
    }
  }
  return best;
}

}  // namespace hockney::predict
