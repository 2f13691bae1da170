#include "predict/score/step_rows.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <iterator>

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/rates.hpp"
#include "base/seconds.hpp"
#include "base/shipped.hpp"
#include "base/text.hpp"
#include "predict/score/known_names.hpp"
#include "workload/mapping_fields.hpp"
#include "workload/transformer_fields.hpp"

namespace hockney::predict {
namespace {

constexpr std::array<std::string_view, 13> own_columns{
    "gpus",         "gpu",          "node_nic_bytes_per_s", "top_k",  "precision", "sharding",      "launches",
    "launch_min_s", "launch_max_s", "published_as",         "caveat", "url",       "gpu_memory_gib"};

constexpr std::uint64_t largest_size = 1U << 20U;      // of a mapping; no product of them runs over
constexpr std::uint64_t largest_width = 1U << 31U;     // of a model, and of a batch
constexpr std::uint64_t longest_sequence = 1U << 22U;  // "8192" under "Sequence length (k)" is none

std::uint64_t rounded_up(std::uint64_t value, std::uint64_t multiple) { return divided_up(value, multiple) * multiple; }

// "96" of "..., H100 96 GB HBM2e" for a GPU "h100" or "h100-80g".
std::optional<double> gigabytes_of(std::string_view gpu, std::string_view text) {
  const auto alike = [](char a, char b) { return lower_case(a) == lower_case(b); };
  const std::string_view name = gpu.substr(0, gpu.find('-'));
  if (text.find("GB") == std::string_view::npos) {
    return std::nullopt;
  }
  const auto found = std::search(text.begin(), text.end(), name.begin(), name.end(), alike);
  if (name.empty() || found == text.end()) {
    return std::nullopt;
  }
  std::string_view rest(text.substr(static_cast<std::size_t>(found - text.begin()) + name.size()));
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  double number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return error == std::errc() && number > 0 && number < 1e6 && rest.starts_with("GB") ? std::optional(number)
                                                                                      : std::nullopt;
}

/// Reads the lines of one table; where their columns stand is found once.
class Reader {
 public:
  Reader(const TableLines& lines, const std::vector<Stack>& stacks)
      : lines_(lines),
        names_(stacks),
        model_(transformer_fields, lines),
        mapping_(mapping_fields, lines),
        program_(memory_program_fields, lines) {
    if (top_k_) {
      model_columns_.push_back(*top_k_);
    }
    for (const auto& [figure, name] : FigureNames::table) {
      figures_.emplace_back(figure, lines.column(name));
    }
  }

  void read(StepRow& row) {
    row.line = lines_.number();
    row.model = model();
    if (const std::string_view words = lines_.field(gpu_); !words.empty()) {
      row.gpu = names_.gpu(words);
    }
    const RanBy& ran = names_.ran_by(row.model.source, lines_.field(caveat_), lines_.field(sharding_),
                                     lines_.field(gpu_).empty() ? std::string_view() : row.gpu, fuses_attention());
    row.stack = ran.stack;
    StackRun run = StackRun::by(row.stack);
    row.mapping = run.usual_mapping();
    row.mapping.data = 0;
    row.mapping.flash_attention |= ran.fuses_attention;
    row.mapping.overlap_experts |= ran.overlaps_experts;
    const bool says_gpus = !lines_.field(gpus_).empty();
    const bool leaves_out_tensor = leaves_out(tensor_);
    const bool leaves_out_pipeline = leaves_out(pipeline_);
    mapping_.read(lines_, row.mapping, [&](const auto& field) {
      return field.is_required || (field.name == "tensor" && leaves_out_tensor && !says_gpus) ||
             (field.name == "pipeline" && leaves_out_pipeline && !says_gpus);
    });
    row.stated.tensor = leaves_out_tensor ? 0 : row.mapping.tensor;
    row.stated.pipeline = leaves_out_pipeline ? 0 : row.mapping.pipeline;
    row.node_nic_bytes_per_s = lines_.positive(node_nic_, [](std::string_view text) { return parse_rate(text).value; });
    if (const std::string_view words = lines_.field(precision_); !words.empty()) {
      run.compute_in(precision_of(words), row.mapping);
    }
    if (const std::string_view words = lines_.field(sharding_); !words.empty()) {
      run.shard(words, row.mapping);
      row.states_sharding = true;
    }
    std::optional<double> gib =
        lines_.positive(gpu_memory_, [](std::string_view text) { return split_number(text, "GiB of memory").first; });
    gib = gib ? gib : gigabytes_of(row.gpu, lines_.field(caveat_));
    if (gib) {
      row.gpu_memory = Bytes{static_cast<std::uint64_t>(*gib * 0x1p30)};
    }
    program_.read(lines_, run.way.memory, [](const auto&) { return false; });
    row.way = run.way;
    row.states_recompute = !lines_.field(recompute_).empty();
    require_possible(row);
    measure(row);
    divide(row);
  }

 private:
  using Column = std::optional<std::size_t>;

  // Whether the table has the column, by either name, and the row says nothing there.
  bool leaves_out(const std::array<Column, 2>& names) const {
    const auto says = [this](Column column) { return !lines_.field(column).empty(); };
    return (names[0] || names[1]) && std::none_of(names.begin(), names.end(), says);
  }

  std::optional<bool> fuses_attention() const {
    bool fuses = false;
    const bool says = std::any_of(flash_.begin(), flash_.end(), [&](Column each) { return lines_.read(each, fuses); });
    return says ? std::optional(fuses) : std::nullopt;
  }

  Precision precision_of(std::string_view words) {
    try {
      return names_.precision(words);
    } catch (const InputError& error) {
      lines_.refuse("precision", error.what());
    }
  }

  // The first figure of the row, as seconds.
  void measure(StepRow& row) {
    const auto with_unit = [](std::string_view text) {
      return text.ends_with('%') ? parse_fraction(text) : parse_seconds(text).count();
    };
    for (const auto& [figure, column] : figures_) {
      if (const auto value = lines_.positive(column, with_unit); value && !row.measured_s) {
        const double peak =
            figure == Figure::flops_utilisation ? names_.gpu_file(row.gpu).peak_flops_per_s(row.way.precision) : 0;
        row.figure = figure;
        row.measured_s = seconds_from(figure, *value, row.model, row.mapping, peak);
      }
    }
  }

  // Rows of a table differ little: one that says of its model what the row before says has the same.
  const Transformer& model() {
    const auto is_same = [this](std::size_t column, std::string_view before) { return lines_.field(column) == before; };
    if (!last_model_ || !std::equal(model_columns_.begin(), model_columns_.end(), model_words_.begin(), is_same)) {
      last_model_.reset();
      last_model_ = read_model();
      model_words_.clear();
      std::transform(model_columns_.begin(), model_columns_.end(), std::back_inserter(model_words_),
                     [this](std::size_t column) { return std::string(lines_.field(column)); });
    }
    return *last_model_;
  }

  // A shape that is not told in full is that of the model of this name, but for what is told.
  Transformer read_model() {
    Transformer model;
    model.name = "model";
    model_.read(lines_, model, [](const auto&) { return false; });
    const Transformer* named = nullptr;
    if (model.layers == 0 || model.hidden == 0 || model.heads == 0 || model.sequence == 0 || model.vocabulary == 0) {
      named = names_.model(model.name);
      if (named != nullptr) {
        model = *named;
        model.source.clear();  // of the shape; the row has one of its own
      }
      if (named == nullptr && model.layers == 0) {
        lines_.refuse("layers", fmt::format("expected a value, or the name of a known model (is '{}')", model.name));
      }
      model_.read(lines_, model, [named](const auto& field) {
        return named == nullptr && field.is_required && field.name != "name" && field.name != "source";
      });
    }
    lines_.read(top_k_, model.experts_per_token);
    model.key_value_heads = model.key_value_heads == 0 ? model.heads : model.key_value_heads;
    if (model.feed_forward == 0) {
      model.feed_forward = model.expert_feed_forward > 0 ? model.expert_feed_forward : 4 * model.hidden;
    }
    for (const auto& [key, value, least] :
         {Size{"layers", model.layers, 1}, Size{"hidden", model.hidden, 1}, Size{"heads", model.heads, 1},
          Size{"key_value_heads", model.key_value_heads, 1}, Size{"feed_forward", model.feed_forward, 1},
          Size{"sequence", model.sequence, 1}, Size{"vocabulary", model.vocabulary, 1},
          Size{"experts", model.experts, 0}}) {
      if (value < least || value > largest_width) {
        lines_.refuse(key, fmt::format("'{}': expected {} to {}", value, least, largest_width));
      }
    }
    if (model.sequence > longest_sequence) {
      lines_.refuse("sequence", fmt::format("'{}': expected 1 to {} tokens", model.sequence, longest_sequence));
    }
    if (model.experts > 0 && (model.experts_per_token == 0 || model.experts_per_token > model.experts)) {
      lines_.refuse("top_k", fmt::format("'{}': expected 1 to the {} experts", model.experts_per_token, model.experts));
    }
    if (const auto fault = fault_in_parts(model)) {
      lines_.refuse(fault->key, fault->expected);
    }
    const Transformer* known = named != nullptr ? named : KnownNames::model_of(model);
    if (known != nullptr && known != named) {
      complete(model, *known);
    } else if (known == nullptr && model.experts > 0 && model.head_width == 0 && model.heads > 0) {
      model.head_width = std::max(model.hidden / model.heads, least_width_beside_experts);
    }
    if (lines_.field(tied_).empty()) {
      model.tied_embeddings = known != nullptr ? known->tied_embeddings : !model.gated_feed_forward;
    }
    return model;
  }

  struct Size {
    std::string_view key;
    std::uint64_t value;
    std::uint64_t least;
  };

  void require_possible(StepRow& row) const {
    Mapping& mapping = row.mapping;
    for (const auto& [key, value, least] :
         {Size{"tp", mapping.tensor, 1}, Size{"cp", mapping.context, 1}, Size{"pp", mapping.pipeline, 1},
          Size{"dp", mapping.data, 0}, Size{"ep", mapping.expert, 1}, Size{"etp", mapping.expert_tensor, 0},
          Size{"vp", mapping.virtual_stages, 1}, Size{"mbs", mapping.micro_batch, 1},
          Size{"gpus_per_node", mapping.gpus_per_node, 1}, Size{"layers", row.model.layers, 1}}) {
      if (value < least || value > largest_size) {
        lines_.refuse(key, fmt::format("'{}': expected {} to {}", value, least, largest_size));
      }
    }
    if (mapping.global_batch == 0 || mapping.global_batch > largest_width) {
      lines_.refuse("gbs", fmt::format("'{}': expected 1 to {}", mapping.global_batch, largest_width));
    }
    if (!(mapping.routing_skew >= 0)) {
      lines_.refuse("routing_skew", fmt::format("'{}': expected 0 or more", mapping.routing_skew));
    }
    settle_replicas(lines_, gpus_, mapping);
  }

  static void divide(StepRow& row) {
    Transformer& model = row.model;
    Mapping& mapping = row.mapping;
    row.stated.layers = model.layers;
    row.stated.expert = mapping.expert;
    row.stated.global_batch = mapping.global_batch;
    if (mapping.pipeline == 1) {
      mapping.virtual_stages = 1;
    }
    model.layers = std::max(model.layers, mapping.pipeline);
    mapping.global_batch = rounded_up(mapping.global_batch, mapping.micro_batch * mapping.data);
    mapping.expert = model.experts == 0 ? 1 : std::min(mapping.expert, mapping.tensor * mapping.context * mapping.data);
  }

  const TableLines& lines_;
  KnownNames names_;
  FieldColumns<decltype(transformer_fields)> model_;
  FieldColumns<decltype(mapping_fields)> mapping_;
  FieldColumns<decltype(memory_program_fields)> program_;
  Column gpus_ = lines_.column("gpus");
  std::array<Column, 2> tensor_{lines_.column("tp"), lines_.column("tensor")};
  std::array<Column, 2> pipeline_{lines_.column("pp"), lines_.column("pipeline")};
  std::array<Column, 2> flash_{lines_.column("flash"), lines_.column("flash_attention")};
  Column gpu_ = lines_.column("gpu");
  Column node_nic_ = lines_.column("node_nic_bytes_per_s");
  std::vector<std::pair<Figure, Column>> figures_;
  Column top_k_ = lines_.column("top_k");
  Column tied_ = lines_.column("tied_embeddings");
  Column recompute_ = lines_.column("recompute");
  Column precision_ = lines_.column("precision");
  Column sharding_ = lines_.column("sharding");
  Column caveat_ = lines_.column("caveat");
  Column gpu_memory_ = lines_.column("gpu_memory_gib");
  std::vector<std::size_t> model_columns_ = model_.columns();  ///< all that a model is read from
  std::vector<std::string> model_words_;                       ///< what these say of last_model_
  std::optional<Transformer> last_model_;
};

}  // namespace

std::string StepRow::family() const {
  const std::string name = model.source.substr(0, model.source.find_first_of("@,"));
  return name + (kind() == StepKind::experts ? ", experts" : kind() == StepKind::sharded ? ", FSDP" : "");
}

std::string StepRow::taken_otherwise() const {
  std::string words;
  const auto add = [&](std::string_view key, std::uint64_t as_stated, std::uint64_t as_taken) {
    if (as_stated != as_taken) {
      words += fmt::format("{}{} {} as {}", words.empty() ? "" : "; ", key,
                           as_stated == 0 ? "not stated" : fmt::to_string(as_stated), as_taken);
    }
  };
  add("tp", stated.tensor, mapping.tensor);
  add("pp", stated.pipeline, mapping.pipeline);
  add("layers", stated.layers, model.layers);
  add("ep", stated.expert, mapping.expert);
  add("gbs", stated.global_batch, mapping.global_batch);
  if (words.empty() && !fits(mapping, model)) {
    try {
      check(mapping, model);
    } catch (const InputError& error) {
      words = error.what();
    }
  }
  return words;
}

std::string StepRows::place(const StepRow& row) const { return fmt::format("{}:{}", file, row.line); }

std::string_view StepRows::line_of(const StepRow& row) const {
  return std::string_view(text).substr(row.begin, row.length);
}

std::vector<std::string_view> columns_of_steps(std::span<const std::string_view> others) {
  std::vector<std::string_view> columns(others.begin(), others.end());
  const auto add = [&](const auto& field) {
    columns.push_back(field.word());
    if (field.name != field.word()) {
      columns.push_back(field.name);
    }
  };
  for_each_field(transformer_fields, add);
  for_each_field(mapping_fields, add);
  for_each_field(memory_program_fields, add);
  return columns;
}

void settle_replicas(const TableLines& lines, std::optional<std::size_t> gpus_column, Mapping& mapping) {
  constexpr std::uint64_t least = 1;
  std::uint64_t gpus = 0;
  const bool is_told = lines.read(gpus_column, gpus);
  if (mapping.data == 0 && !is_told) {
    lines.refuse("dp", "expected a value above 0 in every row, or one of 'gpus'");
  }
  const double in_all = static_cast<double>(mapping.tensor) * static_cast<double>(mapping.context) *
                        static_cast<double>(mapping.pipeline) * static_cast<double>(std::max(mapping.data, least));
  if (in_all > static_cast<double>(largest_size)) {
    throw InputError(fmt::format("{}: tp x cp x pp x dp: expected 1 to {} GPUs in all", lines.place(), largest_size));
  }
  if (mapping.data == 0) {
    mapping.data = std::clamp(gpus / (mapping.tensor * mapping.context * mapping.pipeline), least, largest_size);
  }
  if (is_told && gpus != mapping.gpus()) {
    lines.refuse("gpus", fmt::format("{}, expected tp x cp x pp x dp = {}", gpus, mapping.gpus()));
  }
}

void require_rows(bool has_rows, const std::vector<SkippedLine>& skipped, const std::string& ignored_columns,
                  const std::string& file) {
  if (has_rows) {
    return;
  }
  if (skipped.empty()) {
    throw InputError(fmt::format("{}: no rows below the column names", file));
  }
  throw InputError(fmt::format("no row can be used; the first: {}: {}{}", skipped.front().place, skipped.front().reason,
                               ignored_columns.empty() ? "" : "; " + ignored_columns));
}

StepRows parse_step_rows(std::string text, const std::string& origin, const std::vector<Stack>& stacks) {
  constexpr auto figures = all_names<Figure>();
  std::vector<std::string_view> known = columns_of_steps(own_columns);
  known.insert(known.end(), figures.begin(), figures.end());
  StepRows table{.file = origin, .text = std::move(text)};
  TableLines lines(table.text, origin, known, step_column_aliases());
  table.header = lines.header();
  table.separator = lines.separator();
  table.ignored_columns = lines.ignored_columns();
  table.rows.reserve(static_cast<std::size_t>(std::count(table.text.begin(), table.text.end(), '\n')));
  Reader reader(lines, stacks);
  table.skipped = for_each_line(lines, [&] {
    StepRow& row = table.rows.emplace_back();
    row.begin = static_cast<std::size_t>(lines.text().data() - table.text.data());
    row.length = lines.text().size();
    try {
      reader.read(row);
    } catch (const InputError&) {
      table.rows.pop_back();
      throw;
    }
  });
  return table;
}

StepRows read_step_rows(const std::filesystem::path& file, const std::vector<Stack>& stacks) {
  return parse_step_rows(read_text_file(file), file.string(), stacks);
}

}  // namespace hockney::predict
