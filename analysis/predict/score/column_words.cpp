#include "predict/score/column_words.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <sstream>
#include <type_traits>
#include <vector>

#include "base/error.hpp"
#include "base/names.hpp"
#include "base/rates.hpp"
#include "base/text.hpp"
#include "predict/score/figure.hpp"
#include "workload/mapping_fields.hpp"
#include "workload/transformer_fields.hpp"

namespace hockney::predict {
namespace {

using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array<std::string_view, 11> fillers{"of",      "per",      "size",     "dim",        "degree", "model",
                                                   "elapsed", "training", "achieved", "throughput", "speed"};
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

// A unit, the one that columns are in, and how many of these it is. "k" and "m" stand before tokens and sequences.
struct Scale {
  std::string_view word;
  std::string_view base;
  double factor;
  bool only_in_brackets;  // a word of something else outside of them: the least time, a name
};
constexpr std::array<Scale, 28> scales{{{"ms", "s", 1e-3, true},
                                        {"msec", "s", 1e-3, true},
                                        {"milliseconds", "s", 1e-3, true},
                                        {"min", "s", 60, true},
                                        {"mins", "s", 60, false},
                                        {"minute", "s", 60, false},
                                        {"minutes", "s", 60, false},
                                        {"h", "s", 3600, true},
                                        {"hr", "s", 3600, true},
                                        {"hour", "s", 3600, false},
                                        {"hours", "s", 3600, false},
                                        {"us", "s", 1e-6, true},
                                        {"usec", "s", 1e-6, false},
                                        {"k", "", 1e3, true},
                                        {"thousand", "", 1e3, false},
                                        {"thousands", "", 1e3, false},
                                        {"m", "", 1e6, true},
                                        {"million", "", 1e6, false},
                                        {"millions", "", 1e6, false},
                                        {"ktokens", "tokens", 1e3, false},
                                        {"ktok", "tokens", 1e3, false},
                                        {"mtokens", "tokens", 1e6, false},
                                        {"mtok", "tokens", 1e6, false},
                                        {"pflop", "tflops", 1e3, false},
                                        {"pflops", "tflops", 1e3, false},
                                        {"gflop", "tflops", 1e-3, false},
                                        {"gflops", "tflops", 1e-3, false},
                                        {"ksamples", "sequences", 1e3, false}}};

// Words of units beside those of `scales`. A single letter in brackets is a symbol: "Sequence length (s)".
constexpr std::array<std::string_view, 17> units{"tokens",  "tok",   "token",  "samples", "sequences", "sec",
                                                 "seconds", "tflop", "tflops", "gb",      "gib",       "mb",
                                                 "mib",     "kb",    "gbit",   "gbps",    "bytes"};

// Units that numbers of a column may be said to be in, as they are.
constexpr std::array<Words, 11> own_units{{{"measured_s", "sec seconds"},
                                           {"measured_ms", "sec seconds"},
                                           {"tokens_per_s", "tokens tok token sec seconds"},
                                           {"tokens_per_s_per_gpu", "tokens tok token sec seconds"},
                                           {"sequences_per_s", "sequences samples sec seconds"},
                                           {"tflops_per_gpu", "tflop tflops sec"},
                                           {"sequence", "tokens tok token"},
                                           {"vocabulary", "tokens tok token"},
                                           {"gbs", "sequences samples"},
                                           {"mbs", "sequences samples"},
                                           {"mfu", "tflop tflops"}}};

bool is_figure(std::string_view column) {
  constexpr auto figures = all_names<Figure>();
  return std::find(figures.begin(), figures.end(), column) != figures.end();
}

template <class Among>
bool holds(const Among& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_listed(std::string_view words, std::string_view word) {
  std::istringstream list{std::string(words)};
  return std::find(std::istream_iterator<std::string>(list), {}, word) != std::istream_iterator<std::string>();
}

const Scale* scale_of(std::string_view word) {
  const auto* const found =
      std::find_if(scales.begin(), scales.end(), [&](const Scale& each) { return each.word == word; });
  return found == scales.end() ? nullptr : found;
}

/// A text with units in place of their multiples, and how many of them one is.
struct Rescaled {
  std::string text;
  double of_time = 1;
  double of_others = 1;

  void take(std::string_view part, bool in_brackets) {
    for (const std::string& word : words_in(part)) {
      const Scale* scale = scale_of(word);
      scale = scale != nullptr && scale->only_in_brackets && !in_brackets ? nullptr : scale;
      text += scale == nullptr ? word + " " : fmt::format("{} ", scale->base);
      (scale != nullptr && scale->base == "s" ? of_time : of_others) *= scale == nullptr ? 1 : scale->factor;
    }
  }

  /// As a known column; is_strange where it has no such unit.
  NamedColumn column(std::string_view name) const {
    constexpr double kilo = 1e3;
    constexpr double kibi = 1024;
    const bool is_time = name == "measured_s" && of_others == 1;
    const bool is_rate = is_figure(name) && name.find("_per_") != std::string_view::npos;
    const bool is_kibi = name == "sequence" && of_time == 1 && of_others == kilo;
    const bool is_plain = of_time == 1 && of_others == 1;
    return {name,
            is_time   ? of_time
            : is_rate ? of_others / of_time
            : is_kibi ? kibi
                      : 1,
            !(is_time || is_rate || is_kibi || is_plain)};
  }
};

std::string_view known_by(std::string_view name, std::span<const ColumnAlias> aliases) {
  const auto alias =
      std::find_if(aliases.begin(), aliases.end(), [&](const ColumnAlias& each) { return each.first == name; });
  return alias == aliases.end() || name.empty() ? std::string_view() : alias->second;
}

NamedColumn in_other_unit(std::string_view heading, std::span<const ColumnAlias> aliases) {
  const std::size_t open = std::min(heading.find_first_of("(["), heading.size());
  Rescaled rescaled;
  rescaled.take(heading.substr(0, open), false);
  rescaled.take(heading.substr(open), true);
  const NamedColumn found = rescaled.column(known_by(gist_of(rescaled.text), aliases));
  return found.factor == 1 || found.is_strange ? NamedColumn{} : found;
}

// A column whose heading ends in a bracket: a remark, a symbol, or a unit of its numbers.
NamedColumn with_bracket(std::string_view name, std::string_view bracket) {
  if (name == "node_nic_bytes_per_s") {
    try {
      return {name, parse_rate(fmt::format("1{}", bracket)).value};
    } catch (const InputError&) {
      return {name, 1, true};
    }
  }
  const bool has_symbol = name != "gbs" && name != "vocabulary" && name != "sequence" && !is_figure(name);
  const std::vector<std::string> words = words_in(bracket);
  const auto* const own =
      std::find_if(own_units.begin(), own_units.end(), [&](const Words& each) { return each.first == name; });
  Rescaled rescaled;
  if (!has_symbol || bracket.size() > 1) {
    rescaled.take(bracket, true);
  }
  NamedColumn column = rescaled.column(name);
  column.is_strange = column.is_strange || std::any_of(words.begin(), words.end(), [&](const std::string& word) {
                        return scale_of(word) == nullptr && holds(units, word) &&
                               (own == own_units.end() || !is_listed(own->second, word));
                      });
  return column;
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

std::string_view in_brackets(std::string_view heading) {
  const std::size_t open = std::min(heading.find_first_of("(["), heading.size());
  const std::string_view rest = heading.substr(std::min(open + 1, heading.size()));
  return rest.substr(0, rest.find_first_of(")]"));
}

bool are_extremes(std::span<const std::string_view> headings) {
  constexpr std::array<std::string_view, 6> statistics{"max", "avg", "average", "mean", "median", "p50"};
  return std::any_of(headings.begin(), headings.end(),
                     [&](std::string_view each) { return holds(statistics, lower_case(in_brackets(each))); });
}

NamedColumn column_meant(std::string_view heading, HeadingReading reading, std::span<const std::string_view> known,
                         std::span<const ColumnAlias> aliases) {
  using enum HeadingReading;
  if (reading == other_unit) {
    return in_other_unit(heading, aliases);
  }
  const bool is_cut = reading == written_before_bracket || reading == gist_before_bracket;
  const std::string_view text = heading.substr(0, is_cut ? heading.find_first_of("([") : heading.size());
  const bool is_gist = reading == gist || reading == gist_before_bracket;
  const std::string name = reading == as_it_is ? std::string(text) : is_gist ? gist_of(text) : written_name(text);
  const auto column = is_gist ? known.end() : std::find(known.begin(), known.end(), name);
  const std::string_view found = column != known.end() ? *column : reading == as_it_is ? "" : known_by(name, aliases);
  return is_cut && !found.empty() ? with_bracket(found, in_brackets(heading)) : NamedColumn{found};
}

std::span<const ColumnAlias> step_column_aliases() {
  static const std::vector<ColumnAlias> aliases = all_aliases();
  return aliases;
}

}  // namespace hockney::predict
