#include "predict/memory/memory_rows.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

#include "base/error.hpp"
#include "base/names.hpp"
#include "base/shipped.hpp"
#include "base/text.hpp"
#include "predict/score/step_rows.hpp"
#include "workload/mapping_fields.hpp"
#include "workload/transformer_fields.hpp"

namespace hockney::predict {
namespace {

// The runs of arXiv 2311.05610, for tables without such columns.
constexpr std::uint64_t usual_tokens_per_step = 1ULL << 22;
constexpr std::uint64_t usual_vocabulary = 128000;
constexpr std::uint64_t usual_gpus_per_node = 8;
constexpr std::uint64_t usual_gradient_bytes = 2;
constexpr MemoryProgram usual_program{.sharding = Sharding::optimizer,
                                      .fused_softmax = false,
                                      .fused_norm = false,
                                      .fused_rotary = false,
                                      .fused_gate = false,
                                      .whole_logits = true};

constexpr std::array<std::string_view, 6> own_columns{"model",  "gpus",    "checkpointing",
                                                      "kernel", "outcome", "sharding"};

std::vector<std::string_view> known_columns() { return columns_of_steps(own_columns); }

/// What a word of the column `kernel` stands for.
struct Kernel {
  std::string_view name;
  bool flash;
  bool fused_softmax;
  bool packed;
  bool fused_norm;
};

constexpr std::array<Kernel, 5> kernels{{{"torch", false, false, false, false},
                                         {"fused", false, true, false, false},
                                         {"flash_attentionv1.0.8", true, true, true, false},
                                         {"flash_attention2", true, true, false, false},
                                         {"flash_attention2 + RMS kernel", true, true, false, true}}};

const Kernel& kernel_of(const std::string& name) {
  const auto* const found =
      std::find_if(kernels.begin(), kernels.end(), [&](const Kernel& kernel) { return kernel.name == name; });
  if (found == kernels.end()) {
    std::array<std::string_view, kernels.size()> names;
    std::transform(kernels.begin(), kernels.end(), names.begin(), [](const Kernel& kernel) { return kernel.name; });
    throw InputError(unknown_name("kernel", name, names));
  }
  return *found;
}

// "13B" is llama-13b.
std::string shipped_name(const std::string& name) {
  return digits_at(name, 0) > 0 ? "llama-" + lower_case(name) : name;
}

class RowReader {
 public:
  RowReader(const TableLines& lines, const std::filesystem::path& models)
      : lines_(lines),
        models_(models),
        shape_(transformer_fields, lines),
        layout_(mapping_fields, lines),
        program_(memory_program_fields, lines) {
    for (const std::string_view column : {"tp", "pp", "mbs", "outcome"}) {
      if (!lines.column(column)) {
        throw InputError(fmt::format("{}: column '{}' is missing", lines.place(), column));
      }
    }
  }

  MemoryRow row() {
    MemoryRow row;
    row.line = lines_.number();
    row.model = model();
    row.kernel = text("kernel");
    row.program = usual_program;
    row.mapping.gpus_per_node = usual_gpus_per_node;
    row.mapping.gradient_bytes = usual_gradient_bytes;
    if (!row.kernel.empty()) {
      const Kernel& kernel = kernel_of(row.kernel);
      row.program.fused_softmax = kernel.fused_softmax;
      row.program.fused_norm = kernel.fused_norm;
      row.program.packed_attention = kernel.packed;
      row.mapping.flash_attention = kernel.flash;
    }
    program_.read(lines_, row.program, [](const auto&) { return false; });
    if (const std::string words = text("sharding"); !words.empty()) {
      row.program.sharding = parse_sharding(words);
    }
    read_mapping(row.model, row.mapping);
    row.fitted = fitted();
    return row;
  }

 private:
  std::string text(std::string_view column) const { return std::string(lines_.field(lines_.column(column))); }

  Transformer model() {
    const std::string name = shipped_name(text("model"));
    Transformer model = name.empty() ? Transformer() : shipped(name);
    model.vocabulary = usual_vocabulary;
    shape_.read(lines_, model, [&](const auto& field) {
      return name.empty() && field.is_required && field.name != "name" && field.name != "source" &&
             field.name != "vocabulary";
    });
    model.key_value_heads = model.key_value_heads == 0 ? model.heads : model.key_value_heads;
    model.feed_forward = model.feed_forward == 0 ? 4 * model.hidden : model.feed_forward;
    if (const auto fault = fault_in(model)) {
      lines_.refuse(fault->key, fault->expected);
    }
    return model;
  }

  const Transformer& shipped(const std::string& name) {
    const auto found = known_.find(name);
    return found != known_.end() ? found->second : known_.emplace(name, find_transformer(name, models_)).first->second;
  }

  void read_mapping(const Transformer& model, Mapping& mapping) const {
    mapping.data = 0;
    mapping.global_batch = 0;
    mapping.recompute = recompute();
    layout_.read(lines_, mapping, [](const auto& field) {
      return field.name == "tensor" || field.name == "pipeline" || field.name == "micro_batch_sequences";
    });
    if (mapping.tensor == 0 || mapping.pipeline == 0 || mapping.context == 0 || mapping.micro_batch == 0 ||
        mapping.virtual_stages == 0 || mapping.expert == 0 || mapping.gpus_per_node == 0) {
      throw InputError(fmt::format("{}: expected parallel sizes, batches and GPUs per node above 0", lines_.place()));
    }
    settle_replicas(lines_, lines_.column("gpus"), mapping);
    mapping.global_batch = mapping.global_batch == 0 ? usual_tokens_per_step / model.sequence : mapping.global_batch;
    if (mapping.micro_batches() == 0 || mapping.pipeline > model.layers) {
      lines_.refuse("mbs", fmt::format("{}: expected at most the {} sequences of a step over all replicas, and a layer "
                                       "for every stage",
                                       mapping.micro_batch, mapping.global_batch));
    }
  }

  Recompute recompute() const {
    const std::string word = text("checkpointing");
    if (!word.empty() && word != "disabled" && word != "every_layer") {
      lines_.refuse("checkpointing", fmt::format("'{}': expected disabled or every_layer", word));
    }
    return word == "every_layer" ? Recompute::full : Recompute::none;
  }

  bool fitted() const {
    const std::string word = text("outcome");
    if (word != "fits" && !word.starts_with("OOM")) {
      lines_.refuse("outcome", fmt::format("'{}': expected fits or OOM", word));
    }
    return word == "fits";
  }

  const TableLines& lines_;
  const std::filesystem::path& models_;
  FieldColumns<decltype(transformer_fields)> shape_;
  FieldColumns<decltype(mapping_fields)> layout_;
  FieldColumns<decltype(memory_program_fields)> program_;
  std::map<std::string, Transformer> known_;
};

}  // namespace

std::string usual_memory_run() {
  return fmt::format(
      "vocabulary {}, {} tokens per step, {} GPUs per node, {}-byte gradients, no recomputation, no fused kernels, "
      "optimizer state divided over the replicas, logits gathered before the loss (the runs of arXiv 2311.05610)",
      usual_vocabulary, usual_tokens_per_step, usual_gpus_per_node, usual_gradient_bytes);
}

MemoryRows parse_memory_rows(const std::string& text, const std::string& origin, const std::filesystem::path& models) {
  const std::vector<std::string_view> known = known_columns();
  TableLines lines(text, origin, known);
  RowReader reader(lines, models);
  MemoryRows table{{}, {}, lines.ignored_columns()};
  table.skipped = for_each_line(lines, [&] { table.rows.push_back(reader.row()); });
  require_rows(!table.rows.empty(), table.skipped, table.ignored_columns, origin);
  return table;
}

MemoryRows read_memory_rows(const std::filesystem::path& file, const std::filesystem::path& models) {
  return parse_memory_rows(read_text_file(file), file.string(), models);
}

}  // namespace hockney::predict
