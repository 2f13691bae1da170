#include "predict/score/known_names.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <initializer_list>

#include "base/shipped.hpp"
#include "base/text.hpp"
#include "workload/model_name.hpp"

namespace hockney::predict {
namespace {

const std::vector<Transformer>& shipped_models() {
  static const std::vector<Transformer> models = read_transformers(shipped_folder() / "models");
  return models;
}

/// Whether a caveat says one of these, whose words are joined by a space and of whose last the beginning is enough; not
/// behind "no".
bool says(std::string_view caveat, std::initializer_list<std::string_view> things) {
  static constexpr std::array<std::string_view, 5> denials{"no", "not", "non", "without", "o"};  // the last of "w/o"
  const std::string words = fmt::format(" {}", fmt::join(words_in(caveat), " "));
  return std::any_of(things.begin(), things.end(), [&](std::string_view thing) {
    const std::size_t at = words.find(fmt::format(" {}", thing));
    return at != std::string::npos && std::none_of(denials.begin(), denials.end(), [&](std::string_view denial) {
             return words.substr(0, at).ends_with(fmt::format(" {}", denial));
           });
  });
}

bool names_expert_overlap(std::string_view caveat) {
  return says(caveat, {"a2a overlap", "all to all overlap", "alltoall overlap", "ep overlap", "expert parallel overlap",
                       "moe overlap", "overlap moe", "overlap a2a", "overlap ep", "overlapped a2a", "dualpipe"});
}

}  // namespace

const std::string& KnownNames::gpu(std::string_view words) {
  return gpu_names_.of(words, [words] { return gpu_meant(words, shipped_names(shipped_folder() / "gpus")); });
}

const Gpu& KnownNames::gpu_file(std::string_view name) {
  return gpus_.of(name, [name] { return find_gpu(std::string(name)); });
}

Precision KnownNames::precision(std::string_view words) {
  return precisions_.of(words, [words] { return parse_precision(words); });
}

const Transformer* KnownNames::model(std::string_view words) {
  return models_.of(words, [words]() -> const Transformer* {
    const std::string file = model_meant(words, shipped_folder() / "models");
    const auto found = std::find_if(shipped_models().begin(), shipped_models().end(),
                                    [&](const Transformer& model) { return model.name == file; });
    return found == shipped_models().end() ? nullptr : &*found;
  });
}

const Transformer* KnownNames::model_of(const Transformer& shape) { return model_of_shape(shipped_models(), shape); }

const RanBy& KnownNames::ran_by(std::string_view source, std::string_view caveat, std::string_view sharding,
                                std::string_view gpu, std::optional<bool> fuses) {
  words_ = !fuses ? "-" : *fuses ? "1" : "0";
  for (const std::string_view part : {source, caveat, sharding, gpu}) {
    words_ += part;
    words_ += '\n';
  }
  return known_stacks_.of(words_, [&] {
    const Stack* named = stack_of(stacks_, fmt::format("{}; {}", source, caveat));
    RanBy ran{named != nullptr ? named : usual_stack(stacks_, sharding, gpu),
              fuses.value_or(says(caveat, {"flash", "xformers"})), names_expert_overlap(caveat)};
    if (ran.stack == nullptr && ran.fuses_attention) {
      ran.stack = stack_of(stacks_, fmt::format("attention: fused; gpu: {}", gpu));
    }
    return ran;
  });
}

}  // namespace hockney::predict
