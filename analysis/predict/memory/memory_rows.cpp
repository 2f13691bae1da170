#include "predict/memory/memory_rows.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <optional>

#include "base/error.hpp"
#include "base/names.hpp"
#include "base/shipped.hpp"
#include "predict/score/table_lines.hpp"

namespace hockney::predict {
namespace {

constexpr std::uint64_t tokens_per_step = 1ULL << 22;
constexpr std::uint64_t vocabulary = 128000;

constexpr std::array<std::string_view, 11> columns{
    "model",  "sequence",          "gpus",    "tp",    "pp", "mbs", "checkpointing",
    "kernel", "sequence_parallel", "outcome", "source"};

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
std::string shipped_name(std::string name) {
  if (!name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) != 0) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    return "llama-" + name;
  }
  return name;
}

class RowReader {
 public:
  RowReader(const TableLines& lines, const std::filesystem::path& models) : lines_(lines), models_(models) {
    for (const std::string_view column : columns) {
      if (column != "source" && !lines.column(column)) {
        throw InputError(fmt::format("{}: column '{}' is missing", lines.place(), column));
      }
    }
  }

  MemoryRow row() {
    MemoryRow row;
    row.line = lines_.number();
    row.model = model();
    row.kernel = text("kernel");
    const Kernel& kernel = kernel_of(row.kernel);
    row.program = {.sharding = Sharding::optimizer,
                   .fused_softmax = kernel.fused_softmax,
                   .fused_norm = kernel.fused_norm,
                   .fused_rotary = false,
                   .fused_gate = false,
                   .packed_attention = kernel.packed,
                   .whole_logits = true};
    row.mapping = mapping(row.model);
    row.mapping.flash_attention = kernel.flash;
    row.fitted = fitted();
    return row;
  }

 private:
  std::string text(std::string_view column) const { return std::string(lines_.field(lines_.column(column))); }

  std::uint64_t number(std::string_view column) const {
    std::uint64_t value = 0;
    lines_.read(lines_.column(column), value);
    if (value == 0) {
      lines_.refuse(column, "expected a whole number above 0");
    }
    return value;
  }

  Transformer model() {
    const std::string name = shipped_name(text("model"));
    const auto [found, is_new] = known_.try_emplace(name);
    if (is_new || found->second.layers == 0) {
      found->second = find_transformer(name, models_);
    }
    Transformer model = found->second;
    model.sequence = number("sequence");
    model.vocabulary = vocabulary;
    return model;
  }

  Mapping mapping(const Transformer& model) const {
    Mapping mapping;
    mapping.tensor = number("tp");
    mapping.pipeline = number("pp");
    mapping.micro_batch = number("mbs");
    const std::uint64_t gpus = number("gpus");
    mapping.data = gpus / mapping.tensor / mapping.pipeline;
    if (mapping.gpus() != gpus || mapping.data == 0) {
      lines_.refuse("gpus", fmt::format("{}: expected a multiple of tp x pp", gpus));
    }
    mapping.global_batch = tokens_per_step / model.sequence;
    if (mapping.micro_batches() == 0 || mapping.pipeline > model.layers) {
      lines_.refuse("mbs", fmt::format("{}: expected at most 2^22 tokens per step over all replicas, and a layer for "
                                       "every stage",
                                       mapping.micro_batch));
    }
    mapping.gradient_bytes = 2;
    mapping.recompute = recompute();
    mapping.sequence_parallel = sequence_parallel();
    return mapping;
  }

  bool sequence_parallel() const {
    const std::string word = text("sequence_parallel");
    if (!word.empty() && word != "True" && word != "False") {
      lines_.refuse("sequence_parallel", fmt::format("'{}': expected True, False or nothing", word));
    }
    return word == "True";
  }

  Recompute recompute() const {
    const std::string word = text("checkpointing");
    if (word != "disabled" && word != "every_layer") {
      lines_.refuse("checkpointing", fmt::format("'{}': expected disabled or every_layer", word));
    }
    return word == "disabled" ? Recompute::none : Recompute::full;
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
  std::map<std::string, Transformer> known_;
};

}  // namespace

MemoryRows parse_memory_rows(const std::string& text, const std::string& origin, const std::filesystem::path& models) {
  TableLines lines(text, origin, columns);
  RowReader reader(lines, models);
  MemoryRows table;
  for_each_line(
      lines, [&] { table.rows.push_back(reader.row()); },
      [&](const char* reason) {
        table.skipped.push_back({lines.number(), reason});
      });
  if (table.rows.empty()) {
    throw InputError(table.skipped.empty() ? fmt::format("{}: no rows below the column names", origin)
                                           : table.skipped.front().reason);
  }
  return table;
}

MemoryRows read_memory_rows(const std::filesystem::path& file, const std::filesystem::path& models) {
  return parse_memory_rows(read_text_file(file), file.string(), models);
}

}  // namespace hockney::predict
