#include "predict/step/run_way.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/strict_table.hpp"

namespace hockney::predict {
namespace {

struct ShardingWords {
  static constexpr std::string_view what = "sharding";
  static constexpr std::array<NamedValue<Sharding>, 12> table{{{Sharding::none, "none"},
                                                               {Sharding::none, "ddp"},
                                                               {Sharding::optimizer, "distributed optimizer"},
                                                               {Sharding::optimizer, "zero-1"},
                                                               {Sharding::gradients, "zero-2"},
                                                               {Sharding::gradients, "fsdp SHARD_GRAD_OP"},
                                                               {Sharding::full, "zero-3"},
                                                               {Sharding::full, "fsdp"},
                                                               {Sharding::full, "fsdp2"},
                                                               {Sharding::full, "hsdp"},
                                                               {Sharding::full, "fsdp HYBRID_SHARD"},
                                                               {Sharding::full, "fsdp FULL_SHARD"}}};
};

}  // namespace

Sharding parse_sharding(std::string_view words) {
  std::array<std::string_view, ShardingWords::table.size()> known;
  for (std::size_t i = 0; i < known.size(); ++i) {
    const auto& [value, name] = ShardingWords::table[i];
    if (name == words) {
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
  stack.marks = table.texts("marks");
  stack.flash_attention = table.optional_boolean("flash_attention").value_or(stack.flash_attention);
  stack.fused_layers = table.optional_boolean("fused_layers").value_or(stack.fused_layers);
  stack.cuda_graphs = table.optional_boolean("cuda_graphs").value_or(stack.cuda_graphs);
  stack.host_waits = table.optional_boolean("host_waits").value_or(stack.host_waits);
  stack.overlap_transfers = table.optional_boolean("overlap_transfers").value_or(stack.overlap_transfers);
  stack.overlap_gradients = table.optional_boolean("overlap_gradients").value_or(stack.overlap_gradients);
  stack.overlap_parameters = table.optional_boolean("overlap_parameters").value_or(stack.overlap_parameters);
  stack.overlap_forward = table.optional_boolean("overlap_forward").value_or(stack.overlap_forward);
  stack.gradient_bytes = static_cast<std::uint64_t>(table.optional_integer("gradient_bytes", 2).value_or(2));
  stack.attention_share = table.optional_number("attention_share").value_or(0);
  table.finish();
  if (stack.gradient_bytes != 2 && stack.gradient_bytes != 4) {
    table.refuse("gradient_bytes", "expected 2 or 4");
  }
  if (!(stack.attention_share >= 0 && stack.attention_share <= 1)) {
    table.refuse("attention_share", "expected 0 to 1");
  }
  return stack;
}

std::vector<Stack> read_stacks(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".toml") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<Stack> stacks;
  std::transform(files.begin(), files.end(), std::back_inserter(stacks), read_stack);
  return stacks;
}

const Stack* stack_of(const std::vector<Stack>& stacks, std::string_view source) {
  const Stack* best = nullptr;
  std::size_t longest = 0;
  for (const Stack& stack : stacks) {
    for (const std::string& mark : stack.marks) {
      if (mark.size() > longest && source.find(mark) != std::string_view::npos) {
        best = &stack;
        longest = mark.size();
      }
    }
  }
  return best;
}

}  // namespace hockney::predict
