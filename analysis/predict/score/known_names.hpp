#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "predict/compute/gpu.hpp"
#include "predict/step/run_way.hpp"
#include "workload/transformer.hpp"

namespace hockney::predict {

/// Values by words, each made once. What was asked for last is found without a search: rows of a table differ little.
template <class Value>
class LookedUp {
 public:
  /// The value of `words`, by `make()` where they are new; what that throws is not kept.
  template <class Make>
  const Value& of(std::string_view words, Make make) {
    if (last_ == nullptr || last_->first != words) {
      std::string key(words);
      const auto found = values_.find(key);
      last_ = &*(found != values_.end() ? found : values_.emplace(std::move(key), make()).first);
    }
    return last_->second;
  }

 private:
  std::unordered_map<std::string, Value> values_;
  const std::pair<const std::string, Value>* last_ = nullptr;
};

/// What a row's words say of what ran it.
struct RanBy {
  const Stack* stack = nullptr;  ///< nullptr: none
  /// A column says so, or without one the caveat has "kernel: flash_attention2", "FlashAttention", "xFormers"; not "no
  /// flash attention".
  bool fuses_attention = false;
  /// The caveat has "A2A overlap", "overlap_moe_expert_parallel_comm", "DualPipe"; not "no EP overlap".
  bool overlaps_experts = false;
};

/// The models and GPUs that come with Hockney, and software stacks, by the words of rows of tables.
class KnownNames {
 public:
  /// `stacks` must outlive it.
  explicit KnownNames(const std::vector<Stack>& stacks) : stacks_(stacks) {}

  /// The name of the GPU file of gpu_meant().
  const std::string& gpu(std::string_view words);

  /// The GPU of a name. Throws InputError as find_gpu().
  const Gpu& gpu_file(std::string_view name);

  /// As parse_precision(), which throws.
  Precision precision(std::string_view words);

  /// The model of model_meant(); nullptr: none.
  const Transformer* model(std::string_view words);

  /// The model of model_of_shape(); nullptr: none.
  static const Transformer* model_of(const Transformer& shape);

  /// The stack that source and caveat name (stack_of()); else what is usual for this sharding, or on this GPU
  /// (usual_stack(), which throws), or for fused attention on it, of which `fuses` is what a column says.
  const RanBy& ran_by(std::string_view source, std::string_view caveat, std::string_view sharding, std::string_view gpu,
                      std::optional<bool> fuses);

 private:
  const std::vector<Stack>& stacks_;
  LookedUp<std::string> gpu_names_;
  LookedUp<Gpu> gpus_;
  LookedUp<Precision> precisions_;
  LookedUp<const Transformer*> models_;
  LookedUp<RanBy> known_stacks_;
  std::string words_;  ///< that a stack was asked for by
};

}  // namespace hockney::predict
