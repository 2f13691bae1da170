#include "predict/score/column_words.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sstream>
#include <type_traits>
#include <vector>

#include "base/names.hpp"
#include "base/text.hpp"
#include "predict/score/figure.hpp"
#include "workload/mapping_fields.hpp"
#include "workload/transformer_fields.hpp"

namespace hockney::predict {
namespace {

using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array<std::string_view, 9> fillers{"of",    "per",     "size",     "dim",     "degree",
                                                  "model", "elapsed", "training", "achieved"};
constexpr std::array<std::string_view, 4> counts{"n", "num", "number", "count"};

constexpr std::array<Words, 18> spellings{{{"seq", "sequence"},
                                           {"len", "length"},
                                           {"vocab", "vocabulary"},
                                           {"tok", "tokens"},
                                           {"token", "tokens"},
                                           {"sample", "sequences"},
                                           {"samples", "sequences"},
                                           {"sec", "s"},
                                           {"second", "s"},
                                           {"seconds", "s"},
                                           {"msec", "ms"},
                                           {"milliseconds", "ms"},
                                           {"device", "gpu"},
                                           {"devices", "gpus"},
                                           {"tflop", "tflops"},
                                           {"parallelism", "parallel"},
                                           {"utilization", "utilisation"},
                                           {"recomputation", "recompute"}}};

// A column and its other names. A name with a filler or in another spelling is that of a heading as it is written.
constexpr std::array<Words, 36> others{
    {{"layers", "hidden_layers nlayers depth"},
     {"hidden", "d_model n_embd embedding_size model_dim embed hiddensize"},
     {"heads", "attention_heads nheads"},
     {"key_value_heads", "kv_heads query_groups"},
     {"feed_forward", "ffn ffn_hidden intermediate_size mlp_size d_ff"},
     {"expert_feed_forward", "moe_ffn_hidden moe_intermediate"},
     {"gated_feed_forward", "swiglu gated gated_mlp glu"},
     {"experts", "moe_experts local_experts routed_experts"},
     {"top_k", "topk moe_router_topk router_topk active_experts"},
     {"sequence", "seqlen sequence_length context_length max_sequence_length"},
     {"vocabulary", "padded_vocabulary"},
     {"gpus", "gpus ngpus total_gpus world_size"},
     {"tp", "tensor_parallel"},
     {"cp", "context_parallel"},
     {"pp", "pipeline_parallel pipeline_stages"},
     {"ep", "expert_parallel"},
     {"dp", "data_parallel replicas"},
     {"vp", "vpp virtual_pipeline virtual_pipeline_parallel interleave model_chunks"},
     {"mbs", "micro_batch microbatch local_batch"},
     {"gbs", "global_batch batch"},
     {"sp", "sequence_parallelism"},
     {"flash", "flash_attn"},
     {"precision", "precision dtype compute_dtype data_type"},
     {"recompute", "activation_recompute activation_checkpointing act_ckpt recompute_granularity checkpointing"},
     {"sharding", "dp_sharding sharding_strategy parallel_strategy zero zero_stage"},
     {"gpu", "gpu gpu_type gpu_name accelerator hardware system"},
     {"name", "model run"},
     {"source", "reference paper"},
     {"caveat", "notes note comment comments remarks"},
     {"node_nic_bytes_per_s", "node_nic nic_node"},
     {"measured_s",
      "measured seconds step_time time_step iteration_time time_iteration step_time_s time_step_s iteration_time_s "
      "time_iteration_s step_s s_step s_iteration s_it"},
     {"measured_ms",
      "step_time_ms time_step_ms iteration_time_ms time_iteration_ms step_ms ms_step ms_iteration ms_it"},
     {"tokens_per_s_per_gpu", "tokens_gpu_s tps_gpu tgs"},
     {"sequences_per_s", "sequence_s"},
     {"tflops_per_gpu", "tflops tflops_s tflops_s_gpu"},
     {"mfu", "mfu_percent flops_utilisation"}}};

template <class Among>
bool holds(const Among& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string_view spelling_of(std::string_view word) {
  const auto* const found =
      std::find_if(spellings.begin(), spellings.end(), [&](const Words& each) { return each.first == word; });
  return found == spellings.end() ? word : found->second;
}

std::vector<ColumnAlias> all_aliases() {
  std::vector<ColumnAlias> aliases;
  for (const auto& [column, names] : others) {
    std::istringstream words{std::string(names)};
    for (std::string name; words >> name;) {
      aliases.emplace_back(std::move(name), column);
    }
  }
  const auto add = [&](const auto& field) {
    using Value = typename std::remove_cvref_t<decltype(field)>::Value;
    if (!std::is_same_v<Value, bool>) {
      aliases.emplace_back(gist_of(field.word()), field.word());
    }
  };
  for_each_field(transformer_fields, add);
  for_each_field(mapping_fields, add);
  for (const std::string_view figure : all_names<Figure>()) {
    aliases.emplace_back(gist_of(figure), figure);
  }
  return aliases;
}

}  // namespace

std::string written_name(std::string_view heading) { return fmt::format("{}", fmt::join(words_in(heading), "_")); }

std::string gist_of(std::string_view heading) {
  std::vector<std::string_view> gist;
  const std::vector<std::string> words = words_in(heading);
  bool is_counted = false;
  for (const std::string& word : words) {
    is_counted = is_counted || holds(counts, word);
    if (!holds(counts, word) && !holds(fillers, word)) {
      gist.push_back(spelling_of(word));
    }
  }
  const bool is_plural =
      std::any_of(gist.begin(), gist.end(), [](std::string_view word) { return word.ends_with('s'); });
  return fmt::format("{}{}", fmt::join(gist, "_"), is_counted && !is_plural && !gist.empty() ? "s" : "");
}

std::span<const ColumnAlias> step_column_aliases() {
  static const std::vector<ColumnAlias> aliases = all_aliases();
  return aliases;
}

}  // namespace hockney::predict
