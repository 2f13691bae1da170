#include "predict/score/exam_rows.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "predict/score/table_lines.hpp"
#include "workload/mapping_fields.hpp"
#include "workload/transformer_fields.hpp"

namespace hockney::predict {
namespace {

constexpr std::array<std::string_view, 13> own_columns{
    "gpus",     "gpu",          "node_nic_bytes_per_s", "measured_s",   "top_k",  "precision", "sharding",
    "launches", "launch_min_s", "launch_max_s",         "published_as", "caveat", "url"};

constexpr std::uint64_t largest_size = 1U << 20U;

std::uint64_t rounded_up(std::uint64_t value, std::uint64_t multiple) { return divided_up(value, multiple) * multiple; }

class Reader {
 public:
  Reader(const TableLines& lines, const std::vector<Stack>& stacks)
      : lines_(lines), stacks_(stacks), model_(transformer_fields, lines), mapping_(mapping_fields, lines) {}

  ExamRow row() const {
    ExamRow row;
    row.run.line = lines_.number();
    row.run.text = lines_.text();
    model_.read(lines_, row.run.model,
                [](const auto& field) { return field.is_required && field.name != "name" && field.name != "source"; });
    const Stack* stack = stack_of_row(row.run.model.source);
    row.stack = stack == nullptr ? "unknown" : stack->name;
    apply(stack == nullptr ? Stack{} : *stack, row);
    mapping_.read(lines_, row.run.mapping, [](const auto& field) {
      return field.is_required || field.name == "tensor" || field.name == "pipeline" || field.name == "data";
    });
    read("gpu", row.run.gpu);
    row.run.node_nic_bytes_per_s = lines_.positive(lines_.column("node_nic_bytes_per_s"));
    row.run.measured_s = lines_.positive(lines_.column("measured_s"));
    read("precision", row.way.precision);
    std::string sharding;
    if (read("sharding", sharding)) {
      row.way.sharding = parse_sharding(sharding);
      row.run.mapping.distributed_optimizer = row.way.sharding != Sharding::none;
    }
    complete(row.run.model);
    divide(row.run.model, row.run.mapping);
    row.kind = kind_of(row);
    row.family = family_of(row);
    return row;
  }

 private:
  template <class Value>
  bool read(std::string_view column, Value& value) const {
    return lines_.read(lines_.column(column), value);
  }

  // What the source and the caveat name; else what is usual for this sharding, or on this GPU.
  const Stack* stack_of_row(const std::string& source) const {
    const Stack* named = stack_of(stacks_, source + "; " + text("caveat"));
    return named != nullptr ? named : stack_of(stacks_, "sharding: " + text("sharding") + "; gpu: " + text("gpu"));
  }

  std::string text(std::string_view column) const {
    std::string text;
    read(column, text);
    return text;
  }

  static void apply(const Stack& stack, ExamRow& row) {
    Mapping& mapping = row.run.mapping;
    mapping.scatter_gather = true;
    mapping.flash_attention = stack.flash_attention;
    mapping.gradient_bytes = stack.gradient_bytes;
    mapping.overlap_gradients = stack.overlap_gradients;
    mapping.overlap_transfers = stack.overlap_transfers;
    row.way.fused_layers = stack.fused_layers;
    row.way.cuda_graphs = stack.cuda_graphs;
    row.way.overlap_parameters = stack.overlap_parameters;
    row.way.overlap_forward = stack.overlap_forward;
    row.way.attention_share = stack.attention_share;
    row.host_waits = stack.host_waits;
  }

  void complete(Transformer& model) const {
    read("top_k", model.experts_per_token);
    model.key_value_heads = model.key_value_heads == 0 ? model.heads : model.key_value_heads;
    model.feed_forward = model.feed_forward == 0 ? 4 * model.hidden : model.feed_forward;
    model.tied_embeddings = !model.gated_feed_forward;
    for (const auto& [key, value] :
         {std::pair{"layers", model.layers}, std::pair{"hidden", model.hidden}, std::pair{"heads", model.heads},
          std::pair{"sequence", model.sequence}, std::pair{"vocabulary", model.vocabulary}}) {
      if (value == 0) {
        lines_.refuse(key, "expected a number above 0");
      }
    }
  }

  void divide(Transformer& model, Mapping& mapping) const {
    const std::array<std::uint64_t, 9> sizes{mapping.tensor,      mapping.context,      mapping.pipeline,
                                             mapping.data,        mapping.expert,       mapping.virtual_stages,
                                             mapping.micro_batch, mapping.global_batch, mapping.gpus_per_node};
    const bool is_possible = std::all_of(sizes.begin(), sizes.end(), [](std::uint64_t size) {
      return size >= 1 && size <= largest_size;  // no product of them runs over
    });
    const double in_all = static_cast<double>(mapping.tensor) * static_cast<double>(mapping.context) *
                          static_cast<double>(mapping.pipeline) * static_cast<double>(mapping.data);
    if (!is_possible || in_all > static_cast<double>(largest_size) || model.layers > largest_size) {
      throw InputError(fmt::format("{}: expected parallel sizes, batches, layers, nodes and GPUs in all from 1 to {}",
                                   lines_.place(), largest_size));
    }
    std::uint64_t gpus = mapping.gpus();
    if (read("gpus", gpus) && gpus != mapping.gpus()) {
      lines_.refuse("gpus", fmt::format("{}, expected tp x cp x pp x dp = {}", gpus, mapping.gpus()));
    }
    if (mapping.pipeline == 1) {
      mapping.virtual_stages = 1;
    }
    model.layers = mapping.virtual_stages > 1 ? rounded_up(model.layers, mapping.pipeline * mapping.virtual_stages)
                                              : std::max(model.layers, mapping.pipeline);
    model.key_value_heads = std::max(model.key_value_heads, mapping.tensor);
    mapping.global_batch = rounded_up(mapping.global_batch, mapping.micro_batch * mapping.data);
    mapping.expert = model.experts == 0 ? 1 : std::min(mapping.expert, mapping.context * mapping.data);
  }

  static StepKind kind_of(const ExamRow& row) {
    const bool is_sharded = row.way.sharding == Sharding::full || row.way.sharding == Sharding::gradients;
    return row.run.model.experts > 0 ? StepKind::experts : is_sharded ? StepKind::sharded : StepKind::dense;
  }

  static std::string family_of(const ExamRow& row) {
    const std::string& source = row.run.model.source;
    const std::string name = source.substr(0, source.find_first_of("@,"));
    return name + (row.kind == StepKind::experts ? ", experts" : row.kind == StepKind::sharded ? ", FSDP" : "");
  }

  const TableLines& lines_;
  const std::vector<Stack>& stacks_;
  FieldColumns<decltype(transformer_fields)> model_;
  FieldColumns<decltype(mapping_fields)> mapping_;
};

}  // namespace

void parse_exam_rows(const std::string& text, const std::string& origin, const std::vector<Stack>& stacks,
                     ExamRows& into) {
  const std::vector<std::string_view> known = columns_of_steps(own_columns);
  TableLines lines(text, origin, known);
  const Reader reader(lines, stacks);
  for_each_line(
      lines,
      [&] {
        into.rows.push_back(reader.row());
        into.rows.back().file = origin;
      },
      [&](const char* reason) {
        into.skipped.push_back({lines.place(), reason});
      });
}

void read_exam_rows(const std::filesystem::path& file, const std::vector<Stack>& stacks, ExamRows& into) {
  parse_exam_rows(read_text_file(file), file.string(), stacks, into);
}

}  // namespace hockney::predict
